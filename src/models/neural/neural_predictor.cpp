#include "models/neural/neural_predictor.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "model/item_cosines.hpp"
#include "model/score.hpp"

namespace tusk {

struct NeuralPredictor::Shared {
  Shared(Backend& backend_in, const Model& model_in, const NeuralState& state_in)
      : backend(backend_in), model(model_in), state(state_in), scores(backend, model, state) {}

  Backend& backend;
  const Model& model;
  const NeuralState& state;
  PairScores scores;
  mutable std::once_flag fold_once;
  mutable std::unique_ptr<const NeuralFoldIn> fold_in;
  ItemCosines cosines{state.base()};
};

// Users who were folded in.
struct NeuralPredictor::Folded {
  std::vector<std::vector<float>> user;  // factors and bias
  std::vector<std::size_t> ratings;      // that each is folded in from
};

NeuralPredictor::NeuralPredictor(Backend& backend, const Model& model, const NeuralState& state)
    : shared_(std::make_shared<Shared>(backend, model, state)) {}

NeuralPredictor::NeuralPredictor(std::shared_ptr<const Shared> shared,
                                 std::shared_ptr<const Folded> folded)
    : shared_(std::move(shared)), folded_(std::move(folded)) {}

UserItems NeuralPredictor::about(Index user, std::span<const Index> items) const {
  const MfState& base = shared_->state.base();
  const auto u = static_cast<std::size_t>(user);
  if (user == kNone) {
    return {shared_->scores.mean_user().data(), shared_->scores.mean_user_bias(), items};
  }
  if (folded_ != nullptr) {
    const std::vector<float>& row = folded_->user[u];
    return {row.data(), base.biased ? row.back() : 0, items};
  }
  return {base.user_factors.data() + u * static_cast<std::size_t>(base.factors),
          base.biased ? base.user_bias[u] : 0, items};
}

Evidence NeuralPredictor::evidence(Index user, Index item) const {
  const Model& model = shared_->model;
  const bool has_user = folded_ != nullptr
                            ? user != kNone && folded_->ratings[static_cast<std::size_t>(user)] > 0
                            : model.knows_user(user);
  if (model.knows_item(item)) {
    if (!has_user) return Evidence::item_only;
    return folded_ != nullptr ? Evidence::folded_in : Evidence::full;
  }
  const std::vector<char>& described = shared_->state.network().described;
  if (item != kNone && !described.empty() && described[static_cast<std::size_t>(item)] != 0) {
    return Evidence::content;
  }
  return has_user ? Evidence::user_only : Evidence::global;
}

std::vector<Prediction> NeuralPredictor::predict(std::span<const Index> user,
                                                 std::span<const Index> item) const {
  shared_->scores.prepare();
  std::vector<Prediction> predictions(user.size());
  constexpr std::size_t kPairs = PairScores::kMostPairs;
  const std::size_t tasks = (user.size() + kPairs - 1) / kPairs;
  shared_->backend.parallel_for(static_cast<std::int64_t>(tasks), [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * kPairs;
    const std::size_t last = std::min(first + kPairs, user.size());
    std::vector<UserItems> users;
    for (std::size_t begin = first; begin < last;) {
      std::size_t end = begin + 1;
      while (end < last && user[end] == user[begin]) ++end;
      users.push_back(about(user[begin], item.subspan(begin, end - begin)));
      begin = end;
    }
    const std::vector<float> ratings = shared_->scores.score(users);
    for (std::size_t p = first; p < last; ++p) {
      const float rating = ratings[p - first];
      predictions[p] = {rating, shared_->model.scale().clip(rating), evidence(user[p], item[p])};
    }
  });
  return predictions;
}

void NeuralPredictor::score_rows(RankBy, std::span<const Index> users,
                                 const ScoreRowVisitor& visit) const {
  shared_->scores.prepare();
  std::vector<Index> items(static_cast<std::size_t>(shared_->model.state().items));
  std::iota(items.begin(), items.end(), 0);
  shared_->backend.parallel_for(std::ssize(users), [&](std::int64_t u) {
    std::vector<float> scores;
    scores.reserve(items.size());
    for (std::size_t first = 0; first < items.size(); first += PairScores::kMostPairs) {
      const auto some =
          std::span(items).subspan(first, std::min(PairScores::kMostPairs, items.size() - first));
      const UserItems one = about(users[static_cast<std::size_t>(u)], some);
      const std::vector<float> ratings = shared_->scores.score({&one, 1});
      scores.insert(scores.end(), ratings.begin(), ratings.end());
    }
    visit(static_cast<std::size_t>(u), scores);
  });
}

std::optional<std::vector<float>> NeuralPredictor::similarities(
    Index item, std::span<const Index> others) const {
  return shared_->cosines.with(item, others);
}

std::unique_ptr<const Predictor> NeuralPredictor::fold_in(CsrView ratings) const {
  std::call_once(shared_->fold_once, [&] {
    shared_->fold_in = std::make_unique<NeuralFoldIn>(shared_->model, shared_->state,
                                                      shared_->backend.network_kernels());
  });
  auto folded = std::make_shared<Folded>();
  folded->user.resize(static_cast<std::size_t>(ratings.rows()));
  folded->ratings.resize(folded->user.size());
  shared_->backend.parallel_for(ratings.rows(), [&](std::int64_t row) {
    const auto u = static_cast<std::size_t>(row);
    const RatedItems rated = rated_items(shared_->model, ratings, static_cast<Index>(row));
    folded->user[u] = shared_->fold_in->fold(rated);
    folded->ratings[u] = rated.item.size();
  });
  return std::unique_ptr<const Predictor>(new NeuralPredictor(shared_, std::move(folded)));
}

}  // namespace tusk
