// The inner loops of training, compiled once for each instruction set. What they share with other
// code is plain data and formulas that are always inlined (see TUSK_HD).
#pragma once

#include <cstddef>

#include <tusk/types.hpp>

#include "cpu/rating_blocks.hpp"
#include "model/sgd_update.hpp"

namespace tusk {

inline constexpr int kLanes = 16;  // floats that the kernels handle as one vector

// The parameters of one model in training. Rows of factors are as in FactorRows.
struct SgdModel {
  float* user_factors = nullptr;
  float* item_factors = nullptr;
  float* user_bias = nullptr;
  float* item_bias = nullptr;
  int vectors = 0;  // of kLanes floats in a row
  float mean = 0;
};

// Runs first, first + step, first + 2 step, ... modulo count, which step has no divisor in common
// with: all of them, in an order that costs no memory.
struct RunOrder {
  const UserRun* runs = nullptr;
  std::size_t count = 0;
  std::size_t first = 0;
  std::size_t step = 1;
};

struct CpuKernels {
  const char* name;  // of the instruction set

  // Trains on the runs in their order, where item[run.first + k], rating[run.first + k] is rating k
  // of a run; behind the last item there are kLookahead more rows that could be one. Returns the
  // sum of the squared errors, each before its update.
  double (*sgd)(const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                const Index* item, const float* rating);

  // The sum of the squared errors of predictions clipped to the scale.
  double (*squared_error)(const SgdModel& model, RatingScale scale, const Index* user,
                          const Index* item, const float* rating, std::size_t count);
};

// The fastest that this processor can run.
const CpuKernels& cpu_kernels();

// All that it can run, slowest first. They give the same bits where they share fused
// multiply-adds: all but "baseline".
std::span<const CpuKernels* const> all_cpu_kernels();

}  // namespace tusk
