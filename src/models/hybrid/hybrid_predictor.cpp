#include "models/hybrid/hybrid_predictor.hpp"

#include <algorithm>
#include <utility>

#include "models/hybrid/rank_fusion.hpp"

namespace tusk {
namespace {

std::size_t number(HybridPart part) { return static_cast<std::size_t>(part); }

// Calls visit(user, first, count) for each run of pairs of one user.
template <class Visit>
void each_run(std::span<const Index> user, const Visit& visit) {
  for (std::size_t first = 0; first < user.size();) {
    std::size_t end = first;
    while (end < user.size() && user[end] == user[first]) ++end;
    visit(user[first], first, end - first);
    first = end;
  }
}

std::vector<float> scores_of(std::span<const Prediction> predictions) {
  std::vector<float> scores;
  for (const Prediction& prediction : predictions) scores.push_back(prediction.score);
  return scores;
}

}  // namespace

// What the parts rank of pairs.
struct HybridPredictor::Lists {
  std::vector<Prediction> collaborative;
  std::vector<Prediction> content;
  std::vector<Prediction> popular;
};

HybridPredictor::Opened::Opened(Backend& backend, const Model& whole, const ModelState& part)
    : model({std::shared_ptr<const ModelState>(), &part}, whole.shared_seen(), whole.scale()),
      predictor(model.open(backend)) {}

HybridPredictor::HybridPredictor(Backend& backend, const Model& model, const HybridState& state)
    : options_(state.options()), ratings_(model.ratings()) {
  for (std::size_t p = 0; p < kHybridParts.size(); ++p) {
    const ModelState& part = *state.part(static_cast<HybridPart>(p)).state;
    opened_.push_back(std::make_shared<const Opened>(backend, model, part));
    part_.push_back(opened_.back()->predictor.get());
  }
}

HybridPredictor::HybridPredictor(const HybridPredictor& whole, CsrView ratings)
    : options_(whole.options_),
      is_trained_(false),
      ratings_(ratings),
      opened_(whole.opened_),
      part_(whole.part_) {
  for (const HybridPart part : {HybridPart::collaborative, HybridPart::content}) {
    folded_.push_back(whole.part_[number(part)]->fold_in(ratings));
    part_[number(part)] = folded_.back().get();
  }
}

std::unique_ptr<const Predictor> HybridPredictor::fold_in(CsrView ratings) const {
  return std::unique_ptr<const Predictor>(new HybridPredictor(*this, ratings));
}

std::vector<std::vector<Contribution>> HybridPredictor::contributions(
    Index user, std::span<const Index> items) const {
  const bool is_new = source_of(user) != Source::both;
  return part_[number(is_new ? HybridPart::content : HybridPart::collaborative)]->contributions(
      user, items);
}

const Predictor& HybridPredictor::rating_part() const {
  const bool by_mf = options_.collaborative == Collaborative::mf;
  return *part_[number(by_mf ? HybridPart::collaborative : HybridPart::content)];
}

HybridPredictor::Source HybridPredictor::source_of(Index user) const {
  const auto count = user == kNone ? 0 : std::ssize(ratings_.row(user));
  if (count == 0) return Source::popular;
  return count < options_.collaborative_from ? Source::content : Source::both;
}

std::vector<Prediction> HybridPredictor::predict(std::span<const Index> user,
                                                 std::span<const Index> item) const {
  // Users without ratings are predicted as unknown users.
  std::vector<Index> known(user.begin(), user.end());
  for (Index& one : known) {
    if (source_of(one) == Source::popular) one = kNone;
  }
  std::vector<Prediction> predictions = rating_part().predict(known, item);
  const std::vector<Index> nobody(user.size(), kNone);
  std::vector<Prediction> popular = part_[number(HybridPart::popular)]->predict(nobody, item);
  for (std::size_t p = 0; p < known.size(); ++p) {
    if (known[p] == kNone) predictions[p] = popular[p];
  }
  return predictions;
}

RankBy HybridPredictor::collaborative_order() const {
  return options_.collaborative == Collaborative::mf ? RankBy::rating : RankBy::sum;
}

bool HybridPredictor::has_few_ratings(Index user) const {
  return is_trained_ && options_.collaborative == Collaborative::mf &&
         source_of(user) == Source::both && std::ssize(ratings_.row(user)) < options_.fold_in_below;
}

template <class Wanted>
std::vector<Prediction> HybridPredictor::ranked(HybridPart part, std::span<const Index> user,
                                                std::span<const Index> item,
                                                const Wanted& wanted) const {
  std::vector<std::size_t> place;
  std::vector<Index> some_users;
  std::vector<Index> some_items;
  each_run(user, [&](Index one, std::size_t first, std::size_t count) {
    if (!wanted(one)) return;
    for (std::size_t p = first; p < first + count; ++p) {
      place.push_back(p);
      some_users.push_back(source_of(one) == Source::popular ? kNone : one);
      some_items.push_back(item[p]);
    }
  });
  const RankBy by = part == HybridPart::collaborative ? collaborative_order() : RankBy::rating;
  const std::vector<Prediction> some = part_[number(part)]->rank(by, some_users, some_items);
  std::vector<Prediction> all(user.size());
  for (std::size_t p = 0; p < place.size(); ++p) all[place[p]] = some[p];
  return all;
}

std::vector<Prediction> HybridPredictor::ranked_by_few(std::span<const Index> user,
                                                       std::span<const Index> item) const {
  auto all = ranked(HybridPart::collaborative, user, item, [&](Index one) {
    return source_of(one) == Source::both && !has_few_ratings(one);
  });
  each_run(user, [&](Index one, std::size_t first, std::size_t count) {
    if (!has_few_ratings(one)) return;
    const auto items = ratings_.row(one);
    const auto begin = static_cast<std::size_t>(ratings_.offset[static_cast<std::size_t>(one)]);
    const std::vector<std::int64_t> offset = {0, std::ssize(items)};
    const auto folded = part_[number(HybridPart::collaborative)]->fold_in(
        {offset, items, ratings_.value.subspan(begin, items.size()), ratings_.columns});
    const auto own = folded->rank(collaborative_order(), std::vector<Index>(count, 0),
                                  item.subspan(first, count));
    std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(first));
  });
  return all;
}

