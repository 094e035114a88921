// The options that say what to train and how.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/train.hpp>

namespace tusk::cli {

class TrainingOptions {
 public:
  void declare(CLI::App& app);

  // Throws UsageError for an option on the command line that the chosen model does not have.
  void check_given() const;

  TrainOptions options() const;
  std::uint64_t seed() const { return seed_; }

 private:
  std::string model_ = "mf";
  std::uint64_t seed_ = TrainOptions().mf.seed;
  int factors_ = TrainOptions().mf.factors;
  bool no_bias_ = false;
  std::optional<int> epochs_;
  std::optional<float> learning_rate_;
  std::optional<float> user_learning_rate_;
  std::optional<float> item_learning_rate_;
  std::optional<float> bias_learning_rate_;
  std::optional<float> regularization_;
  std::optional<float> user_regularization_;
  std::optional<float> item_regularization_;
  std::optional<float> bias_regularization_;
  float init_std_ = TrainOptions().mf.init_std;
  std::string schedule_ = "constant";
  std::optional<double> decay_;
  std::optional<int> early_stop_;
  double holdout_ = EarlyStopping().holdout;
  std::string after_stop_ = "refit";
  BiasParams damping_;
  std::vector<const CLI::Option*> mf_options_;
  std::vector<const CLI::Option*> bias_options_;
};

}  // namespace tusk::cli
