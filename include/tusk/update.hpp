// New ratings, users and items in a model that was trained before.
#pragma once

#include <cstdint>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

struct UpdateOptions {
  // Of a model with factors: passes of stochastic gradient descent over the new ratings when all of
  // them have joined, 0 or more. They change the factors of known items, too.
  int epochs = 0;
};

struct UpdateReport {
  std::int64_t ratings = 0;   // that have joined
  std::int64_t repeated = 0;  // that the model was trained on before; see update_model()
  Index new_users = 0;
  Index new_items = 0;
  Index changed_users = 0;  // known before, with new ratings
};

// A model that knows `data`, too.
// * Of a model with factors, users with new ratings and new items are folded in
//   (src/model/factor_prior.hpp); without epochs, items that it knows keep their factors. New
//   ratings update a known user's vector; the old ones need not be in `data`, and ratings that are
//   in both are left out.
// * Biases are folded in the same way, each side once: exact for `popular`, near training on all
//   ratings for `bias`.
// * A model that keeps its ratings is trained again on all of them, with the new rating where a
// user
//   rates an item again. Content models keep the vectors of known items.
// The catalogue is the data's where it knows something of an item, else the model's. The mean of
// all ratings stays in models that do not keep ratings. Throws UsageError for epochs below 0 or of
// a model without factors, InputError for a rating off the model's scale and for data without a
// rating that is new, DivergedError, Interrupted.
Model update_model(Device& device, const Model& model, const Dataset& data,
                   const UpdateOptions& options = {}, UpdateReport* report = nullptr);

}  // namespace tusk
