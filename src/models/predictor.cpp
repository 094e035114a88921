// What predictors do unless a model has its own way.
#include <limits>

#include <tusk/parameters.hpp>
#include <tusk/predictor.hpp>

namespace tusk {

std::vector<Prediction> Predictor::predict_at(std::span<const Index> user,
                                              std::span<const Index> item,
                                              std::span<const std::int64_t>) const {
  return predict(user, item);
}

std::vector<Prediction> Predictor::rank(RankBy, std::span<const Index> user,
                                        std::span<const Index> item) const {
  return predict(user, item);
}

std::unique_ptr<const Predictor> Predictor::fold_in(CsrView) const {
  throw UsageError("this kind of model does not fold in new users");
}

std::vector<std::vector<Contribution>> Predictor::contributions(
    Index, std::span<const Index> items) const {
  return std::vector<std::vector<Contribution>>(items.size());
}

std::optional<TopK> Predictor::nearest_items(std::span<const Index>, int) const {
  return std::nullopt;
}

std::optional<std::vector<float>> Predictor::similarities(Index, std::span<const Index>) const {
  return std::nullopt;
}

std::optional<std::vector<float>> Predictor::text_scores(std::string_view,
                                                         std::span<const Index>) const {
  return std::nullopt;
}

std::vector<Prediction> Predictor::rank_with_parts(RankBy by, std::span<const Index> user,
                                                   std::span<const Index> item,
                                                   PartRanks& parts) const {
  parts = {};
  return rank(by, user, item);
}

std::uint64_t Predictor::table_bytes(RankBy) const { return 0; }

std::vector<float> Predictor::deviations(std::span<const Index>, std::span<const Index>) const {
  return {};
}

std::vector<float> Predictor::deviations_at(std::span<const Index> user,
                                            std::span<const Index> item,
                                            std::span<const std::int64_t>) const {
  return deviations(user, item);
}

std::unique_ptr<const Predictor> Predictor::with_risk(float) const {
  throw ParameterError("risk",
                       "is for models that keep draws: this one does not know how unsure its "
                       "predictions are");
}

bool Predictor::has_score_rows(RankBy) const { return false; }

void Predictor::score_rows(RankBy, std::span<const Index>, const ScoreRowVisitor&) const {
  throw UsageError("this kind of model scores items pair by pair");
}

std::vector<PartRank> PartRanks::of(std::size_t pair) const {
  std::vector<PartRank> all;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (rank[p][pair] > 0) all.push_back({parts[p], rank[p][pair], score[p][pair]});
  }
  return all;
}

std::int64_t Predictor::pairs_at_once() const { return std::numeric_limits<std::int64_t>::max(); }

}  // namespace tusk
