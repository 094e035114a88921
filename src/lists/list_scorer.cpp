#include "lists/list_scorer.hpp"

#include <algorithm>

#include "backend/padded_lists.hpp"
#include "lists/best_places.hpp"
#include "lists/candidates.hpp"
#include "model/score.hpp"
#include "models/row_scores.hpp"

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

// For each user the best k of `candidates` that `exclude` does not hold, by rank(users, items,
// ranks in the lists of parts).
template <class Rank>
std::vector<std::vector<Recommendation>> best_of(std::span<const Index> users,
                                                 std::span<const Index> candidates, CsrView exclude,
                                                 int k, const Rank& rank) {
  std::vector<std::vector<Recommendation>> lists;
  while (lists.size() < users.size()) {
    PairBatch batch;
    for (const Index user : users.subspan(lists.size())) {
      if (batch.is_full()) break;
      batch.add(user, [&](auto& items) { append_unseen(candidates, exclude, user, items); });
    }
    PartRanks parts;
    const std::vector<Prediction> scored = rank(batch.user, batch.item, parts);
    batch.each([&](std::size_t first, std::size_t count) {
      const auto of_user = std::span(scored).subspan(first, count);
      auto& list = lists.emplace_back();
      for (const std::size_t best : best_places(of_user, k, &Prediction::score)) {
        list.push_back({of_user[best], batch.item[first + best], {}, parts.of(first + best)});
      }
    });
  }
  return lists;
}

}  // namespace

SupportPrior resolved(const ListOrder& order, const Model& model) {
  if (order.prior.strength == 0) return {};
  const RatingScale scale = model.scale();
  const bool of_ratings = orders_by_ratings(order.by, model);
  const float usual = of_ratings ? (scale.low + scale.high) / 2 : 0;
  return {order.prior.strength, order.prior.score.value_or(usual)};
}

ListScorer::ListScorer(Device& device, const Model& model, const ListOrder& order)
    : backend_(backend_of(device)), model_(model), by_(used_rank_by(order.by, model)) {
  check_list_order(order, model.algorithm());
  predictor_ = model.open(device);
  if (order.risk != 0) predictor_ = predictor_->with_risk(order.risk);
  if (order.prior.strength > 0) {
    prior_score_ = *resolved(order, model).score;
    support_ = support_of_items(model, order.prior.strength);
  }
  if (model.learned().is_dot_product() && !support_.empty()) {
    shrunk_ = shrunk(model.state(), support_, prior_score_);
  }
}

std::vector<Prediction> ListScorer::rank(const Predictor& predictor, std::span<const Index> user,
                                         std::span<const Index> item) const {
  PartRanks parts;
  return rank(predictor, user, item, parts);
}

std::vector<Prediction> ListScorer::rank(const Predictor& predictor, std::span<const Index> user,
                                         std::span<const Index> item, PartRanks& parts) const {
  std::vector<Prediction> predictions = predictor.rank_with_parts(by_, user, item, parts);
  if (support_.empty()) return predictions;
  const bool by_state = shrunk_ && &predictor == predictor_.get();
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    float& own = predictions[p].score;
    own = by_state ? score(*shrunk_, user[p], item[p])
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
  } else if (has_rows()) {
    scores = scores_by_rows(*predictor_, by_, user, item);
    if (support_.empty()) return scores;
    for (std::size_t p = 0; p < scores.size(); ++p) {
      scores[p] = shrink(scores[p], support_[static_cast<std::size_t>(item[p])], prior_score_);
    }
  } else {
    for (const Prediction& prediction : rank(*predictor_, user, item)) {
      scores.push_back(prediction.score);
    }
  }
  return scores;
}

ListScorer::Lists ListScorer::lists(const Predictor& predictor, std::span<const Index> users,
                                    std::span<const Index> candidates, CsrView exclude,
                                    int k) const {
  if (has_rows() && std::find(users.begin(), users.end(), kNone) == users.end()) {
    const RowSelector selector(candidates, model_.state().items);
    return lists(predictor, users, best_rows(predictor, users, selector, exclude, k));
  }
  return best_of(users, candidates, exclude, k,
                 [&](const auto& user, const auto& item, PartRanks& parts) {
                   return rank(predictor, user, item, parts);
                 });
}

ListScorer::Lists ListScorer::lists(const Predictor& predictor, std::span<const Index> users,
                                    const TopK& found) const {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<std::size_t> place;  // in `found`
  const auto width = static_cast<std::size_t>(found.k);
  for (std::size_t at = 0; at < found.index.size(); ++at) {
    if (found.index[at] == kNone) continue;
    user.push_back(users[at / width]);
    item.push_back(found.index[at]);
    place.push_back(at);
  }
  const auto predictions = predictor.predict(user, item);
  Lists lists(users.size());
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    Recommendation entry{predictions[p], item[p]};
    entry.score = found.score[place[p]];
    lists[place[p] / width].push_back(entry);
  }
  return lists;
}

void ListScorer::each_row(const Predictor& predictor, std::span<const Index> users,
                          const ScoreRowVisitor& visit) const {
  predictor.score_rows(by_, users, [&](std::size_t u, std::span<float> scores) {
    for (std::size_t i = 0; i < support_.size(); ++i) {
      scores[i] = shrink(scores[i], support_[i], prior_score_);
    }
    visit(u, scores);
  });
}

TopK ListScorer::best_rows(const Predictor& predictor, std::span<const Index> users,
                           const RowSelector& candidates, CsrView exclude, int k) const {
  TopK top = padded_lists(users.size(), k);
  const auto width = static_cast<std::size_t>(k);
  each_row(predictor, users, [&](std::size_t u, std::span<float> scores) {
    const auto seen = exclude.offset.empty() ? std::span<const Index>() : exclude.row(users[u]);
    candidates.choose(scores, seen, std::span(top.index).subspan(u * width, width),
                      std::span(top.score).subspan(u * width, width));
  });
  return top;
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
  const std::uint64_t tables = table_bytes();
  if (!shrunk_) return tables;
  return tables +
         (static_cast<std::uint64_t>(shrunk_->users) + static_cast<std::uint64_t>(shrunk_->items)) *
             static_cast<std::uint64_t>(shrunk_->factors + 1) * sizeof(float);
}

}  // namespace tusk
