#include "models/bayes/bayes_predictor.hpp"

#include <algorithm>
#include <utility>

#include <tusk/dataset.hpp>

#include "model/item_cosines.hpp"
#include "model/score.hpp"
#include "models/bayes/bayes_fold_in.hpp"
#include "models/row_scores.hpp"

namespace tusk {
namespace {

constexpr int kUsersAtOnce = 16;  // that are multiplied with an item

// In units of ratings.
float variance_of_unknown(const BayesDraws& draws, const TimeBiases& biases) {
  return biases.empty() ? 0 : draws.spread * draws.spread * static_cast<float>(biases.variance());
}

}  // namespace

// What those that are folded in share with the trained users' predictor.
struct BayesPredictor::Shared {
  Shared(Backend& backend_in, const Model& model_in, const BayesState& state_in)
      : backend(backend_in),
        model(model_in),
        state(state_in),
        draws(state.draws()),
        noise(noise_variance(draws)),
        user_time_noise(variance_of_unknown(draws, draws.user_times)),
        item_time_noise(variance_of_unknown(draws, draws.item_times)) {
    for (Index item = 0; item < draws.items; ++item) {
      item_bias.push_back(mean_bias(draws, draws.item_row(item)));
    }
  }

  Backend& backend;
  const Model& model;
  const BayesState& state;
  const BayesDraws& draws;
  float noise;
  float user_time_noise;  // of the bias of a day without ratings
  float item_time_noise;
  std::vector<float> item_bias;  // the mean of the draws
  ItemCosines cosines{state.base()};
};

// Users who were folded in.
struct BayesPredictor::Folded {
  std::vector<std::vector<float>> user;  // rows of draws
  std::vector<std::size_t> ratings;      // that each is folded in from
};

BayesPredictor::BayesPredictor(Backend& backend, const Model& model, const BayesState& state)
    : shared_(std::make_shared<Shared>(backend, model, state)) {}

BayesPredictor::BayesPredictor(std::shared_ptr<const Shared> shared,
                               std::shared_ptr<const Folded> folded, float risk)
    : shared_(std::move(shared)), folded_(std::move(folded)), risk_(risk) {}

std::unique_ptr<const Predictor> BayesPredictor::with_risk(float risk) const {
  return std::unique_ptr<const Predictor>(new BayesPredictor(shared_, folded_, risk));
}

const float* BayesPredictor::user_row(Index user) const {
  const BayesDraws& draws = shared_->draws;
  if (user == kNone) return draws.user_row(draws.users);
  return folded_ != nullptr ? folded_->user[static_cast<std::size_t>(user)].data()
                            : draws.user_row(user);
}

Evidence BayesPredictor::evidence(Index user, Index item) const {
  const Model& model = shared_->model;
  const bool has_user = folded_ != nullptr
                            ? user != kNone && folded_->ratings[static_cast<std::size_t>(user)] > 0
                            : model.knows_user(user);
  if (!model.knows_item(item)) return has_user ? Evidence::user_only : Evidence::global;
  if (!has_user) return Evidence::item_only;
  return folded_ != nullptr ? Evidence::folded_in : Evidence::full;
}

BayesMoments BayesPredictor::found(Index user, Index item, std::int64_t time) const {
  const BayesDraws& draws = shared_->draws;
  BayesPair pair = {user_row(user), draws.item_row(item == kNone ? draws.items : item)};
  if (draws.user_times.empty()) return moments(draws, pair, shared_->model.scale(), shared_->noise);
  if (user != kNone && folded_ == nullptr) {
    pair.user_time = draws.user_times.draws(draws.user_times.periods.find(user, time));
  }
  if (item != kNone) {
    pair.item_time = draws.item_times.draws(draws.item_times.periods.find(item, time));
  }
  float noise = shared_->noise;
  if (pair.user_time == nullptr) noise += shared_->user_time_noise;
  if (pair.item_time == nullptr) noise += shared_->item_time_noise;
  return moments(draws, pair, shared_->model.scale(), noise);
}

template <class Visit>
void BayesPredictor::each_pair(std::span<const Index> user, std::span<const Index> item,
                               std::span<const std::int64_t> time, const Visit& visit) const {
  constexpr std::size_t kPairs = 512;
  const std::size_t tasks = (user.size() + kPairs - 1) / kPairs;
  shared_->backend.parallel_for(static_cast<std::int64_t>(tasks), [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * kPairs;
    for (std::size_t p = first; p < std::min(first + kPairs, user.size()); ++p) {
      visit(p, found(user[p], item[p], time.empty() ? kNoTime : time[p]));
    }
  });
}

std::vector<Prediction> BayesPredictor::predict(std::span<const Index> user,
                                                std::span<const Index> item) const {
  return predict_at(user, item, {});
}

std::vector<Prediction> BayesPredictor::predict_at(std::span<const Index> user,
                                                   std::span<const Index> item,
                                                   std::span<const std::int64_t> time) const {
  std::vector<Prediction> predictions(user.size());
  each_pair(user, item, time, [&](std::size_t p, const BayesMoments& of_pair) {
    predictions[p] = {of_pair.score, of_pair.rating, evidence(user[p], item[p])};
  });
  return predictions;
}

std::vector<Prediction> BayesPredictor::rank(RankBy by, std::span<const Index> user,
                                             std::span<const Index> item) const {
  std::vector<Prediction> predictions = predict(user, item);
  const std::vector<float> scores = scores_by_rows(*this, by, user, item);
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    if (user[p] != kNone && item[p] != kNone) predictions[p].score = scores[p];
  }
  return predictions;
}

