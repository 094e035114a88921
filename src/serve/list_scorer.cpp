#include "serve/list_scorer.hpp"

#include <algorithm>

#include "backend/padded_lists.hpp"
#include "model/score.hpp"
#include "serve/best_places.hpp"
#include "serve/candidates.hpp"

namespace tusk {
namespace {

std::vector<float> support_of_items(const Model& model, float strength) {
  std::vector<float> support;
  for (const std::int64_t ratings : ratings_of_items(model)) {
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

ListScorer::ListScorer(Backend& backend, const Model& model, const ListOrder& order)
    : backend_(backend), model_(model), by_(order.by) {
  check_list_order(order, model.algorithm());
  predictor_ = model.open(backend);
  if (order.prior.strength > 0) {
    prior_score_ = *resolved(order, model).score;
    support_ = support_of_items(model, order.prior.strength);
  }
  if (model.learned().is_dot_product() && !support_.empty()) {
    shrunk_ = shrunk(model.state(), support_, prior_score_);
  }
}

std::vector<float> ListScorer::scores(std::span<const Index> user,
                                      std::span<const Index> item) const {
  std::vector<float> scores;
  if (const MfState* const state = dot_state()) {
    scores.reserve(user.size());
    for (std::size_t p = 0; p < user.size(); ++p) scores.push_back(score(*state, user[p], item[p]));
    return scores;
  }
  scores = predictor_->scores(by_, user, item);
  if (support_.empty()) return scores;
  for (std::size_t p = 0; p < scores.size(); ++p) {
    scores[p] = shrink(scores[p], support_[static_cast<std::size_t>(item[p])], prior_score_);
  }
  return scores;
}

std::unique_ptr<TopKSession> ListScorer::open_session(std::span<const Index> candidates,
                                                      CsrView exclude) const {
  if (dot_state() == nullptr)
    return std::make_unique<ScoringTopKSession>(*this, candidates, exclude);
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

TopK ScoringTopKSession::query(std::span<const Index> users, int k) {
  const auto width = static_cast<std::size_t>(k);
  TopK result = padded_lists(users.size(), k);
  std::vector<Index> item;
  for (std::size_t first = 0; first < users.size();) {
    item.clear();
    std::vector<Index> user;
    std::vector<std::size_t> end;  // of each user in the two
    while (first + end.size() < users.size() && item.size() < kMostScoredPairs) {
      const Index next = users[first + end.size()];
      append_unseen(candidates_, exclude_, next, item);
      user.resize(item.size(), next);
      end.push_back(item.size());
    }
    const auto scores = scorer_.scores(user, item);
    std::size_t begin = 0;
    for (const std::size_t of_user_end : end) {
      const auto of_user = [&](const auto& all) {
        return std::span(all).subspan(begin, of_user_end - begin);
      };
      std::size_t to = first++ * width;
      for (const std::size_t best : best_places(of_user(scores), k)) {
        result.index[to] = item[begin + best];
        result.score[to++] = scores[begin + best];
      }
      begin = of_user_end;
    }
  }
  return result;
}

}  // namespace tusk
