// What is done with a model before and after an epoch. Starts work on a stream; neither allocates
// nor waits.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include <tusk/backend.hpp>

#include "model_rows.hpp"
#include "support/philox.hpp"

namespace tusk {

// The factors that training starts from, into rows of zeros.
struct InitialFactors {
  unsigned char* rows = nullptr;
  std::size_t stride = 0;
  Index count = 0;                   // of rows
  const Index* id_of_row = nullptr;  // null if they are numbered as users or items are
  int factors = 0;
  std::uint64_t seed = 0;
  RandomUse use = RandomUse::initial_user_factors;
  float standard_deviation = 0;
};

void launch_initial_factors(Precision precision, const InitialFactors& initial,
                            cudaStream_t stream);

// Squared errors of predictions that are clipped to the scale.
struct ValidationArguments {
  ModelRows rows;
  const Index* user = nullptr;  // rows
  const Index* item = nullptr;
  const float* rating = nullptr;
  std::int64_t count = 0;
  RatingScale scale;
  ErrorSum* error = nullptr;  // by block of threads, kValidationBlocks: added to
};

inline constexpr int kValidationBlocks = 1024;

void launch_validation(Precision precision, const ValidationArguments& arguments,
                       cudaStream_t stream);

// Adds up `count` sums, in one order always.
void launch_error_total(const ErrorSum* sums, int count, ErrorSum* total, cudaStream_t stream);

// Whether this GPU can run the kernels.
cudaError_t find_kernels();

}  // namespace tusk
