#include "models/bayes/bayes_predictor.hpp"

#include <algorithm>
#include <utility>

#include "model/item_cosines.hpp"
#include "model/score.hpp"
#include "models/bayes/bayes_fold_in.hpp"

namespace tusk {

// What those that are folded in share with the trained users' predictor.
struct BayesPredictor::Shared {
  Shared(Backend& backend_in, const Model& model_in, const BayesState& state_in)
      : backend(backend_in),
        model(model_in),
        state(state_in),
        draws(state.draws()),
        noise(noise_variance(draws)) {}

  Backend& backend;
  const Model& model;
  const BayesState& state;
  const BayesDraws& draws;
  float noise;
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

template <class Visit>
void BayesPredictor::each_pair(std::span<const Index> user, std::span<const Index> item,
                               const Visit& visit) const {
  const BayesDraws& draws = shared_->draws;
  constexpr std::size_t kPairs = 512;
  const std::size_t tasks = (user.size() + kPairs - 1) / kPairs;
  shared_->backend.parallel_for(static_cast<std::int64_t>(tasks), [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * kPairs;
    for (std::size_t p = first; p < std::min(first + kPairs, user.size()); ++p) {
      const float* const row = draws.item_row(item[p] == kNone ? draws.items : item[p]);
      visit(p, moments(draws, user_row(user[p]), row, shared_->model.scale(), shared_->noise));
    }
  });
}

std::vector<Prediction> BayesPredictor::predict(std::span<const Index> user,
                                                std::span<const Index> item) const {
  std::vector<Prediction> predictions(user.size());
  each_pair(user, item, [&](std::size_t p, const BayesMoments& found) {
    predictions[p] = {found.score, found.rating, evidence(user[p], item[p])};
  });
  return predictions;
}

std::vector<Prediction> BayesPredictor::rank(RankBy, std::span<const Index> user,
                                             std::span<const Index> item) const {
  std::vector<Prediction> predictions(user.size());
  each_pair(user, item, [&](std::size_t p, const BayesMoments& found) {
    predictions[p] = {found.score + risk_ * found.deviation, found.rating,
                      evidence(user[p], item[p])};
  });
  return predictions;
}

std::vector<float> BayesPredictor::deviations(std::span<const Index> user,
                                              std::span<const Index> item) const {
  std::vector<float> deviations(user.size());
  each_pair(user, item,
            [&](std::size_t p, const BayesMoments& found) { deviations[p] = found.deviation; });
  return deviations;
}

void BayesPredictor::score_rows(RankBy, std::span<const Index> users,
                                const ScoreRowVisitor& visit) const {
  const BayesDraws& draws = shared_->draws;
  shared_->backend.parallel_for(std::ssize(users), [&](std::int64_t u) {
    const float* const row = user_row(users[static_cast<std::size_t>(u)]);
    std::vector<float> scores;
    scores.reserve(static_cast<std::size_t>(draws.items));
    for (Index item = 0; item < draws.items; ++item) {
      const BayesMoments found =
          moments(draws, row, draws.item_row(item), shared_->model.scale(), shared_->noise);
      scores.push_back(found.score + risk_ * found.deviation);
    }
    visit(static_cast<std::size_t>(u), scores);
  });
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
