#include "serve/knn_predictor.hpp"

#include "model/neighbour_session.hpp"

namespace tusk {

KnnPredictor::KnnPredictor(Backend& backend, const Model& model)
    : model_(model), ratings_(model.kind(), model.knn()->params, model.state(), model.ratings()) {
  const KnnState& knn = *model.knn();
  if (knn.params.policy == NeighbourPolicy::table) {
    deviation_ = ratings_.deviations();
    session_ = backend.open_table(knn.table, ratings_.columns(), deviation_);
  } else {
    const KnnRatings::Measured measured = ratings_.measured();
    const std::vector<float> deviation = ratings_.deviations();
    session_ = open_neighbours(backend, ratings_.problem(measured, deviation), model.kind());
  }
}

std::vector<Prediction> KnnPredictor::predict(std::span<const Index> user,
                                              std::span<const Index> item) {
  const KnnParams& params = model_.knn()->params;
  std::vector<Prediction> predictions = without_neighbours(user, item);
  each_weighed(user, item, [&](std::size_t p, Index row, Index column, const NeighbourSums& sums) {
    const double mean =
        sums.deviation / (sums.weight + static_cast<double>(params.weight_shrinkage));
    const double rating = ratings_.centre(row, column) + ratings_.spread(row) * mean;
    const auto score = static_cast<float>(rating);
    predictions[p] = {score, model_.scale().clip(score), Evidence::full};
  });
  return predictions;
}

std::vector<float> KnnPredictor::sums(std::span<const Index> user, std::span<const Index> item) {
  const bool of_ratings = model_.knn()->params.centring == Centring::none;
  std::vector<float> scores(user.size(), 0);
  each_weighed(user, item, [&](std::size_t p, Index row, Index column, const NeighbourSums& sums) {
    double sum = ratings_.spread(row) * sums.deviation;
    if (of_ratings) sum += ratings_.centre(row, column) * sums.weight;
    scores[p] = static_cast<float>(sum);
  });
  return scores;
}

template <class Visit>
void KnnPredictor::each_weighed(std::span<const Index> user, std::span<const Index> item,
                                const Visit& visit) {
  const KnnParams& params = model_.knn()->params;
  const bool by_user = model_.kind() == ModelKind::user_knn;
  std::vector<std::size_t> place;  // in `user`, of what neighbours are asked about
  std::vector<Index> row;
  std::vector<Index> column;
  for (std::size_t p = 0; p < user.size(); ++p) {
    if (!model_.knows_user(user[p]) || !model_.knows_item(item[p])) continue;
    place.push_back(p);
    row.push_back(by_user ? user[p] : item[p]);
    column.push_back(by_user ? item[p] : user[p]);
  }
  const auto sums = session_->weigh(row, column, params.neighbours);
  for (std::size_t q = 0; q < place.size(); ++q) {
    if (sums[q].count >= params.min_neighbours) visit(place[q], row[q], column[q], sums[q]);
  }
}

std::vector<Prediction> KnnPredictor::without_neighbours(std::span<const Index> user,
                                                         std::span<const Index> item) const {
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t p = 0; p < user.size(); ++p) {
    predictions.push_back(without_neighbours(user[p], item[p]));
  }
  return predictions;
}

Prediction KnnPredictor::without_neighbours(Index user, Index item) const {
  const Centring centring = model_.knn()->params.centring;
  const bool by_user = model_.kind() == ModelKind::user_knn;
  const bool row_known = by_user ? model_.knows_user(user) : model_.knows_item(item);
  if (centring == Centring::baseline) return model_.predict_by_state(user, item);
  if (centring == Centring::none || !row_known) return model_.predict_by_state(kNone, kNone);
  const auto mean = static_cast<float>(ratings_.centre(by_user ? user : item, kNone));
  return {mean, model_.scale().clip(mean), by_user ? Evidence::user_only : Evidence::item_only};
}

}  // namespace tusk
