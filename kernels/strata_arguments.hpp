// What the deterministic kernel is given.
#pragma once

#include <cstdint>

#include <tusk/types.hpp>

#include "cuda/packed_rating.hpp"
#include "model/sgd_update.hpp"
#include "model_rows.hpp"

namespace tusk {

struct StrataArguments {
  ModelRows rows;
  SgdRates rates;
  LabelMask train;                      // if there are labels: those that are trained on
  const std::int64_t* first = nullptr;  // by block of ratings; one more at the end
  const BlockRating* rating = nullptr;
  const Label* label = nullptr;           // null to train on all
  const Index* first_user_row = nullptr;  // by stripe
  const Index* first_item_row = nullptr;
  // As in BlockOrder.
  const int* user_stripe = nullptr;
  const int* item_stripe = nullptr;
  int stripes = 1;
  int round = 0;
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  ErrorSums* error = nullptr;  // by place in the round: added to
};

}  // namespace tusk
