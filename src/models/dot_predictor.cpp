#include "models/dot_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <tusk/models.hpp>

#include "backend/backend.hpp"
#include "model/score.hpp"
#include "models/rated_items.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

float number_in(const Model& model, const std::string& key, float otherwise) {
  const auto found = model.metadata.find(key);
  const auto number = found == model.metadata.end() ? std::nullopt : parse_double(found->second);
  return number && *number > 0 ? static_cast<float>(*number) : otherwise;
}

// A matrix that owns its memory.
struct SampledMatrix {
  std::vector<std::int64_t> offset;
  std::vector<Index> item;
  std::vector<float> rating;
  Index items = 0;

  CsrView view() const { return {offset, item, rating, items}; }
};

SampledMatrix sampled_matrix(const Model& model) {
  SampledMatrix matrix;
  matrix.items = model.state().items;
  std::vector<SampledRating> sample = model.rating_sample;
  std::stable_sort(sample.begin(), sample.end(),
                   [](const auto& a, const auto& b) { return a.user < b.user; });
  auto next = sample.begin();
  matrix.offset.push_back(0);
  for (Index user = 0; user < model.state().users; ++user) {
    for (; next != sample.end() && next->user == user; ++next) {
      matrix.item.push_back(next->item);
      matrix.rating.push_back(next->rating);
    }
    matrix.offset.push_back(std::ssize(matrix.item));
  }
  return matrix;
}

FactorPriors estimate(const Model& model) {
  const CsrView seen = model.seen().view();
  std::vector<std::int64_t> of_users;
  std::vector<std::int64_t> of_items(static_cast<std::size_t>(seen.columns), 0);
  for (Index user = 0; user < seen.rows(); ++user) of_users.push_back(std::ssize(seen.row(user)));
  for (const Index item : seen.column) ++of_items[static_cast<std::size_t>(item)];
  return estimate_priors(model.state(), {of_users, of_items}, sampled_matrix(model).view());
}

// Users who were folded in. Everything is borrowed but their vectors.
class FoldedDotPredictor : public Predictor {
 public:
  FoldedDotPredictor(Backend& backend, const Model& model, const FoldIn& fold_in,
                     const FactorPrior& items, CsrView ratings)
      : backend_(backend), model_(model), fold_in_(fold_in), items_(items), ratings_(ratings) {
    const auto users = static_cast<std::size_t>(ratings.rows());
    const auto factors = static_cast<std::size_t>(model.state().factors);
    factors_.resize(users * factors);
    bias_.resize(model.state().biased ? users : 0);
    backend.parallel_for(ratings.rows(), [&](std::int64_t row) {
      const auto u = static_cast<std::size_t>(row);
      const RatedItems rated = rated_items(model_, ratings_, static_cast<Index>(row));
      const std::vector<float> vector = fold_in_.fold(rated.item, rated.rating);
      if (vector.empty()) return;  // users make no difference to this model
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
    return std::make_unique<FoldedDotPredictor>(backend_, model_, fold_in_, items_, ratings);
  }

  std::optional<UserVectors> user_vectors() const override {
    return UserVectors{ratings_.rows(), factors_, bias_};
  }

  std::vector<std::vector<Contribution>> contributions(
      Index user, std::span<const Index> items) const override {
    std::vector<std::vector<Contribution>> all(items.size());
    const RatedItems rated = rated_items(model_, ratings_, user);
    const MfState& state = model_.state();
    if (state.factors == 0 || rated.item.empty()) return all;
    const auto factors = static_cast<std::size_t>(state.factors);
    const std::vector<float> gain = fold_in_.gains(rated.item);
    const std::vector<float> residual = fold_in_.residuals(rated.item, rated.rating);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!model_.knows_item(items[i])) continue;
      // What sets it apart from the average item: a user's bias and taste for all items are none.
      std::vector<float> apart(factors);
      for (std::size_t f = 0; f < factors; ++f) {
        apart[f] = state.item_factors[static_cast<std::size_t>(items[i]) * factors + f] -
                   items_.mean[f];
      }
      for (std::size_t k = 0; k < rated.item.size(); ++k) {
        const float* const row = gain.data() + k * fold_in_.size();
        const float moved = dot(row, apart.data(), state.factors);
        all[i].push_back({rated.item[k], rated.rating[k], moved * residual[k]});
      }
      sort_contributions(all[i]);
    }
    return all;
  }

 private:
  Prediction predict(Index user, Index item) const {
    if (user == kNone || fold_in_.size() == 0) return model_.predict_by_state(kNone, item);
    const bool knows_item = model_.knows_item(item);
    const float sum = score(model_.state(), *user_vectors(), user, knows_item ? item : kNone);
    Prediction prediction{sum, model_.scale().clip(sum), Evidence::global};
    if (ratings_.row(user).empty()) {
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
  const FoldIn& fold_in_;
  const FactorPrior& items_;
  CsrView ratings_;
  std::vector<float> factors_;
  std::vector<float> bias_;
};

}  // namespace

std::shared_ptr<const FactorPriors> priors_of(const Model& model) {
  const MfState& state = model.state();
  if (auto kept = model.learned().priors()) return kept;
  auto priors = std::make_shared<FactorPriors>();
  if (state.factors > 0) {
    *priors = estimate(model);
  } else if (state.biased) {
    const BiasOptions usual;
    priors->item = damped_prior(number_in(model, "item_damping", usual.item_damping));
    if (!model.algorithm().capabilities.one_list_for_all) {
      priors->user = damped_prior(number_in(model, "user_damping", usual.user_damping));
    }
  }
  return priors;
}

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

std::unique_ptr<const Predictor> DotPredictor::fold_in(CsrView ratings) const {
  std::call_once(once_, [&] {
    priors_ = priors_of(model_);
    fold_in_.emplace(model_.state(), priors_->user, Side::user);
  });
  return std::make_unique<FoldedDotPredictor>(backend_, model_, *fold_in_, priors_->item, ratings);
}

std::optional<UserVectors> DotPredictor::user_vectors() const {
  return vectors_of(model_.state());
}

}  // namespace tusk
