#include "models/content/content_predictor.hpp"

#include <algorithm>
#include <utility>

#include <tusk/error.hpp>

#include "model/row_products.hpp"
#include "models/content/content_neighbours.hpp"
#include "models/knn/knn_rating.hpp"
#include "models/rated_items.hpp"
#include "train/damped_means.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kPairsAtOnce = 1 << 22;

}  // namespace

ContentPredictor::ContentPredictor(Backend& backend, const Model& model, const ContentState& state)
    : ContentPredictor(backend, model, state, model.ratings(), state.base().user_bias, true) {}

ContentPredictor::ContentPredictor(Backend& backend, const Model& model, const ContentState& state,
                                   CsrView ratings, std::vector<float> user_bias, bool is_trained)
    : backend_(backend),
      model_(model),
      state_(state),
      ratings_(ratings),
      user_bias_(std::move(user_bias)),
      is_trained_(is_trained) {}

std::unique_ptr<const Predictor> ContentPredictor::fold_in(CsrView ratings) const {
  const MfState& base = state_.base();
  DampedMeans of_users(ratings.rows(), state_.options().bias.user_damping);
  ratings.each([&](Index user, std::size_t at) {
    const auto item = static_cast<std::size_t>(ratings.column[at]);
    of_users.add(static_cast<std::size_t>(user),
                 static_cast<double>(ratings.value[at]) - base.mean - base.item_bias[item]);
  });
  const std::vector<double> mean = of_users.means();
  return std::unique_ptr<const Predictor>(
      new ContentPredictor(backend_, model_, state_, ratings, {mean.begin(), mean.end()}, false));
}

Prediction ContentPredictor::by_biases(Index user, Index item) const {
  const MfState& base = state_.base();
  const bool has_user = knows(user);
  const bool has_item = model_.knows_item(item);
  float score = base.mean;
  if (has_user) score += user_bias_[static_cast<std::size_t>(user)];
  if (has_item) score += base.item_bias[static_cast<std::size_t>(item)];
  return {score, model_.scale().clip(score),
          has_user ? (has_item ? (is_trained_ ? Evidence::full : Evidence::folded_in)
                               : Evidence::user_only)
                   : (has_item ? Evidence::item_only : Evidence::global)};
}

std::vector<Prediction> ContentPredictor::predict(std::span<const Index> user,
                                                  std::span<const Index> item) const {
  std::vector<Prediction> predictions(user.size());
  each(user, item, [&](std::size_t p, const Profile::Likeness& likeness) {
    predictions[p] = prediction_of(user[p], item[p], likeness);
  });
  return predictions;
}

std::vector<Prediction> ContentPredictor::rank(RankBy, std::span<const Index> user,
                                               std::span<const Index> item) const {
  std::vector<Prediction> predictions(user.size());
  each(user, item, [&](std::size_t p, const Profile::Likeness& likeness) {
    predictions[p] = prediction_of(user[p], item[p], likeness);
    predictions[p].score = static_cast<float>(likeness.cosine);
  });
  return predictions;
}

Prediction ContentPredictor::prediction_of(Index user, Index item,
                                           const Profile::Likeness& likeness) const {
  Prediction prediction = by_biases(user, item);
  if (likeness.sum <= 0) return prediction;
  const double deviation =
      shrunk_mean({likeness.sum, likeness.deviation}, state_.options().content_shrinkage);
  const auto score = static_cast<float>(static_cast<double>(prediction.score) + deviation);
  return {score, model_.scale().clip(score), Evidence::content};
}

std::optional<TopK> ContentPredictor::nearest_items(std::span<const Index> items, int k) const {
  const std::lock_guard lock(mutex_);
  return neighbours().query(items, k);
}

