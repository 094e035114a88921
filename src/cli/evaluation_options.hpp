// The options that say how models are judged: the order of lists, their metrics, folds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/list_order.hpp>
#include <tusk/metric.hpp>
#include <tusk/partition.hpp>
#include <tusk/ranking.hpp>

#include "cli/console.hpp"
#include "cli/training_options.hpp"

namespace tusk::cli {

class ListOrderFlags {
 public:
  void declare(CLI::App& app);

  // Throws UsageError.
  ListOrder order() const;
  // What is not given is as the model has it, see order_of().
  ListOrder order(const Model& model) const;

  // What is given: names without dashes and their values.
  Settings given() const;

 private:
  const CLI::Option* by_option_ = nullptr;
  const CLI::Option* prior_option_ = nullptr;
  const CLI::Option* risk_option_ = nullptr;
  std::string by_ = std::string(to_string(RankBy::rating));
  std::string prior_ = to_string(SupportPrior());
  std::string risk_ = "0";
};

// The name of the option for the lowest rating that means "liked". Models have a parameter of that
// name; a command that declares both has one option for them.
inline constexpr const char* kRelevance = "relevance";

class RankingFlags {
 public:
  static constexpr const char* kGroup = "Ranking metrics";  // in help

  // `top` is the name of the option for the length of a list. After TrainingOptions::declare().
  void declare(CLI::App& app, const std::string& top = "--top");

  // nullopt where no ranking is wanted. `seed` draws sampled candidates. Throws UsageError.
  std::optional<RankingOptions> options(std::uint64_t seed) const;

  // The same; without errors there must be lists to judge, or UsageError is thrown.
  std::optional<RankingOptions> options(std::uint64_t seed, bool has_errors) const;

  // The same where a metric is what counts: lists are as long as it asks for. Throws UsageError if
  // it judges lists and none are wanted.
  std::optional<RankingOptions> options(std::uint64_t seed, const Metric& metric) const;

  // The metric of this name; the usual one of the models if it is empty. Throws UsageError.
  Metric metric(const std::string& name, std::span<const AlgorithmInfo* const> models,
                bool lists_alone) const;

  const ListOrderFlags& order() const { return order_; }

  // Warns of figures that mean little: by the scale of ratings, unless these are weights, or by the
  // candidates.
  void warn(const Console& console, RatingScale scale, bool of_weights) const;

 private:
  void declare_relevance(CLI::App& app);
  std::optional<float> relevance() const;
  // Of --top, without repeats; 0 alone where no lists are wanted. Throws UsageError.
  std::vector<int> lengths() const;

  const CLI::Option* top_option_ = nullptr;
  std::string top_ = std::to_string(RankingOptions().k);
  const CLI::Option* relevance_option_ = nullptr;
  std::string gain_ = std::string(to_string(Gain::binary));
  std::string candidates_ = to_string(CandidatePolicy());
  ListOrderFlags order_;
};

// What an option for a metric says of itself: `what` is judged by it.
std::string metric_help(std::string_view what);

// --fold-in, of splits by users.
class FoldInFlag {
 public:
  // `split` is the option that names the split.
  void declare(CLI::App& app, const std::string& split);

  // Sets the fraction of a split by users if it is given. Throws UsageError if it is and the split
  // is another.
  void set(double& fraction, bool by_users) const;

 private:
  std::optional<double> value_;
};

// --seeds, in place of --seed.
class SeedsFlag {
 public:
  void declare(CLI::App& app);

  bool given() const { return !text_.empty(); }
  // Those given, or that of `training`. Throws UsageError if both are given.
  std::vector<std::uint64_t> seeds(const TrainingOptions& training) const;
  // "kfold:5 seeds 1..5".
  std::string description(const FoldsSpec& spec) const;

 private:
  std::string text_;
};

class FoldOptions {
 public:
  void declare(CLI::App& app);
  // And those that set a test part aside.
  void declare_test(CLI::App& app);

  // Whether --test-fold is "all": each fold in turn.
  bool every_fold_tests() const { return test_fold_ == "all"; }

  // Whether there are no errors to measure: users are held out.
  bool judges_lists_alone() const { return spec().kind == FoldsSpec::Kind::users; }

  // Without a test fold, where each is one in turn. Throws UsageError.
  FoldsSpec spec() const;

  // The folds, or with a test fold in turn those of every turn. Throws as make_folds().
  std::vector<Partition> divide(const Dataset& data, std::uint64_t seed) const;

 private:
  std::string folds_ = "5";
  std::optional<double> test_;
  std::string test_fold_;
  FoldInFlag fold_in_;
};

}  // namespace tusk::cli
