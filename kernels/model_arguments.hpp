// What the kernels are given that start and measure a model.
#pragma once

#include <cstdint>

#include <tusk/types.hpp>

#include "model_rows.hpp"
#include "support/philox.hpp"

namespace tusk {

// The factors that training starts from, into rows of zeros, which those without ratings keep.
struct InitialFactors {
  unsigned char* rows = nullptr;
  std::size_t stride = 0;
  Index count = 0;                      // of rows
  const Index* id_of_row = nullptr;     // null if they are numbered as users or items are
  const std::uint8_t* rated = nullptr;  // by user or item: whether it has ratings; null if all have
  int factors = 0;
  std::uint64_t seed = 0;
  RandomUse use = RandomUse::initial_user_factors;
  float standard_deviation = 0;
};

// Some users' or items' parameters without padding, in the order of users or items.
struct RowsToUnpack {
  const unsigned char* rows = nullptr;
  const float* bias = nullptr;
  std::size_t stride = 0;
  const Index* row_of = nullptr;  // by user or item; null if rows are numbered as they are
  Index first = 0;                // user or item
  Index count = 0;
  int factors = 0;
  float* factor_out = nullptr;  // [count, factors]
  float* bias_out = nullptr;    // [count]
};

// Errors of predictions that are clipped to the scale.
struct ValidationArguments {
  ModelRows rows;
  const Index* user = nullptr;  // rows
  const Index* item = nullptr;
  const float* rating = nullptr;
  std::int64_t count = 0;
  RatingScale scale;
  ErrorSums* error = nullptr;  // by warp: added to
};

}  // namespace tusk
