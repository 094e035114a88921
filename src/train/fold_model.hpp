// The model of a fold, without ids and titles: to be measured and forgotten.
#pragma once

#include <optional>

#include <tusk/folds.hpp>
#include <tusk/model.hpp>

#include "train/items_of_part.hpp"

namespace tusk {

inline Model fold_model(const Dataset& data, const Folds& folds, std::size_t fold, ModelKind kind,
                        MfState state, std::optional<KnnState> knn) {
  return {kind, std::move(state), items_of_part(data, folds.label, folds.train(fold)), data.scale,
          std::move(knn)};
}

}  // namespace tusk