std::optional<std::vector<float>> ContentPredictor::text_scores(
    std::string_view text, std::span<const Index> items) const {
  if (state_.space().columns() == 0) {
    throw UsageError(
        "the model has no words to find items by: it was trained without titles, genres and "
        "texts, or on embeddings");
  }
  const auto described = state_.space().vector_of(text);
  if (described.empty()) return std::nullopt;
  const CsrView vectors = state_.vectors();
  std::vector<float> value(static_cast<std::size_t>(vectors.columns), 0);  // by column
  for (const auto& entry : described) value[static_cast<std::size_t>(entry.column)] = entry.value;
  std::vector<float> scores;
  scores.reserve(items.size());
  for (const Index item : items) {
    double product = 0;
    auto at = static_cast<std::size_t>(vectors.offset[static_cast<std::size_t>(item)]);
    for (const Index column : vectors.row(item)) {
      product += static_cast<double>(vectors.value[at++] * value[static_cast<std::size_t>(column)]);
    }
    scores.push_back(static_cast<float>(product));
  }
  return scores;
}

std::optional<std::vector<float>> ContentPredictor::similarities(
    Index item, std::span<const Index> others) const {
  const std::vector<double> cosine = products_with_row(state_.vectors(), item, others);
  return std::vector<float>(cosine.begin(), cosine.end());
}

std::vector<std::vector<Contribution>> ContentPredictor::contributions(
    Index user, std::span<const Index> items) const {
  std::vector<std::vector<Contribution>> all(items.size());
  if (!knows(user)) return all;
  Profile profile = empty_profile();
  add_ratings(user, profile);
  const double length = profile.length();
  if (length == 0) return all;
  const auto own = ratings_.row(user);
  const auto first = static_cast<std::size_t>(ratings_.offset[static_cast<std::size_t>(user)]);
  std::vector<double> liking;
  for (const Index item : own) liking.push_back(rated(user, item)->liking);
  for (std::size_t p = 0; p < items.size(); ++p) {
    const std::vector<double> cosine = products_with_row(state_.vectors(), items[p], own);
    for (std::size_t r = 0; r < own.size(); ++r) {
      all[p].push_back(
          {own[r], ratings_.value[first + r], static_cast<float>(liking[r] * cosine[r] / length)});
    }
    sort_contributions(all[p]);
  }
  return all;
}

std::int64_t ContentPredictor::pairs_at_once() const { return kPairsAtOnce; }

template <class Visit>
void ContentPredictor::each(std::span<const Index> user, std::span<const Index> item,
                            const Visit& visit) const {
  constexpr std::size_t kPairsOfTask = 8192;
  const auto tasks = static_cast<std::int64_t>((user.size() + kPairsOfTask - 1) / kPairsOfTask);
  backend_.parallel_for(tasks, [&](std::int64_t task) {
    Profile profile = empty_profile();
    Index present = kNone;
    const std::size_t first = static_cast<std::size_t>(task) * kPairsOfTask;
    for (std::size_t p = first; p < std::min(first + kPairsOfTask, user.size()); ++p) {
      if (user[p] != present) {
        profile.clear();
        present = user[p];
        if (knows(present)) add_ratings(present, profile);
      }
      visit(p, item[p] == kNone ? Profile::Likeness()
                                : profile.likeness_of(item[p], rated(user[p], item[p])));
    }
  });
}

void ContentPredictor::add_ratings(Index user, Profile& profile) const {
  for (const Index item : ratings_.row(user)) profile.add(item, *rated(user, item));
}

std::optional<Profile::Rated> ContentPredictor::rated(Index user, Index item) const {
  if (!knows(user) || item == kNone) return std::nullopt;
  const auto row = ratings_.row(user);
  const auto found = std::lower_bound(row.begin(), row.end(), item);
  if (found == row.end() || *found != item) return std::nullopt;
  const auto at = ratings_.offset[static_cast<std::size_t>(user)] + (found - row.begin());
  const auto rating = static_cast<double>(ratings_.value[static_cast<std::size_t>(at)]);
  return Profile::Rated{rating - static_cast<double>(by_biases(user, kNone).score),
                        rating - static_cast<double>(by_biases(user, item).score)};
}

TopKSession& ContentPredictor::neighbours() const {
  if (!session_) session_ = open_content_neighbours(backend_, model_, state_);
  return *session_;
}

}  // namespace tusk
