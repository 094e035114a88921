// The options of user-knn and item-knn.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/knn.hpp>
#include <tusk/model.hpp>

namespace tusk::cli {

class KnnOptions {
 public:
  void declare(CLI::App& app);
  const std::vector<const CLI::Option*>& declared() const { return declared_; }

  // The defaults of the kind of model, with what was given.
  KnnParams params(ModelKind kind) const;

 private:
  std::optional<std::string> similarity_;
  std::optional<float> shrinkage_;
  std::optional<int> min_support_;
  std::optional<std::string> centring_;
  std::optional<int> neighbours_;
  std::optional<int> min_neighbours_;
  std::optional<std::string> policy_;
  std::optional<float> weight_shrinkage_;
  std::vector<const CLI::Option*> declared_;
};

}  // namespace tusk::cli
