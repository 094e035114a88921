// The options that say what to train and how, made from the tables of all models.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/train.hpp>

#include "cli/command.hpp"

namespace tusk::cli {

class TrainingOptions {
 public:
  // For a search without what a search has no use for; for a comparison without the model.
  enum class For { training, search, comparison };
  void declare(CLI::App& app, For purpose = For::training);

  // Whether a model has the option: those of training are not of all of them.
  bool concerns(const CLI::Option* option, const AlgorithmInfo& model) const;

  // Unless --model is given, takes one that makes lists where the data is of clicks or counts.
  // Before everything that depends on the model.
  void choose_model(bool implicit);
  // Says so if that was done.
  void note_model(const Console& console) const;

  // As Command::check_given.
  void check_given(const GivenOptions& given) const;
  // Warns of those given that had no effect on the model, because of what its training chose for
  // itself: with --collaborative auto, a learner.
  void warn_of_idle(const Console& console, const GivenOptions& given, const Model& model) const;

  // Of --model, checked; or of a model with those of the options given that it has, of which a
  // search may change some.
  TrainOptions options() const;
  TrainOptions options_of(std::string_view model) const;
  const AlgorithmInfo& model() const { return find_algorithm(model_); }
  std::uint64_t seed() const { return seed_; }
  bool seed_given() const { return seed_option_->count() > 0; }

  // What is given, wherever: names without dashes and their values.
  Settings given() const;

 private:
  struct Flag {
    std::string name;
    std::string text;    // of an option with a value
    bool value = false;  // of one without
    const CLI::Option* option = nullptr;
  };
  void declare(CLI::App& app, const Parameter& parameter);
  static bool is_shared(const Flag& flag);

  std::string model_{MfOptions::kModel};
  bool chosen_ = false;  // by choose_model()
  std::uint64_t seed_ = TrainOptions().seed;
  const CLI::Option* model_option_ = nullptr;
  const CLI::Option* seed_option_ = nullptr;
  std::deque<Flag> flags_;  // at addresses that stay
};

// Those of `settings` that the model has. Throws ParameterError for a value that it does not take.
void set_known(TrainOptions& options, const Settings& settings);

// Warns where early stopping had not come when the epochs were used up.
void warn_of_cap(const Console& console, const AlgorithmInfo& algorithm);
// Warns where the largest split R-hat says that chains have not forgotten their starts.
void warn_of_mixing(const Console& console, double r_hat);

}  // namespace tusk::cli
