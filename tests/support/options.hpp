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

inline TrainOptions knn_options(ModelKind kind, const KnnParams& params) {
  if (kind == ModelKind::user_knn) return UserKnnOptions(params);
  return ItemKnnOptions(params);
}

}  // namespace tusk::test
