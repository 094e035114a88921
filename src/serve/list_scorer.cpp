#include "serve/list_scorer.hpp"

#include <algorithm>

#include "model/score.hpp"
#include "serve/best_places.hpp"
#include "serve/candidates.hpp"

namespace tusk {
namespace {

std::vector<float> support_of_items(const Model& model, float strength) {
  std::vector<float> support;
  for (const std::int64_t ratings : model.ratings_of_items()) {
    support.push_back(static_cast<float>(ratings) / (static_cast<float>(ratings) + strength));
  }
  return support;
}

float shrink(float score, float support, float prior) { return prior + (score - prior) * support; }

// Rows of factors with the bias, if there are biases, as one more.
void append_bias(std::span<const float> factors, std::span<const float> bias, std::size_t rows,
                 std::size_t from, std::vector<float>& to) {
  const std::size_t width = from + (bias.empty() ? 0 : 1);
  to.resize(rows * width);
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(factors.data() + row * from, from, to.data() + row * width);
    if (!bias.empty()) to[row * width + from] = bias[row];
  }
}

// A state that scores as shrink() does: a support times a user's bias is one more product of
// factors.
MfState shrunk(const MfState& state, const std::vector<float>& support, float prior) {
  MfState shrunk;
  shrunk.users = state.users;
  shrunk.items = state.items;
  shrunk.factors = state.factors + (state.biased ? 1 : 0);
  const auto users = static_cast<std::size_t>(state.users);
  const auto items = static_cast<std::size_t>(state.items);
  const auto from = static_cast<std::size_t>(state.factors);
  const auto to = static_cast<std::size_t>(shrunk.factors);
  shrunk.user_bias.assign(users, 0);
  append_bias(state.user_factors, state.user_bias, users, from, shrunk.user_factors);
  shrunk.item_bias.resize(items);
  shrunk.item_factors.resize(items * to);
  for (std::size_t i = 0; i < items; ++i) {
    const float bias = state.biased ? state.item_bias[i] : 0;
    shrunk.item_bias[i] = shrink(state.mean + bias, support[i], prior);
    for (std::size_t f = 0; f < from; ++f) {
      shrunk.item_factors[i * to + f] = support[i] * state.item_factors[i * from + f];
    }
    if (state.biased) shrunk.item_factors[i * to + from] = support[i];
  }
  return shrunk;
}

// For each user the best k of `candidates` that `exclude` does not hold, by rank(users, items).
template <class Rank>
std::vector<std::vector<Recommendation>> best_of(std::span<const Index> users,
                                                 std::span<const Index> candidates, CsrView exclude,
                                                 int k, const Rank& rank) {
  std::vector<std::vector<Recommendation>> lists;
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<std::size_t> end;  // of each user in the two
  while (lists.size() < users.size()) {
    user.clear();
    item.clear();
    end.clear();
    while (lists.size() + end.size() < users.size() && item.size() < kMostScoredPairs) {
      const Index next = users[lists.size() + end.size()];
      append_unseen(candidates, exclude, next, item);
      user.resize(item.size(), next);
      end.push_back(item.size());
    }
    const auto scored = rank(user, item);
    std::size_t begin = 0;
    for (const std::size_t of_user_end : end) {
      const auto of_user = std::span(scored).subspan(begin, of_user_end - begin);
      auto& list = lists.emplace_back();
      for (const std::size_t best : best_places(of_user, k, &Prediction::score)) {
        list.push_back({of_user[best], item[begin + best], {}});
      }
      begin = of_user_end;
    }
  }
  return lists;
}

}  // namespace

SupportPrior resolved(const ListOrder& order, const Model& model) {
  if (order.prior.strength == 0) return {};
  const RatingScale scale = model.scale();
  const bool of_ratings =
      order.by == RankBy::rating && model.algorithm().capabilities.order.empty();
  const float usual = of_ratings ? (scale.low + scale.high) / 2 : 0;
  return {order.prior.strength, order.prior.score.value_or(usual)};
}

ListScorer::ListScorer(Device& device, const Model& model, const ListOrder& order)
    : backend_(backend_of(device)), model_(model), by_(order.by) {
  check_list_order(order, model.algorithm());
  predictor_ = model.open(device);
  if (order.prior.strength > 0) {
    prior_score_ = *resolved(order, model).score;
    support_ = support_of_items(model, order.prior.strength);
  }
  if (model.learned().is_dot_product() && !support_.empty()) {
    shrunk_ = shrunk(model.state(), support_, prior_score_);
  }
}

std::vector<Prediction> ListScorer::rank(std::span<const Index> user,
                                         std::span<const Index> item) const {
  std::vector<Prediction> predictions = predictor_->rank(by_, user, item);
  if (support_.empty()) return predictions;
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    float& own = predictions[p].score;
    own = shrunk_ ? score(*shrunk_, user[p], item[p])
                  : shrink(own, support_[static_cast<std::size_t>(item[p])], prior_score_);
  }
  return predictions;
}

