// What to train: a model by its name and its hyper-parameters.
#pragma once

#include <any>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <tusk/parameters.hpp>

namespace tusk {

// What a kind of model can do.
struct Capabilities {
  bool one_list_for_all = false;  // users make no difference
  bool has_neighbours = false;    // RankBy::sum
  bool compares_items = false;    // similar_items()
  bool has_epochs = false;        // with a parameter "epochs"
  bool uses_gpu = false;          // in training
  bool uses_content = false;      // it compares items by what is known of them beside ratings
  bool has_parts = false;         // Predictor::rank_with_parts()
  bool serves_unknown_users =
      false;                      // users without training ratings get a list of the model's own
  bool only_ranks = false;        // scores order lists and are no ratings
  bool resumes = false;           // training writes checkpoints and goes on from them
  std::string step = "epoch";     // what one pass of training is called
  bool knows_deviations = false;  // Predictor::deviations(), of a model that keeps draws
  // What lists are ordered by, as the end of a sentence, where it is no rating; else empty.
  std::string order = {};
};

// A kind of model.
struct AlgorithmInfo {
  std::string name;                  // "mf"
  std::string summary;               // "biased matrix factorization"
  std::vector<std::string> aliases;  // names that other programs give it
  Capabilities capabilities;
  std::vector<Parameter> parameters;

  const Parameter* find(std::string_view parameter) const;  // by any of its names; null: none
};

// The name of a parameter and the text of its value.
using Setting = std::pair<std::string, std::string>;
using Settings = std::vector<Setting>;

class Algorithm;

// In the order of tables.
std::vector<const AlgorithmInfo*> algorithms();
// By name or alias, in any case. Throws UsageError, which lists them.
const AlgorithmInfo& find_algorithm(std::string_view name);

// A page in Markdown about the parameters of all models.
std::string parameter_reference();

// Options of a model of its own, such as MfOptions.
template <class Options>
concept ModelOptions = requires {
  { Options::kModel } -> std::convertible_to<std::string_view>;
};

// The seed and the parameters that have a value, "seed=1 factors=200 ...", as a model's metadata
// holds them. parse_options() reads it back; it throws ParameterError.
class TrainOptions;
std::string to_string(const TrainOptions& options);
TrainOptions parse_options(std::string_view model, std::string_view text);

// A whole number from 0 to 2^64 - 1. Throws ParameterError.
std::uint64_t parse_seed(std::string_view text);

class TrainOptions {
 public:
  TrainOptions() : TrainOptions("mf") {}
  // The defaults of a model. Throws UsageError.
  explicit TrainOptions(std::string_view model);
  // A model's own options, with the model that they are of.
  template <ModelOptions Options>
  TrainOptions(Options options) : TrainOptions(Options::kModel) {
    options_ = std::move(options);
  }

  const AlgorithmInfo& algorithm() const;
  const Algorithm& implementation() const { return *algorithm_; }
  const std::string& model() const { return algorithm().name; }

  // The model's own options, which are of this type.
  template <ModelOptions Options>
  Options& as() {
    return std::any_cast<Options&>(options_);
  }
  template <ModelOptions Options>
  const Options& as() const {
    return std::any_cast<const Options&>(options_);
  }
  const std::any& values() const { return options_; }

  // By the name of a parameter. Throws ParameterError, also for one that the model does not have.
  void set(std::string_view name, const ParameterValue& value);
  void set_text(std::string_view name, std::string_view text);
  std::optional<ParameterValue> get(std::string_view name) const;

  // Throws ParameterError for a value that is out of range or makes no sense beside the others.
  void check() const;

  std::uint64_t seed = 1;  // of everything random in training

  bool operator==(const TrainOptions& other) const { return key() == other.key(); }
  bool operator<(const TrainOptions& other) const { return key() < other.key(); }

 private:
  using Key = std::tuple<std::string, std::uint64_t, std::vector<std::optional<ParameterValue>>>;
  Key key() const;
  const Parameter& parameter(std::string_view name) const;

  const Algorithm* algorithm_;
  std::any options_;
};

}  // namespace tusk
