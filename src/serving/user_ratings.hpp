// What a user who was trained has rated.
#pragma once

#include <span>
#include <vector>

#include <tusk/model.hpp>

namespace tusk {

struct UserRatings {
  std::span<const Index> item;  // ascending; the model's
  std::vector<float> rating;    // of each of them
  // Whether the model does not keep its ratings, and these are as it predicts them, unclipped.
  bool predicted = false;
};

// The training ratings of a user of the model; `predictor` is the model's.
UserRatings ratings_of_user(const Model& model, const Predictor& predictor, Index user);

}  // namespace tusk
