#include "cli/evaluation_options.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>
#include <tusk/recommend.hpp>

#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {

void ListOrderFlags::declare(CLI::App& app) {
  by_option_ = app.add_option(
      "--rank-by", by_,
      "order lists by the predicted rating, or those of user-knn and item-knn by the sum "
      "over neighbours of similarity times rating (less its centre, by --centring): rating, "
      "sum; with --implicit theirs are always by sums");
  prior_option_ = app.add_option(
      "--support-prior", prior_,
      "S[:SCORE]: for the order of lists, the score of an item with n training ratings is "
      "drawn towards SCORE by n / (n + S), so that items few have rated come later; SCORE "
      "is the middle of the scale if not given, or 0 with --rank-by sum");
  risk_option_ = app.add_option(
      "--risk", risk_,
      "-1 to 1, of models that know deviations (bayes): order lists by the predicted rating plus "
      "so many of its deviations; below 0 sure items come first, above 0 surprising ones");
}

ListOrder ListOrderFlags::order() const {
  return {parse_rank_by(by_), parse_support_prior(prior_), parse_risk(risk_)};
}

ListOrder ListOrderFlags::order(const Model& model) const {
  const ListOrder own = order();
  ListOrder order = order_of(model);
  if (by_option_->count() > 0 && own.by != order.by) order = {own.by, {}, order.risk};
  if (prior_option_->count() > 0) order.prior = own.prior;
  if (risk_option_->count() > 0) order.risk = own.risk;
  return order;
}

Settings ListOrderFlags::given() const {
  Settings settings;
  if (by_option_->count() > 0) settings.emplace_back("rank-by", by_);
  if (prior_option_->count() > 0) settings.emplace_back("support-prior", prior_);
  if (risk_option_->count() > 0) settings.emplace_back("risk", risk_);
  return settings;
}

void RankingFlags::declare(CLI::App& app, const std::string& top) {
  const Heading heading(app, kGroup);
  top_option_ = app.add_option(top, top_,
                               "judge lists of so many best items, or several lengths, 5,10,20; 0 "
                               "judges none");
  declare_relevance(app);
  app.add_option("--candidate-policy", candidates_,
                 "what lists are chosen from: all-unseen (all items that the user has not rated in "
                 "training), rated-only (the user's test items), sampled:N (relevant test items "
                 "and N random others)");
  app.add_option("--gain", gain_,
                 "what a relevant item adds to NDCG: binary (1), linear (its rating, as trec_eval "
                 "has it), exponential (2^rating - 1)");
  order_.declare(app);
}

void RankingFlags::declare_relevance(CLI::App& app) {
  std::string help = fmt::format(
      "the lowest test rating that makes an item relevant (default: {} on scales that end between "
      "4 and 5, the same place on others; with --implicit every test item is relevant)",
      kUsualRelevance);
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

std::vector<int> RankingFlags::lengths() const {
  std::vector<int> lengths;
  const auto parts = split_text(top_, ",");
  for (const auto part : parts) {
    const auto length = parse_int(trimmed(part));
    if (!length || *length < (parts.size() == 1 ? 0 : 1) || *length > kMostRecommendations) {
      throw ParameterError("top", short_text(top_),
                           fmt::format("a length of lists from 1 to {}, several such as 5,10,20, "
                                       "or 0",
                                       kMostRecommendations));
    }
    if (std::count(lengths.begin(), lengths.end(), *length) == 0) lengths.push_back(*length);
  }
  return lengths;
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed) const {
  RankingOptions options;
  options.relevance = relevance();
  options.candidates = parse_candidates(candidates_);
  options.seed = seed;
  options.order = order_.order();
  options.gain = parse_gain(gain_);
  options.other_k = lengths();
  const bool none = options.other_k.front() == 0;
  if (!none) options.k = options.other_k.front();
  options.other_k.erase(options.other_k.begin());
  check_ranking_options(options);
  if (none) return std::nullopt;
  return options;
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed, bool has_errors) const {
  auto ranking = options(seed);
  if (!ranking && !has_errors) {
    throw UsageError("--top 0 judges no lists, and the model only ranks: leave it out");
  }
  return ranking;
}

Metric RankingFlags::metric(const std::string& name, std::span<const AlgorithmInfo* const> models,
                            bool lists_alone) const {
  if (name.empty()) {
    const int k = lengths().front();
    return usual_metric(models, lists_alone, k == 0 ? RankingOptions().k : k);
  }
  const Metric metric = parse_metric(name);
  for (const AlgorithmInfo* model : models) check_metric(metric, *model, lists_alone);
  return metric;
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed,
                                                    const Metric& metric) const {
  auto ranking = options(seed);
  if (!metric.of_lists()) return ranking;
  if (!ranking) throw UsageError("--top 0 judges no lists; leave it out");
  if (top_option_->count() > 0) ranking->other_k.insert(ranking->other_k.begin(), ranking->k);
  std::erase(ranking->other_k, metric.k);
  ranking->k = metric.k;
  return ranking;
}

void RankingFlags::warn(const Console& console, RatingScale scale, bool of_weights) const {
  if (lengths().front() == 0) return;
  if (!relevance() && !of_weights && (scale.high < kUsualRelevance || scale.high > 5)) {
    console.warn(
        fmt::format("ratings go from {:g} to {:g}, and an item is relevant from {:g}, the place of "
                    "4 between 1 and 5: set --relevance to a rating that means \"liked\"",
                    scale.low, scale.high, usual_relevance(scale)));
  }
  if (parse_candidates(candidates_).kind == CandidatePolicy::Kind::sampled) {
    console.warn(
        "ranking metrics over sampled candidates compare with nothing but the same sample's, and "
        "may order models otherwise than all candidates do");
  }
}

std::string metric_help(std::string_view what) {
  return fmt::format(
      "what {} by: {} (default: {}; ndcg@10 where a model only ranks, and with --implicit)", what,
      metric_names(), to_string(Metric()));
}

void SeedsFlag::declare(CLI::App& app) {
  app.add_option(
         "--seeds", text_,
         "in place of --seed: do everything with each of these, 1..5 or 1,2,7, and tell the "
         "mean and the standard deviation over them")
      ->group("Model");
}

std::vector<std::uint64_t> SeedsFlag::seeds(const TrainingOptions& training) const {
  if (!given()) return {training.seed()};
  if (training.seed_given()) throw UsageError("--seed has no effect beside --seeds");
  return parse_seeds(text_);
}

std::string SeedsFlag::description(const FoldsSpec& spec) const {
  return fmt::format("{} seeds {}", to_string(spec), text_);
}

void FoldInFlag::declare(CLI::App& app, const std::string& split) {
  app.add_option(
         "--fold-in", value_,
         fmt::format("with {} users:N: the share of each held-out user's ratings that the "
                     "user is folded in by, before the list is judged by the rest (default: "
                     "{})",
                     split, kUsualFoldIn))
      ->check(number_between(0, 1));
}

void FoldInFlag::set(double& fraction, bool by_users) const {
  if (!value_) return;
  if (!by_users) throw UsageError("--fold-in has no effect without users:N");
  fraction = *value_;
}

void FoldOptions::declare(CLI::App& app) {
  app.add_option(
      "--folds", folds_,
      "a number of random folds, or kfold:K; official (u1 .. u5 of ml-100k); time[:F], one fold of "
      "each user's latest ratings, a fraction F or 0.2 of them; users:N, one fold, all "
      "ratings of N users");
  fold_in_.declare(app, "--folds");
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
  fold_in_.set(spec.fraction, spec.kind == FoldsSpec::Kind::users);
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