std::vector<float> ListScorer::scores(std::span<const Index> user,
                                      std::span<const Index> item) const {
  std::vector<float> scores;
  scores.reserve(user.size());
  if (const MfState* const state = dot_state()) {
    for (std::size_t p = 0; p < user.size(); ++p) scores.push_back(score(*state, user[p], item[p]));
  } else {
    for (const Prediction& prediction : rank(user, item)) scores.push_back(prediction.score);
  }
  return scores;
}

std::vector<std::vector<Recommendation>> ListScorer::lists(std::span<const Index> users,
                                                           std::span<const Index> candidates,
                                                           CsrView exclude, int k) const {
  return best_of(users, candidates, exclude, k, [&](const auto& user, const auto& item) {
    return rank(user, item);
  });
}

std::vector<std::vector<Recommendation>> ListScorer::lists(const Predictor& folded,
                                                           std::span<const Index> users,
                                                           std::span<const Index> candidates,
                                                           CsrView exclude, int k) const {
  return best_of(users, candidates, exclude, k, [&](const auto& user, const auto& item) {
    std::vector<Prediction> predictions = folded.rank(by_, user, item);
    for (std::size_t p = 0; !support_.empty() && p < predictions.size(); ++p) {
      float& own = predictions[p].score;
      own = shrink(own, support_[static_cast<std::size_t>(item[p])], prior_score_);
    }
    return predictions;
  });
}

std::vector<std::vector<Recommendation>> ListScorer::lists(const Predictor& folded,
                                                           const TopK& found) const {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> score;
  const auto width = static_cast<std::size_t>(found.k);
  for (std::size_t at = 0; at < found.index.size(); ++at) {
    if (found.index[at] == kNone) continue;
    user.push_back(static_cast<Index>(at / width));
    item.push_back(found.index[at]);
    score.push_back(found.score[at]);
  }
  const auto predictions = folded.predict(user, item);
  std::vector<std::vector<Recommendation>> lists(static_cast<std::size_t>(found.rows));
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    Recommendation& entry = lists[static_cast<std::size_t>(user[p])].emplace_back();
    static_cast<Prediction&>(entry) = predictions[p];
    entry.score = score[p];
    entry.item = item[p];
  }
  return lists;
}

ListVectors ListScorer::list_vectors(const Predictor& folded) const {
  ListVectors vectors{folded.user_vectors().value(), {}, {}};
  if (!shrunk_) return vectors;
  const UserVectors own = vectors.view;
  append_bias(own.factors, own.bias, static_cast<std::size_t>(own.users),
              static_cast<std::size_t>(model_.state().factors), vectors.factors);
  vectors.bias.assign(static_cast<std::size_t>(own.users), 0);
  vectors.view = {own.users, vectors.factors, vectors.bias};
  return vectors;
}

std::vector<std::vector<Recommendation>> ListScorer::lists(std::span<const Index> users,
                                                           const TopK& found) const {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<std::vector<Recommendation>> lists(users.size());
  const auto width = static_cast<std::size_t>(found.k);
  for (std::size_t u = 0; u < users.size(); ++u) {
    lists[u].reserve(width);
    for (std::size_t r = u * width; r < (u + 1) * width && found.index[r] != kNone; ++r) {
      const Index own = found.index[r];
      lists[u].push_back({model_.prediction_of(found.score[r], users[u], own), own, {}});
      if (!shrunk_) continue;
      user.push_back(users[u]);
      item.push_back(own);
    }
  }
  if (!shrunk_) return lists;
  const auto predictions = predictor_->predict(user, item);
  auto prediction = predictions.begin();
  for (auto& list : lists) {
    for (Recommendation& entry : list) entry.rating = (prediction++)->rating;
  }
  return lists;
}

std::unique_ptr<DotTopKSession> ListScorer::open_session(std::span<const Index> candidates,
                                                         CsrView exclude) const {
  if (dot_state() == nullptr) return nullptr;
  return backend_.open_dot(*dot_state(), candidates, exclude);
}

const MfState* ListScorer::dot_state() const {
  if (!model_.learned().is_dot_product()) return nullptr;
  return shrunk_ ? &*shrunk_ : &model_.state();
}

std::uint64_t ListScorer::state_bytes() const {
  if (!shrunk_) return 0;
  return (static_cast<std::uint64_t>(shrunk_->users) + static_cast<std::uint64_t>(shrunk_->items)) *
         static_cast<std::uint64_t>(shrunk_->factors + 1) * sizeof(float);
}

}  // namespace tusk
