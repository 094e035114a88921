#include <cmath>

#include <fmt/format.h>

#include <tusk/parameters.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>

#include "support/text.hpp"

namespace tusk {

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
  if (options.k < 1 || options.k > kMostRecommendations) {
    throw ParameterError(
        "top", fmt::format("is {}; it must be from 1 to {}", options.k, kMostRecommendations));
  }
  if (!std::isfinite(options.relevance)) {
    throw ParameterError("relevance", fmt::format("is {}; it must be a number", options.relevance));
  }
  if (options.candidates.kind == CandidatePolicy::Kind::sampled &&
      options.candidates.negatives < 1) {
    throw UsageError(fmt::format("{} negatives are to be sampled; it must be at least 1",
                                 options.candidates.negatives));
  }
}

std::string protocol_text(const RankingOptions& options) {
  return fmt::format("top {}, candidates {}, relevant from {:g}, {}", options.k,
                     to_string(options.candidates), options.relevance, to_string(options.order));
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
  if (metrics.users == 0) {
    for (RankingFigure& figure : figures) figure.value = std::nan("");
  }
  return figures;
}

}  // namespace tusk
