#include "serve/knn_predictor.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>

namespace tusk {

KnnPredictor::KnnPredictor(Backend& backend, const Model& model)
    : model_(model),
      ratings_(model.kind(), model.knn()->params, model.state(), model.ratings()),
      deviation_(ratings_.deviations()) {
  const KnnState& knn = *model.knn();
  if (knn.params.policy == NeighbourPolicy::table) {
    session_ = backend.open_table(knn.table, ratings_.columns(), deviation_);
  } else {
    measured_ = ratings_.measured();
    session_ = backend.open_similar(ratings_.problem(measured_, deviation_));
  }
}

std::vector<Prediction> KnnPredictor::predict(std::span<const Index> user,
                                              std::span<const Index> item) {
  const KnnParams& params = model_.knn()->params;
  const bool by_user = model_.kind() == ModelKind::user_knn;
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  std::vector<std::size_t> place;  // in `predictions`, of what neighbours are asked about
  std::vector<Index> row;
  std::vector<Index> column;
  for (std::size_t p = 0; p < user.size(); ++p) {
    predictions.push_back(without_neighbours(user[p], item[p]));
    if (!model_.knows_user(user[p]) || !model_.knows_item(item[p])) continue;
    place.push_back(p);
    row.push_back(by_user ? user[p] : item[p]);
    column.push_back(by_user ? item[p] : user[p]);
  }
  const auto sums = session_->weigh(row, column, params.neighbours);
  for (std::size_t q = 0; q < place.size(); ++q) {
    if (sums[q].count < params.min_neighbours) continue;
    const double rating = ratings_.centre(row[q], column[q]) +
                          ratings_.spread(row[q]) * sums[q].deviation / sums[q].weight;
    const auto score = static_cast<float>(rating);
    predictions[place[q]] = {score, model_.scale().clip(score), Evidence::full};
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

TopK KnnTopKSession::query(std::span<const Index> users, int k) {
  constexpr std::size_t kMostPairs = 4'000'000;  // predicted at a time; a pair takes about 60 bytes
  const auto width = static_cast<std::size_t>(k);
  const std::size_t step = std::max<std::size_t>(1, kMostPairs / (candidates_.size() + 1));
  TopK result;
  result.rows = static_cast<Index>(users.size());
  result.k = k;
  result.index.assign(users.size() * width, kNone);
  result.score.assign(users.size() * width, -std::numeric_limits<float>::infinity());
  for (std::size_t first = 0; first < users.size(); first += step) {
    const auto some = users.subspan(first, std::min(step, users.size() - first));
    std::vector<Index> user;
    std::vector<Index> item;
    std::vector<std::size_t> begin = {0};  // of each user in the two
    for (const Index u : some) {
      const auto seen = exclude_.offset.empty() ? std::span<const Index>() : exclude_.row(u);
      std::set_difference(candidates_.begin(), candidates_.end(), seen.begin(), seen.end(),
                          std::back_inserter(item));
      user.resize(item.size(), u);
      begin.push_back(item.size());
    }
    const auto predictions = predictor_.predict(user, item);
    std::vector<std::size_t> order(item.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t r = 0; r < some.size(); ++r) {
      const auto from = order.begin() + static_cast<std::ptrdiff_t>(begin[r]);
      const std::size_t found = std::min(width, begin[r + 1] - begin[r]);
      std::partial_sort(from, from + static_cast<std::ptrdiff_t>(found),
                        order.begin() + static_cast<std::ptrdiff_t>(begin[r + 1]),
                        [&](std::size_t a, std::size_t b) {
                          const float score_a = predictions[a].score;
                          const float score_b = predictions[b].score;
                          return score_a != score_b ? score_a > score_b : item[a] < item[b];
                        });
      for (std::size_t n = 0; n < found; ++n) {
        const std::size_t p = order[begin[r] + n];
        result.index[(first + r) * width + n] = item[p];
        result.score[(first + r) * width + n] = predictions[p].score;
      }
    }
  }
  return result;
}

}  // namespace tusk
