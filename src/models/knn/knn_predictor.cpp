#include "models/knn/knn_predictor.hpp"

#include <algorithm>

#include "models/knn/folded_knn_predictor.hpp"
#include "models/knn/knn_fit.hpp"
#include "models/knn/knn_rating.hpp"
#include "models/knn/neighbour_session.hpp"
#include "models/row_scores.hpp"

namespace tusk {
namespace {

// Neighbours of items are sought anew in each batch, so that many pairs at a time are worth it.
constexpr std::int64_t kPairsByUsers = 1 << 19;
constexpr std::int64_t kPairsByItems = 1 << 24;
constexpr std::size_t kNeighboursAtOnce = std::size_t{1} << 24;  // of users, for score_rows()

}  // namespace

KnnPredictor::KnnPredictor(Backend& backend, const Model& model, const KnnModelState& state)
    : backend_(backend),
      model_(model),
      state_(state),
      ratings_(state.rows(), state.knn().params, state.base(), model.ratings()),
      sums_(backend, state, ratings_, [this] {
        const std::lock_guard lock(mutex_);
        return find_neighbours(*session_, ratings_.rows(), state_.knn().params.neighbours,
                               Observer());
      }) {
  const KnnState& knn = state.knn();
  if (knn.params.policy == NeighbourPolicy::table) {
    deviation_ = ratings_.deviations();
    session_ = backend.open_table(knn.table, ratings_.columns(), deviation_);
  } else {
    const KnnRatings::Measured measured = ratings_.measured();
    const std::vector<float> deviation = ratings_.deviations();
    session_ = open_neighbours(backend, ratings_.problem(measured, deviation), state.rows());
  }
}

std::vector<Prediction> KnnPredictor::predict(std::span<const Index> user,
                                              std::span<const Index> item) const {
  return rank(RankBy::rating, user, item);
}

std::vector<Prediction> KnnPredictor::rank(RankBy by, std::span<const Index> user,
                                           std::span<const Index> item) const {
  const KnnParams& params = state_.knn().params;
  std::vector<Prediction> predictions = without_neighbours(user, item);
  if (by == RankBy::sum) {
    for (Prediction& prediction : predictions) prediction.score = 0;
  }
  each_weighed(user, item, [&](std::size_t p, Index row, Index column, const NeighbourSums& sums) {
    const double centre = ratings_.centre(row, column);
    const double spread = ratings_.spread(row);
    const auto rating = static_cast<float>(knn_rating(params, sums, centre, spread));
    predictions[p] = {rating, model_.scale().clip(rating), Evidence::full};
    if (by == RankBy::rating) return;
    predictions[p].score = knn_sum(params, sums, centre, spread);
  });
  if (!has_score_rows(by)) return predictions;
  const std::vector<float> score = scores_by_rows(*this, by, user, item);
  for (std::size_t p = 0; p < score.size(); ++p) predictions[p].score = score[p];
  return predictions;
}

bool KnnPredictor::has_score_rows(RankBy by) const {
  return by == RankBy::sum && state_.knn().params.policy != NeighbourPolicy::raters;
}

void KnnPredictor::score_rows(RankBy, std::span<const Index> users,
                              const ScoreRowVisitor& visit) const {
  if (state_.rows() == KnnRows::items) {
    sums_.each(
        users.size(), [&](std::size_t u) { return rated_by(users[u]); }, visit);
    return;
  }
  const int k = std::clamp(model_.state().users - 1, 1, state_.knn().params.neighbours);
  const auto width = static_cast<std::size_t>(k);
  const std::size_t batch = std::max<std::size_t>(1, kNeighboursAtOnce / width);
  for (std::size_t first = 0; first < users.size(); first += batch) {
    const auto some = users.subspan(first, std::min(batch, users.size() - first));
    std::unique_lock lock(mutex_);
    const TopK nearest = session_->query(some, k);
    lock.unlock();
    const auto terms_of = [&](std::size_t u) {
      SumRows::Terms terms;
      const double spread = ratings_.spread(some[u]);
      for (std::size_t n = u * width; n < (u + 1) * width && nearest.index[n] != kNone; ++n) {
        terms.row.push_back(nearest.index[n]);
        terms.weight.push_back(spread * nearest.score[n]);
      }
      return terms;
    };
    sums_.each(some.size(), terms_of,
               [&](std::size_t u, std::span<float> scores) { visit(first + u, scores); });
  }
}

SumRows::Terms KnnPredictor::rated_by(Index user) const {
  const CsrView ratings = ratings_.columns();
  const auto rated = ratings.row(user);
  const auto first = static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(user)]);
  SumRows::Terms terms;
  terms.row.assign(rated.begin(), rated.end());
  for (std::size_t n = 0; n < rated.size(); ++n) {
    terms.weight.push_back(ratings_.summed(rated[n], user, ratings.value[first + n]));
  }
  return terms;
}

