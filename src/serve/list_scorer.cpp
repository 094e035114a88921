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
  shrunk.user_factors.resize(users * to);
  for (std::size_t u = 0; u < users; ++u) {
    std::copy_n(state.user_factors.data() + u * from, from, shrunk.user_factors.data() + u * to);
    if (state.biased) shrunk.user_factors[u * to + from] = state.user_bias[u];
  }
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

}  // namespace

SupportPrior resolved(const ListOrder& order, const Model& model) {
  if (order.prior.strength == 0) return {};
  const RatingScale scale = model.scale();
  const float usual = order.by == RankBy::sum ? 0 : (scale.low + scale.high) / 2;
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
        list.push_back({of_user[best], item[begin + best]});
      }
      begin = of_user_end;
    }
  }
  return lists;
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
      lists[u].push_back({model_.prediction_of(found.score[r], users[u], own), own});
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

std::unique_ptr<TopKSession> ListScorer::open_session(std::span<const Index> candidates,
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
