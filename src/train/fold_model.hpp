// Models of folds, without ids and titles: to be measured and forgotten.
#pragma once

#include <utility>
#include <vector>

#include <tusk/model.hpp>
#include <tusk/partition.hpp>
#include <tusk/train.hpp>

#include "train/items_of_part.hpp"

namespace tusk {

// One model per fold, as fit() trains it but for what only serving needs.
std::vector<FitResult> fit_folds(Device& device, const Dataset& data, const Partition& folds,
                                 const TrainOptions& options, const Observer& observer);

inline Model fold_model(const Dataset& data, const Partition& folds, std::size_t fold,
                        FitResult fit) {
  Model model(std::move(fit.state), items_of_part(data, folds.label, folds.train(fold)),
              data.scale);
  model.catalogue.genres = data.catalogue.genres;  // by which lists are judged
  if (data.report.implicit) model.metadata[kWeightsKey] = "true";
  return model;
}

}  // namespace tusk
