#include "models/dot_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backend/backend.hpp"
#include "model/factor_prior.hpp"
#include "model/score.hpp"
#include "models/priors.hpp"

namespace tusk {
namespace {

// By the priors of the model, which is borrowed.
class PriorFold : public UserFold {
 public:
  explicit PriorFold(const Model& model)
      : model_(model),
        priors_(priors_of(model)),
        fold_in_(model.state(), priors_->user, Side::user) {}

  bool has_users() const override { return fold_in_.size() > 0; }

  std::vector<float> fold(const RatedItems& rated) const override {
    return fold_in_.fold(rated.item, rated.rating);
  }

  std::vector<std::vector<Contribution>> contributions(
      const RatedItems& rated, std::span<const Index> items) const override {
    std::vector<std::vector<Contribution>> all(items.size());
    const MfState& state = model_.state();
    const auto factors = static_cast<std::size_t>(state.factors);
    const std::vector<float> gain = fold_in_.gains(rated.item);
    const std::vector<float> residual = fold_in_.residuals(rated.item, rated.rating);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!model_.knows_item(items[i])) continue;
      // What sets it apart from the average item: a user's bias and taste for all items are none.
      std::vector<float> apart(factors);
      for (std::size_t f = 0; f < factors; ++f) {
        apart[f] = state.item_factors[static_cast<std::size_t>(items[i]) * factors + f] -
                   priors_->item.mean[f];
      }
      for (std::size_t k = 0; k < rated.item.size(); ++k) {
        const float* const row = gain.data() + k * fold_in_.size();
        const float moved = dot(row, apart.data(), state.factors);
        all[i].push_back({rated.item[k], rated.rating[k], moved * residual[k]});
      }
    }
    return all;
  }

 private:
  const Model& model_;
  std::shared_ptr<const FactorPriors> priors_;
  FoldIn fold_in_;
};

// Users who were folded in. Everything is borrowed but their vectors.
class FoldedDotPredictor : public Predictor {
 public:
  FoldedDotPredictor(Backend& backend, const Model& model, const UserFold& fold, CsrView ratings)
      : backend_(backend), model_(model), fold_(fold), ratings_(ratings) {
    const auto users = static_cast<std::size_t>(ratings.rows());
    const auto factors = static_cast<std::size_t>(model.state().factors);
    factors_.resize(users * factors);
    bias_.resize(model.state().biased ? users : 0);
    count_.resize(users);
    backend.parallel_for(ratings.rows(), [&](std::int64_t row) {
      const auto u = static_cast<std::size_t>(row);
      const RatedItems rated = rated_items(model_, ratings_, static_cast<Index>(row));
      count_[u] = rated.item.size();
      if (!fold_.has_users()) return;
      const std::vector<float> vector = fold_.fold(rated);
      std::copy_n(vector.begin(), factors, factors_.data() + u * factors);
      if (!bias_.empty()) bias_[u] = vector[factors];
    });
  }

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override {
    std::vector<Prediction> predictions;
    predictions.reserve(user.size());
    for (std::size_t p = 0; p < user.size(); ++p) {
      if (p % 4096 == 0) backend_.check_stop();
      predictions.push_back(predict(user[p], item[p]));
    }
    return predictions;
  }

  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override {
    return std::make_unique<FoldedDotPredictor>(backend_, model_, fold_, ratings);
  }

  std::optional<UserVectors> user_vectors() const override {
    return UserVectors{ratings_.rows(), factors_, bias_};
  }

  std::vector<std::vector<Contribution>> contributions(
      Index user, std::span<const Index> items) const override {
    const RatedItems rated = rated_items(model_, ratings_, user);
    if (model_.state().factors == 0 || rated.item.empty()) {
      return std::vector<std::vector<Contribution>>(items.size());
    }
    auto all = fold_.contributions(rated, items);
    for (auto& of_item : all) sort_contributions(of_item);
    return all;
  }

 private:
  Prediction predict(Index user, Index item) const {
    if (user == kNone || !fold_.has_users()) return model_.predict_by_state(kNone, item);
    const bool knows_item = model_.knows_item(item);
    const float sum = score(model_.state(), *user_vectors(), user, knows_item ? item : kNone);
    Prediction prediction{sum, model_.scale().clip(sum), Evidence::global};
    if (count_[static_cast<std::size_t>(user)] == 0) {
      prediction.evidence = model_.predict_by_state(kNone, item).evidence;
    } else if (knows_item) {
      prediction.evidence = Evidence::folded_in;
    } else if (!bias_.empty()) {
      prediction.evidence = Evidence::user_only;
    }
    return prediction;
  }

  Backend& backend_;
  const Model& model_;
  const UserFold& fold_;
  CsrView ratings_;
  std::vector<float> factors_;
  std::vector<float> bias_;
  std::vector<std::size_t> count_;  // the ratings that a user is folded in from
};

}  // namespace

std::vector<Prediction> DotPredictor::predict(std::span<const Index> user,
                                              std::span<const Index> item) const {
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t k = 0; k < user.size(); ++k) {
    if (k % 4096 == 0) backend_.check_stop();
    predictions.push_back(model_.predict_by_state(user[k], item[k]));
  }
  return predictions;
}

std::optional<std::vector<float>> DotPredictor::similarities(Index item,
                                                             std::span<const Index> others) const {
  if (model_.state().factors == 0) return std::nullopt;
  return cosines_.with(item, others);
}

std::unique_ptr<const Predictor> DotPredictor::fold_in(CsrView ratings) const {
  std::call_once(once_, [&] { fold_ = make_fold(); });
  return std::make_unique<FoldedDotPredictor>(backend_, model_, *fold_, ratings);
}

std::unique_ptr<const UserFold> DotPredictor::make_fold() const {
  return std::make_unique<PriorFold>(model_);
}

std::optional<UserVectors> DotPredictor::user_vectors() const { return vectors_of(model_.state()); }

}  // namespace tusk
