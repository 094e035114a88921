// Lists made of what a user is exposed to and how the user will like it.
#pragma once

#include <span>

#include <tusk/models.hpp>
#include <tusk/types.hpp>

namespace tusk {

// How much an item counts if the user is exposed to it: the chance of a rating above the middle,
// Phi((rating - middle) / spread), to a power; see Fusion::exposure.
class Preference {
 public:
  // By the ratings that the model was trained on.
  Preference(const HybridOptions& options, RatingScale scale, std::span<const float> ratings);

  double operator()(double rating) const;

 private:
  double middle_;
  double spread_;
  double power_;
};

}  // namespace tusk
