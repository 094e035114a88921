#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <tusk/parameters.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>

#include "support/names.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 3> kGains = {"binary", "linear", "exponential"};

void check_length(int k) {
  if (1 <= k && k <= kMostRecommendations) return;
  throw ParameterError("top",
                       fmt::format("is {}; it must be from 1 to {}", k, kMostRecommendations));
}

}  // namespace

std::string_view to_string(Gain gain) { return name_of(kGains, gain); }

Gain parse_gain(std::string_view text) { return parse_name<Gain>(kGains, text, "a gain"); }

float usual_relevance(RatingScale scale) {
  if (kUsualRelevance <= scale.high && scale.high <= 5) return kUsualRelevance;
  const float place = (kUsualRelevance - 1) / (5 - 1);
  return scale.low + place * (scale.high - scale.low);
}

std::string relevance_text(std::optional<float> relevance) {
  return relevance ? fmt::format("relevant from {:g}", *relevance) : "every test item relevant";
}

CandidatePolicy parse_candidates(std::string_view text) {
  using Kind = CandidatePolicy::Kind;
  const std::string name = canonical_name(text);
  if (name == "all-unseen") return {Kind::all_unseen, 0};
  if (name == "rated-only") return {Kind::rated_only, 0};
  constexpr std::string_view kSampled = "sampled:";
  if (name.starts_with(kSampled)) {
    const auto negatives = parse_int(name.substr(kSampled.size()));
    if (negatives && *negatives >= 1) return {Kind::sampled, *negatives};
  }
  throw UsageError(
      fmt::format("{} is not a candidate policy: it must be one of all-unseen, rated-only and "
                  "sampled:N (N from "
                  "1)",
                  in_quotes(text)));
}

std::string to_string(const CandidatePolicy& policy) {
  switch (policy.kind) {
    case CandidatePolicy::Kind::all_unseen:
      return "all-unseen";
    case CandidatePolicy::Kind::rated_only:
      return "rated-only";
    case CandidatePolicy::Kind::sampled:
      return fmt::format("sampled:{}", policy.negatives);
  }
  return {};
}

void check_ranking_options(const RankingOptions& options) {
  check_length(options.k);
  for (const int k : options.other_k) check_length(k);
  if (options.relevance && !std::isfinite(*options.relevance)) {
    throw ParameterError("relevance",
                         fmt::format("is {}; it must be a number", *options.relevance));
  }
  if (options.candidates.kind == CandidatePolicy::Kind::sampled &&
      options.candidates.negatives < 1) {
    throw UsageError(fmt::format("{} negatives are to be sampled; it must be at least 1",
                                 options.candidates.negatives));
  }
}

std::string protocol_text(const RankingMetrics& metrics) {
  const RankingOptions& options = metrics.options;
  std::string lengths = fmt::format("{}", options.k);
  for (const int k : options.other_k) lengths += fmt::format(", {}", k);
  return fmt::format("top {}, candidates {}, {}, {}{}", lengths, to_string(options.candidates),
                     relevance_text(options.relevance), order_text(metrics.rank_by, options.order),
                     options.gain == Gain::binary
                         ? ""
                         : fmt::format(", NDCG with {} gains", to_string(options.gain)));
}

const RankingMetrics& of_length(const RankingMetrics& metrics, int k) {
  if (metrics.options.k == k) return metrics;
  const auto found = std::find_if(metrics.others.begin(), metrics.others.end(),
                                  [&](const auto& other) { return other.options.k == k; });
  if (found == metrics.others.end()) {
    throw UsageError(fmt::format("lists of {} were not judged", k));
  }
  return *found;
}

std::vector<RankingFigure> ranking_figures(const RankingMetrics& metrics) {
  std::vector<RankingFigure> figures;
  for (const ListFigure& figure : kListFigures) {
    figures.push_back({figure.key, fmt::format("{}@{}", figure.heading, metrics.options.k),
                       metrics.mean.*figure.value, 4});
  }
  figures.push_back({"coverage", "coverage", metrics.coverage, 4});
  figures.push_back({"popularity", "popularity", metrics.popularity, 1});
  figures.push_back({"novelty", "novelty", metrics.novelty, 2});
  if (metrics.diversity) figures.push_back({"diversity", "diversity", *metrics.diversity, 4});
  if (metrics.users == 0) {
    for (RankingFigure& figure : figures) figure.value = std::nan("");
  }
  return figures;
}

}  // namespace tusk
