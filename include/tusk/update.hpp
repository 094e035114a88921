// New ratings, users and items in a model that was trained before.
#pragma once

#include <cstdint>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

struct UpdateOptions {
  // Of a model with factors: passes of stochastic gradient descent over the ratings of the update
  // when all of them have joined, 0 or more.
  int epochs = 0;
};

struct UpdateReport {
  std::int64_t ratings = 0;   // that have joined
  std::int64_t repeated = 0;  // that the model was trained on before; see update_model()
  Index new_users = 0;
  Index new_items = 0;
  Index changed_users = 0;  // known before, with new ratings
};

// A model that knows `data`, too. Users with new ratings and new items are folded in
// (src/model/factor_prior.hpp); items that the model knows keep their factors, and the mean of all
// ratings stays. A known user's new ratings change what the old ones made of the user: the old
// ratings need not be in `data`. Where a user rates an item again, a model that keeps ratings takes
// the new rating, and another leaves it out. Models without factors are what training on all
// ratings makes of them, but for the mean. Throws InputError for a rating off the model's scale and
// for data without a rating that is new.
Model update_model(Device& device, const Model& model, const Dataset& data,
                   const UpdateOptions& options = {}, UpdateReport* report = nullptr);

}  // namespace tusk
