// Options of training for tests that are about several kinds of models.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <tusk/model.hpp>
#include <tusk/train.hpp>

namespace tusk::test {

// The defaults of a model but for those of the values that it has.
inline TrainOptions options_of(
    std::string_view model,
    std::initializer_list<std::pair<std::string_view, ParameterValue>> values = {}) {
  TrainOptions options(model);
  for (const auto& [name, value] : values) {
    if (options.algorithm().find(name) != nullptr) options.set(name, value);
  }
  return options;
}

inline bool has_neighbours(std::string_view model) {
  return find_algorithm(model).capabilities.has_neighbours;
}

inline TrainOptions knn_options(KnnRows rows, const KnnParams& params) {
  if (rows == KnnRows::users) return UserKnnOptions(params);
  return ItemKnnOptions(params);
}

inline TrainOptions knn_options(std::string_view model, const KnnParams& params) {
  return knn_options(model == UserKnnOptions::kModel ? KnnRows::users : KnnRows::items, params);
}

}  // namespace tusk::test