HybridPredictor::Lists HybridPredictor::lists_of(std::span<const Index> user,
                                                 std::span<const Index> item) const {
  return {ranked_by_few(user, item),
          ranked(HybridPart::content, user, item,
                 [&](Index one) { return source_of(one) != Source::popular; }),
          ranked(HybridPart::popular, user, item,
                 [&](Index one) { return source_of(one) == Source::popular; })};
}

std::vector<int> HybridPredictor::ranks_in(HybridPart part,
                                           std::span<const Prediction> list) const {
  // Ratings are on some scale. Of sums and cosines those that are not above 0 recommend nothing.
  const bool by_rating =
      part == HybridPart::popular ||
      (part == HybridPart::collaborative && options_.collaborative == Collaborative::mf);
  const std::vector<float> scores = scores_of(list);
  return by_rating ? ranks_of(scores, options_.list_depth)
                   : ranks_of(scores, options_.list_depth, 0);
}

std::vector<Prediction> HybridPredictor::rank(RankBy by, std::span<const Index> user,
                                              std::span<const Index> item) const {
  PartRanks parts;
  return rank_with_parts(by, user, item, parts);
}

std::vector<Prediction> HybridPredictor::rank_with_parts(RankBy, std::span<const Index> user,
                                                         std::span<const Index> item,
                                                         PartRanks& parts) const {
  const Lists lists = lists_of(user, item);
  const bool by_mf = options_.collaborative == Collaborative::mf;
  parts.parts.assign(kHybridParts.begin(), kHybridParts.end());
  parts.rank.assign(parts.parts.size(), std::vector<int>(user.size(), 0));
  std::vector<Prediction> ranked(user.size());
  each_run(user, [&](Index one, std::size_t first, std::size_t count) {
    const auto add = [&](HybridPart part, const std::vector<Prediction>& list) {
      const auto ranks = ranks_in(part, std::span(list).subspan(first, count));
      std::copy(ranks.begin(), ranks.end(),
                parts.rank[number(part)].begin() + static_cast<std::ptrdiff_t>(first));
    };
    const Source source = source_of(one);
    const auto& rating = source == Source::popular         ? lists.popular
                         : by_mf && source == Source::both ? lists.collaborative
                                                           : lists.content;
    std::copy_n(rating.begin() + static_cast<std::ptrdiff_t>(first), count,
                ranked.begin() + static_cast<std::ptrdiff_t>(first));
    if (source == Source::popular) add(HybridPart::popular, lists.popular);
    if (source != Source::popular) add(HybridPart::content, lists.content);
    if (source != Source::both) return;
    add(HybridPart::collaborative, lists.collaborative);
    const auto ranks = [&](HybridPart part) {
      return std::span<const int>(parts.rank[number(part)]).subspan(first, count);
    };
    const std::vector<RankedPart> fusion = {
        {ranks(HybridPart::collaborative), options_.collaborative_weight},
        {ranks(HybridPart::content), options_.content_weight}};
    std::vector<float> ratings;
    for (const Prediction& own : std::span(rating).subspan(first, count)) {
      ratings.push_back(own.rating);
    }
    const auto similarity = scores_of(std::span(lists.content).subspan(first, count));
    const auto scores = without_ties(fused(fusion, options_.rank_constant), ratings, similarity);
    for (std::size_t p = 0; p < count; ++p) ranked[first + p].score = scores[p];
  });
  return ranked;
}

std::optional<TopK> HybridPredictor::nearest_items(std::span<const Index> items, int k) const {
  auto nearest = opened_[number(HybridPart::collaborative)]->predictor->nearest_items(items, k);
  if (nearest) return nearest;
  return opened_[number(HybridPart::content)]->predictor->nearest_items(items, k);
}

std::optional<std::vector<float>> HybridPredictor::similarities(
    Index item, std::span<const Index> others) const {
  return opened_[number(HybridPart::collaborative)]->predictor->similarities(item, others);
}

std::optional<std::vector<float>> HybridPredictor::text_scores(std::string_view text,
                                                               std::span<const Index> items) const {
  return opened_[number(HybridPart::content)]->predictor->text_scores(text, items);
}

std::int64_t HybridPredictor::pairs_at_once() const {
  std::int64_t most = part_.front()->pairs_at_once();
  for (const Predictor* part : part_) most = std::min(most, part->pairs_at_once());
  return most;
}

}  // namespace tusk
