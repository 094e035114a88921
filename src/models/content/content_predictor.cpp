#include "models/content/content_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "model/transposed.hpp"
#include "models/knn/neighbour_session.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kPairsAtOnce = 1 << 22;

// Items with more training ratings first.
std::vector<Index> most_rated_first(const Model& model) {
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<Index> order(ratings.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return ratings[static_cast<std::size_t>(a)] > ratings[static_cast<std::size_t>(b)];
  });
  return order;
}

}  // namespace

ContentPredictor::ContentPredictor(Backend& backend, const Model& model, const ContentState& state)
    : ContentPredictor(backend, model, state, model.ratings(), state.base().user_bias) {}

ContentPredictor::ContentPredictor(Backend& backend, const Model& model, const ContentState& state,
                                   CsrView ratings, std::vector<float> user_bias)
    : backend_(backend),
      model_(model),
      state_(state),
      ratings_(ratings),
      user_bias_(std::move(user_bias)) {}

std::unique_ptr<const Predictor> ContentPredictor::fold_in(CsrView ratings) const {
  const MfState& base = state_.base();
  const auto damping = static_cast<double>(state_.options().bias.user_damping);
  std::vector<double> sum(static_cast<std::size_t>(ratings.rows()), 0);
  ratings.each([&](Index user, std::size_t at) {
    const auto item = static_cast<std::size_t>(ratings.column[at]);
    sum[static_cast<std::size_t>(user)] +=
        static_cast<double>(ratings.value[at] - base.mean - base.item_bias[item]);
  });
  std::vector<float> bias;
  for (Index user = 0; user < ratings.rows(); ++user) {
    const auto count = static_cast<double>(ratings.row(user).size());
    const double own = sum[static_cast<std::size_t>(user)];
    bias.push_back(count > 0 ? static_cast<float>(own / (count + damping)) : 0);
  }
  return std::unique_ptr<const Predictor>(
      new ContentPredictor(backend_, model_, state_, ratings, std::move(bias)));
}

Prediction ContentPredictor::by_biases(Index user, Index item) const {
  const MfState& base = state_.base();
  const bool has_user = knows(user);
  const bool has_item = model_.knows_item(item);
  float score = base.mean;
  if (has_user) score += user_bias_[static_cast<std::size_t>(user)];
  if (has_item) score += base.item_bias[static_cast<std::size_t>(item)];
  return {score, model_.scale().clip(score),
          has_user ? (has_item ? Evidence::full : Evidence::user_only)
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
      likeness.deviation / (likeness.sum + static_cast<double>(state_.options().content_shrinkage));
  const auto score = static_cast<float>(static_cast<double>(prediction.score) + deviation);
  return {score, model_.scale().clip(score), Evidence::content};
}

std::optional<TopK> ContentPredictor::nearest_items(std::span<const Index> items, int k) const {
  const std::lock_guard lock(mutex_);
  return neighbours().query(items, k);
}

std::optional<std::vector<float>> ContentPredictor::text_scores(
    std::string_view text, std::span<const Index> items) const {
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

std::vector<std::vector<Contribution>> ContentPredictor::contributions(
    Index user, std::span<const Index> items) const {
  std::vector<std::vector<Contribution>> all(items.size());
  if (!knows(user)) return all;
  Profile profile(state_.vectors());
  add_ratings(user, profile);
  const double length = profile.length();
  if (length == 0) return all;
  const auto first = static_cast<std::size_t>(ratings_.offset[static_cast<std::size_t>(user)]);
  for (std::size_t p = 0; p < items.size(); ++p) {
    const std::vector<double> cosine = products_with_row(state_.vectors(), items[p]);
    std::size_t at = first;
    for (const Index item : ratings_.row(user)) {
      const double part =
          rated(user, item)->liking * cosine[static_cast<std::size_t>(item)] / length;
      all[p].push_back({item, ratings_.value[at++], static_cast<float>(part)});
    }
    std::stable_sort(all[p].begin(), all[p].end(),
                     [](const Contribution& a, const Contribution& b) {
                       return std::abs(a.part) > std::abs(b.part);
                     });
  }
  return all;
}

std::int64_t ContentPredictor::pairs_at_once() const { return kPairsAtOnce; }

template <class Visit>
void ContentPredictor::each(std::span<const Index> user, std::span<const Index> item,
                            const Visit& visit) const {
  Profile profile(state_.vectors());
  Index present = kNone;
  for (std::size_t p = 0; p < user.size(); ++p) {
    if (user[p] != present) {
      backend_.check_stop();
      profile.clear();
      present = user[p];
      if (knows(present)) add_ratings(present, profile);
    }
    visit(p, item[p] == kNone ? Profile::Likeness()
                              : profile.likeness_of(item[p], rated(user[p], item[p])));
  }
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

NeighbourSession& ContentPredictor::neighbours() const {
  if (!session_) {
    const CsrView vectors = state_.vectors();
    const Transposed columns(vectors);
    session_ =
        open_neighbours(backend_, {vectors, columns.view(), {}, {}}, most_rated_first(model_));
  }
  return *session_;
}

}  // namespace tusk
