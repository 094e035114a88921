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
  std::vector<Prediction> rating;  // of a model with such a part

  const std::vector<Prediction>& of(HybridPart part) const {
    switch (part) {
      case HybridPart::collaborative:
        return collaborative;
      case HybridPart::content:
        return content;
      case HybridPart::popular:
        return popular;
      case HybridPart::rating:
        break;
    }
    return rating;
  }
};

HybridPredictor::Opened::Opened(Backend& backend, const Model& whole, const ModelState& part)
    : model({std::shared_ptr<const ModelState>(), &part}, whole.shared_seen(), whole.scale()) {
  if (whole.of_weights()) model.metadata[kWeightsKey] = "true";
  predictor = model.open(backend);
}

HybridPredictor::HybridPredictor(Backend& backend, const Model& model, const HybridState& state)
    : options_(state.options()),
      has_content_(state.content_vectors().size() > 0),
      ratings_(model.ratings()) {
  for (const ModelPart& part : state.parts()) {
    opened_.push_back(std::make_shared<const Opened>(backend, model, *part.state));
    part_.push_back(opened_.back()->predictor.get());
  }
  if (options_.fused_by() == Fusion::exposure) {
    preference_.emplace(options_, model.scale(), state.ratings());
  }
}

HybridPredictor::HybridPredictor(const HybridPredictor& whole, CsrView ratings)
    : options_(whole.options_),
      has_content_(whole.has_content_),
      is_trained_(false),
      ratings_(ratings),
      preference_(whole.preference_),
      opened_(whole.opened_),
      part_(whole.part_) {
  for (const HybridPart part :
       {HybridPart::collaborative, HybridPart::content, HybridPart::rating}) {
    if (number(part) == part_.size()) continue;
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

HybridPart HybridPredictor::rating_part() const {
  if (preference_) return HybridPart::rating;
  return options_.collaborative == Collaborative::mf ? HybridPart::collaborative
                                                     : HybridPart::content;
}

HybridPredictor::Source HybridPredictor::source_of(Index user) const {
  const auto count = user == kNone ? 0 : std::ssize(ratings_.row(user));
  if (count == 0) return Source::popular;
  return has_content_ && count < options_.collaborative_from ? Source::content : Source::both;
}

std::vector<Prediction> HybridPredictor::predict(std::span<const Index> user,
                                                 std::span<const Index> item) const {
  // Users without ratings are predicted as unknown users.
  std::vector<Index> known(user.begin(), user.end());
  for (Index& one : known) {
    if (source_of(one) == Source::popular) one = kNone;
  }
  std::vector<Prediction> predictions = part_[number(rating_part())]->predict(known, item);
  const std::vector<Index> nobody(user.size(), kNone);
  std::vector<Prediction> popular = part_[number(HybridPart::popular)]->predict(nobody, item);
  for (std::size_t p = 0; p < known.size(); ++p) {
    if (known[p] == kNone) predictions[p] = popular[p];
  }
  return predictions;
}

RankBy HybridPredictor::order_of(HybridPart part) const {
  const bool by_sum =
      part == HybridPart::collaborative && options_.collaborative == Collaborative::item_knn;
  return by_sum ? RankBy::sum : RankBy::rating;
}

bool HybridPredictor::has_few_ratings(HybridPart part, Index user) const {
  const bool is_mf = part == HybridPart::rating || (part == HybridPart::collaborative &&
                                                    options_.collaborative == Collaborative::mf);
  return is_trained_ && is_mf && source_of(user) == Source::both &&
         std::ssize(ratings_.row(user)) < options_.fold_in_below;
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
  const std::vector<Prediction> some =
      part_[number(part)]->rank(order_of(part), some_users, some_items);
  std::vector<Prediction> all(user.size());
  for (std::size_t p = 0; p < place.size(); ++p) all[place[p]] = some[p];
  return all;
}

std::vector<Prediction> HybridPredictor::ranked_by_few(HybridPart part, std::span<const Index> user,
                                                       std::span<const Index> item) const {
  auto all = ranked(part, user, item, [&](Index one) {
    return source_of(one) == Source::both && !has_few_ratings(part, one);
  });
  each_run(user, [&](Index one, std::size_t first, std::size_t count) {
    if (!has_few_ratings(part, one)) return;
    const auto items = ratings_.row(one);
    const auto begin = static_cast<std::size_t>(ratings_.offset[static_cast<std::size_t>(one)]);
    const std::vector<std::int64_t> offset = {0, std::ssize(items)};
    const auto folded = part_[number(part)]->fold_in(
        {offset, items, ratings_.value.subspan(begin, items.size()), ratings_.columns});
    const auto own =
        folded->rank(order_of(part), std::vector<Index>(count, 0), item.subspan(first, count));
    std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(first));
  });
  return all;
}

HybridPredictor::Lists HybridPredictor::lists_of(std::span<const Index> user,
                                                 std::span<const Index> item) const {
  Lists lists;
  lists.collaborative = ranked_by_few(HybridPart::collaborative, user, item);
  lists.popular = ranked(HybridPart::popular, user, item,
                         [&](Index one) { return source_of(one) == Source::popular; });
  // Exposure leaves content to users with few ratings.
  lists.content = ranked(HybridPart::content, user, item, [&](Index one) {
    const Source source = source_of(one);
    return source == Source::content || (source == Source::both && !preference_);
  });
  if (preference_) lists.rating = ranked_by_few(HybridPart::rating, user, item);
  return lists;
}

std::vector<int> HybridPredictor::ranks_in(HybridPart part,
                                           std::span<const Prediction> list) const {
  const std::vector<float> scores = scores_of(list);
  // All have a place in a list that is multiplied.
  const int depth = preference_ ? static_cast<int>(list.size()) : options_.list_depth;
  // Ratings are on some scale. Of other scores those that are not above 0 recommend nothing.
  const bool by_rating =
      part == HybridPart::popular || (part == rating_part() && part != HybridPart::content);
  return by_rating ? ranks_of(scores, depth) : ranks_of(scores, depth, 0);
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
  parts.parts.assign(kHybridParts.begin(), kHybridParts.begin() + std::ssize(part_));
  parts.rank.assign(part_.size(), std::vector<int>(user.size(), 0));
  parts.score.assign(part_.size(), std::vector<float>(user.size(), 0));
  std::vector<Prediction> ranked(user.size());
  each_run(user, [&](Index one, std::size_t first, std::size_t count) {
    const auto place = static_cast<std::ptrdiff_t>(first);
    const auto add = [&](HybridPart part) {
      const auto list = std::span(lists.of(part)).subspan(first, count);
      std::ranges::copy(ranks_in(part, list), parts.rank[number(part)].begin() + place);
      std::ranges::copy(scores_of(list), parts.score[number(part)].begin() + place);
    };
    const Source source = source_of(one);
    const HybridPart rated = source == Source::popular   ? HybridPart::popular
                             : source == Source::content ? HybridPart::content
                                                         : rating_part();
    std::copy_n(lists.of(rated).begin() + place, count, ranked.begin() + place);
    if (source != Source::both) {
      add(rated);
      return;
    }
    add(HybridPart::collaborative);
    add(preference_ ? HybridPart::rating : HybridPart::content);
    const std::vector<float> scores =
        preference_ ? by_exposure(lists, first, count) : by_ranks(parts, lists, first, count);
    for (std::size_t p = 0; p < count; ++p) ranked[first + p].score = scores[p];
  });
  return ranked;
}

std::vector<float> HybridPredictor::by_ranks(const PartRanks& parts, const Lists& lists,
                                             std::size_t first, std::size_t count) const {
  const auto ranks = [&](HybridPart part) {
    return std::span<const int>(parts.rank[number(part)]).subspan(first, count);
  };
  const std::vector<RankedPart> fusion = {
      {ranks(HybridPart::collaborative), options_.collaborative_weight},
      {ranks(HybridPart::content), options_.content_weight}};
  std::vector<float> ratings;
  for (const Prediction& own : std::span(lists.of(rating_part())).subspan(first, count)) {
    ratings.push_back(own.rating);
  }
  const auto similarity = scores_of(std::span(lists.content).subspan(first, count));
  return without_ties(fused(fusion, options_.rank_constant), ratings, similarity);
}

std::vector<float> HybridPredictor::by_exposure(const Lists& lists, std::size_t first,
                                                std::size_t count) const {
  std::vector<float> scores;
  for (std::size_t p = first; p < first + count; ++p) {
    const double exposure = std::max(0.0f, lists.collaborative[p].score);
    scores.push_back(static_cast<float>(exposure * (*preference_)(lists.rating[p].score)));
  }
  return scores;
}

std::optional<TopK> HybridPredictor::nearest_items(std::span<const Index> items, int k) const {
  auto nearest = opened_[number(HybridPart::collaborative)]->predictor->nearest_items(items, k);
  if (nearest) return nearest;
  return opened_[number(HybridPart::content)]->predictor->nearest_items(items, k);
}

std::optional<std::vector<float>> HybridPredictor::similarities(
    Index item, std::span<const Index> others) const {
  auto similar = opened_[number(HybridPart::collaborative)]->predictor->similarities(item, others);
  if (similar) return similar;
  return opened_[number(HybridPart::content)]->predictor->similarities(item, others);
}

std::optional<std::vector<float>> HybridPredictor::text_scores(std::string_view text,
                                                               std::span<const Index> items) const {
  return opened_[number(HybridPart::content)]->predictor->text_scores(text, items);
}

std::uint64_t HybridPredictor::table_bytes(RankBy) const {
  std::uint64_t bytes = 0;
  for (std::size_t part = 0; part < part_.size(); ++part) {
    bytes += part_[part]->table_bytes(order_of(static_cast<HybridPart>(part)));
  }
  return bytes;
}

std::int64_t HybridPredictor::pairs_at_once() const {
  std::int64_t most = part_.front()->pairs_at_once();
  for (const Predictor* part : part_) most = std::min(most, part->pairs_at_once());
  return most;
}

}  // namespace tusk
