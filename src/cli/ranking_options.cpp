#include "cli/ranking_options.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/recommend.hpp>

#include "cli/validators.hpp"

namespace tusk::cli {

void RankingFlags::declare(CLI::App& app, const std::string& top) {
  const std::string group = "Ranking metrics";
  app.add_option(top, top_, "judge lists of so many best items; 0 judges none")
      ->check(whole_number(0, kMostRecommendations))
      ->capture_default_str()
      ->group(group);
  app.add_option("--relevance", relevance_,
                 fmt::format("the lowest test rating that makes an item relevant (default: {})",
                             RankingOptions().relevance))
      ->check(any_number())
      ->group(group);
  app.add_option("--candidate-policy", candidates_,
                 "what lists are chosen from: all-unseen (all items that the user has not rated in "
                 "training), rated-only (the user's test items), sampled:N (relevant test items "
                 "and N random others)")
      ->capture_default_str()
      ->group(group);
  order_.declare(app, group);
}

std::optional<RankingOptions> RankingFlags::options(std::uint64_t seed) const {
  RankingOptions options;
  options.relevance = relevance_.value_or(options.relevance);
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

std::string RankingFlags::text() const {
  return fmt::format("relevant from {:g}, candidates {}",
                     relevance_.value_or(RankingOptions().relevance), candidates_);
}

void RankingFlags::warn(const Console& console, RatingScale scale) const {
  if (top_ == 0) return;
  const float usual = RankingOptions().relevance;
  if (!relevance_ && (scale.high < usual || scale.high > 5)) {
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

}  // namespace tusk::cli
