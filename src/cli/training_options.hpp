// The options that say what to train and how.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/train.hpp>

#include "cli/command.hpp"
#include "cli/knn_options.hpp"

namespace tusk::cli {

class TrainingOptions {
 public:
  // For a search without what is about an inner hold-out, which its folds are; for a comparison
  // without the model.
  enum class For { training, search, comparison };
  void declare(CLI::App& app, For purpose = For::training);

  // Whether a model of the kind has the option: those of one model alone are not of others.
  bool concerns(const CLI::Option* option, ModelKind kind) const;

  // As Command::check_given.
  void check_given(const GivenOptions& given) const;

  TrainOptions options() const;
  ModelKind model() const { return parse_model_kind(model_); }
  std::uint64_t seed() const { return mf_.seed; }

 private:
  int patience() const;

  std::string model_ = "mf";
  MfOptions mf_;
  BiasParams bias_;
  KnnOptions knn_;
  bool no_bias_ = false;
  std::optional<int> epochs_;
  std::optional<float> learning_rate_;
  std::optional<float> regularization_;
  std::string schedule_ = "constant";
  std::optional<double> decay_;
  std::optional<int> early_stop_;
  std::optional<double> holdout_;
  std::optional<std::string> after_stop_;

  struct ModelOption {
    const CLI::Option* option;
    std::vector<ModelKind> models;  // that it belongs to
  };
  std::vector<ModelOption> of_models_;
  std::vector<const CLI::Option*> of_biases_;
  std::vector<const CLI::Option*> of_dampings_;
  std::vector<const CLI::Option*> of_early_stopping_;
};

// Warns where early stopping had not come when the epochs were used up.
void warn_of_cap(const Console& console, const TrainOptions& options, int best_epoch);

}  // namespace tusk::cli
