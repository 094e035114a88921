// What training run by run is given of a model.
#pragma once

#include <cstdint>

#include <tusk/types.hpp>

#include "backend/user_run.hpp"
#include "cuda/packed_rating.hpp"
#include "model/sgd_update.hpp"
#include "model_rows.hpp"

namespace tusk {

struct HogwildArguments {
  ModelRows rows;
  SgdRates rates;
  LabelMask train;  // if there are labels: those that are trained on
  const UserRun* runs = nullptr;
  const PackedRating* rating = nullptr;  // the one numbered first_rating, and on
  const Label* label = nullptr;          // of those ratings; null to train on all
  std::uint64_t run_count = 0;
  std::uint64_t first_run = 0;  // the number of runs[0] among all runs
  std::int64_t first_rating = 0;
  // Runs are taken in the order first, first + step, ... modulo run_count.
  std::uint64_t order_first = 0;
  std::uint64_t order_step = 1;
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  // How many runs warps that share them have taken; 0 before the launch.
  unsigned long long* taken = nullptr;
  ErrorSums* error = nullptr;  // by warp: added to
};

}  // namespace tusk