std::vector<float> BayesPredictor::deviations(std::span<const Index> user,
                                              std::span<const Index> item) const {
  return deviations_at(user, item, {});
}

std::vector<float> BayesPredictor::deviations_at(std::span<const Index> user,
                                                 std::span<const Index> item,
                                                 std::span<const std::int64_t> time) const {
  std::vector<float> deviations(user.size());
  each_pair(user, item, time,
            [&](std::size_t p, const BayesMoments& of_pair) { deviations[p] = of_pair.deviation; });
  return deviations;
}

void BayesPredictor::score_rows(RankBy, std::span<const Index> users,
                                const ScoreRowVisitor& visit) const {
  const std::int64_t tasks = (std::ssize(users) + kUsersAtOnce - 1) / kUsersAtOnce;
  shared_->backend.parallel_for(tasks, [&](std::int64_t task) {
    const auto first = static_cast<std::size_t>(task * kUsersAtOnce);
    const std::size_t count = std::min<std::size_t>(kUsersAtOnce, users.size() - first);
    std::vector<std::vector<float>> scores = means(users.subspan(first, count));
    for (std::size_t u = 0; u < count; ++u) {
      if (risk_ != 0) {
        for (std::size_t item = 0; item < scores[u].size(); ++item) {
          scores[u][item] +=
              risk_ * found(users[first + u], static_cast<Index>(item), kNoTime).deviation;
        }
      }
      visit(first + u, scores[u]);
    }
  });
}

// The mean over draws of products of vectors is the product of all draws in a row.
std::vector<std::vector<float>> BayesPredictor::means(std::span<const Index> users) const {
  constexpr Index kItems = 64;
  const BayesDraws& draws = shared_->draws;
  const auto depth = draws.row_size() - static_cast<std::size_t>(draws.count);  // without biases
  std::vector<float> columns(depth * kUsersAtOnce + kDenseMargin);
  std::vector<float> bias;
  for (std::size_t u = 0; u < users.size(); ++u) {
    const float* const row = user_row(users[u]);
    for (std::size_t at = 0; at < depth; ++at) columns[at * kUsersAtOnce + u] = row[at];
    bias.push_back(mean_bias(draws, row));
  }
  std::vector<float> products(static_cast<std::size_t>(kItems) * kUsersAtOnce);
  std::vector<std::vector<float>> means(users.size());
  for (Index item = 0; item < draws.items; item += kItems) {
    DenseProduct product;
    product.rows = std::min(kItems, draws.items - item);
    product.columns = kUsersAtOnce;
    product.depth = static_cast<int>(depth);
    product.a = draws.item_row(item);
    product.a_row = static_cast<std::ptrdiff_t>(draws.row_size());
    product.a_depth = 1;
    product.b = columns.data();
    product.ldb = kUsersAtOnce;
    product.c = products.data();
    product.ldc = kUsersAtOnce;
    shared_->backend.network_kernels().multiply(product);
    for (std::size_t u = 0; u < users.size(); ++u) {
      for (Index k = 0; k < product.rows; ++k) {
        const float mean = products[static_cast<std::size_t>(k) * kUsersAtOnce + u] /
                           static_cast<float>(draws.count);
        const float own = shared_->item_bias[static_cast<std::size_t>(item + k)];
        means[u].push_back(draws.mean + draws.spread * (mean + bias[u] + own));
      }
    }
  }
  return means;
}

std::optional<std::vector<float>> BayesPredictor::similarities(
    Index item, std::span<const Index> others) const {
  return shared_->cosines.with(item, others);
}

std::unique_ptr<const Predictor> BayesPredictor::fold_in(CsrView ratings) const {
  auto folded = std::make_shared<Folded>();
  folded->user.resize(static_cast<std::size_t>(ratings.rows()));
  folded->ratings.resize(folded->user.size());
  shared_->backend.parallel_for(ratings.rows(), [&](std::int64_t row) {
    const auto u = static_cast<std::size_t>(row);
    const RatedItems rated = rated_items(shared_->model, ratings, static_cast<Index>(row));
    folded->user[u] = fold_user(shared_->draws, rated);
    folded->ratings[u] = rated.item.size();
  });
  return std::unique_ptr<const Predictor>(new BayesPredictor(shared_, std::move(folded), risk_));
}

}  // namespace tusk