std::optional<TopK> KnnPredictor::nearest_items(std::span<const Index> items, int k) const {
  if (state_.rows() != KnnRows::items) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return session_->query(items, k);
}

std::optional<std::vector<float>> KnnPredictor::similarities(Index item,
                                                             std::span<const Index> others) const {
  const auto nearest = nearest_items({&item, 1}, model_.state().items);
  if (!nearest) return std::nullopt;
  std::vector<float> of_all(static_cast<std::size_t>(model_.state().items), 0);
  for (std::size_t n = 0; n < nearest->index.size() && nearest->index[n] != kNone; ++n) {
    of_all[static_cast<std::size_t>(nearest->index[n])] = nearest->score[n];
  }
  std::vector<float> similarity;
  for (const Index other : others) similarity.push_back(of_all[static_cast<std::size_t>(other)]);
  return similarity;
}

std::unique_ptr<const Predictor> KnnPredictor::fold_in(CsrView ratings) const {
  std::call_once(once_, [&] {
    fold_in_ = std::make_shared<const KnnFoldIn>(backend_, model_, state_, ratings_, sums_);
  });
  return open_knn_fold_in(fold_in_, ratings);
}

std::int64_t KnnPredictor::pairs_at_once() const {
  const bool by_items =
      state_.rows() == KnnRows::items && state_.knn().params.policy != NeighbourPolicy::table;
  return by_items ? kPairsByItems : kPairsByUsers;
}

std::uint64_t KnnPredictor::table_bytes(RankBy by) const {
  if (!has_score_rows(by)) return 0;
  const CsrView rows = ratings_.rows();
  const auto count = static_cast<std::uint64_t>(rows.rows());
  if (state_.rows() == KnnRows::users) return SumRows::bytes(count, rows.column.size());
  const auto neighbours = static_cast<std::uint64_t>(state_.knn().params.neighbours);
  return SumRows::bytes(count, count * std::min(neighbours, count));
}

template <class Visit>
void KnnPredictor::each_weighed(std::span<const Index> user, std::span<const Index> item,
                                const Visit& visit) const {
  const KnnParams& params = state_.knn().params;
  const bool by_user = state_.rows() == KnnRows::users;
  std::vector<std::size_t> place;  // in `user`, of what neighbours are asked about
  std::vector<Index> row;
  std::vector<Index> column;
  for (std::size_t p = 0; p < user.size(); ++p) {
    if (!model_.knows_user(user[p]) || !model_.knows_item(item[p])) continue;
    place.push_back(p);
    row.push_back(by_user ? user[p] : item[p]);
    column.push_back(by_user ? item[p] : user[p]);
  }
  std::unique_lock lock(mutex_);
  const auto sums = session_->weigh(row, column, params.neighbours);
  lock.unlock();
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
  const Centring centring = state_.knn().params.centring;
  const bool by_user = state_.rows() == KnnRows::users;
  const bool of_user = by_user || centring == Centring::user_mean;  // whose mean is the centre
  const bool known = of_user ? model_.knows_user(user) : model_.knows_item(item);
  if (centring == Centring::baseline) return model_.predict_by_state(user, item);
  if (centring == Centring::none || !known) return model_.predict_by_state(kNone, kNone);
  const auto mean =
      static_cast<float>(by_user ? ratings_.centre(user, item) : ratings_.centre(item, user));
  return {mean, model_.scale().clip(mean), of_user ? Evidence::user_only : Evidence::item_only};
}

}  // namespace tusk
