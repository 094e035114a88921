#include "cli/evaluation_options.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/recommend.hpp>

#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {

void ListOrderFlags::declare(CLI::App& app) {
  by_option_ = app.add_option(
      "--rank-by", by_,
      "order lists by the predicted rating, or those of user-knn and item-knn by the sum "
      "over neighbours of similarity times rating (less its centre, by --centring): rating, "
      "sum");
  prior_option_ = app.add_option(
      "--support-prior", prior_,
      "S[:SCORE]: for the order of lists, the score of an item with n training ratings is "
      "drawn towards SCORE by n / (n + S), so that items few have rated come later; SCORE "
      "is the middle of the scale if not given, or 0 with --rank-by sum");
}

ListOrder ListOrderFlags::order() const {
  return {parse_rank_by(by_), parse_support_prior(prior_)};
}

Settings ListOrderFlags::given() const {
  Settings settings;
  if (by_option_->count() > 0) settings.emplace_back("rank-by", by_);
  if (prior_option_->count() > 0) settings.emplace_back("support-prior", prior_);
  return settings;
}

void RankingFlags::declare(CLI::App& app, const std::string& top) {
  const Heading heading(app, kGroup);
  app.add_option(top, top_, "judge lists of so many best items; 0 judges none")
      ->check(whole_number(0, kMostRecommendations));
  declare_relevance(app);
  app.add_option("--candidate-policy", candidates_,
                 "what lists are chosen from: all-unseen (all items that the user has not rated in "
                 "training), rated-only (the user's test items), sampled:N (relevant test items "
                 "and N random others)");
  order_.declare(app);
}

void RankingFlags::declare_relevance(CLI::App& app) {
  std::string help = fmt::format("the lowest test rating that makes an item relevant (default: {})",
                                 RankingOptions().relevance);
  CLI::Option* option = app.get_option_no_throw(with_dashes(kRelevance));
  if (option == nullptr) {
    option = app.add_option(with_dashes(kRelevance))->check(any_number())->type_name("FLOAT");
  } else {
    help += fmt::format("; in training, {}", option->get_description());
  }
  relevance_option_ = option->description(help)->group(kGroup);
}

std::optional<float> RankingFlags::relevance() const {
  if (relevance_option_->count() == 0) return std::nullopt;
  return relevance_option_->as<float>();
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed) const {
  RankingOptions options;
  options.relevance = relevance().value_or(options.relevance);
  options.candidates = parse_candidates(candidates_);
  options.seed = seed;
  options.order = order_.order();
  if (top_ != 0) options.k = top_;
  check_ranking_options(options);
  if (top_ == 0) return std::nullopt;
  return options;
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed,
                                                    const Metric& metric) const {
  auto ranking = options(seed);
  if (!metric.of_lists()) return ranking;
  if (!ranking) throw UsageError("--top 0 judges no lists; leave it out");
  ranking->k = metric.k;
  return ranking;
}

void RankingFlags::warn(const Console& console, RatingScale scale) const {
  if (top_ == 0) return;
  const float usual = RankingOptions().relevance;
  if (!relevance() && (scale.high < usual || scale.high > 5)) {
    console.warn(
        fmt::format("ratings go from {:g} to {:g}, and an item is relevant from {:g}: set "
                    "--relevance to a rating that means \"liked\"",
                    scale.low, scale.high, usual));
  }
  if (parse_candidates(candidates_).kind == CandidatePolicy::Kind::sampled) {
    console.warn(
        "ranking metrics over sampled candidates compare with nothing but the same sample's, and "
        "may order models otherwise than all candidates do");
  }
}

void FoldOptions::declare(CLI::App& app) {
  app.add_option(
      "--folds", folds_,
      "a number of random folds, or kfold:K; official (u1 .. u5 of ml-100k); time[:F], one fold of "
      "each user's latest ratings, a fraction F or 0.2 of them");
}

void FoldOptions::declare_test(CLI::App& app) {
  app.add_option("--test", test_,
                 "set a fraction of the ratings aside, at random or with --folds time the latest, "
                 "keep it out of the whole search, and measure the result on it once")
      ->check(number_between(0, 1));
  app.add_option("--test-fold", test_fold_,
                 "the same with a fold, from 1; or all, for a search without each fold in turn "
                 "(nested cross-validation)");
}

FoldsSpec FoldOptions::spec() const {
  FoldsSpec spec;
  try {
    spec = parse_folds(folds_);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--folds: {}", error.what()));
  }
  spec.test_fraction = test_;
  if (test_fold_.empty() || every_fold_tests()) {
    if (test_ && every_fold_tests()) throw UsageError("--test-fold all leaves no room for --test");
    return spec;
  }
  spec.test_fold = parse_int(test_fold_);
  if (!spec.test_fold) {
    throw UsageError(fmt::format("--test-fold {} is neither the number of a fold nor all",
                                 short_text(test_fold_)));
  }
  return spec;
}

std::vector<Partition> FoldOptions::divide(const Dataset& data, std::uint64_t seed) const {
  if (every_fold_tests()) return make_nested_folds(data, spec(), seed);
  return {make_folds(data, spec(), seed)};
}

}  // namespace tusk::cli
