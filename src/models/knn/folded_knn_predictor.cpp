#include "models/knn/folded_knn_predictor.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "cpu/nearest.hpp"
#include "models/knn/knn_rating.hpp"
#include "models/rated_items.hpp"
#include "models/row_scores.hpp"

namespace tusk {
namespace {

std::size_t at(Index index) { return static_cast<std::size_t>(index); }

// A new user.
struct NewUser {
  RatedItems rated;
  double mean = 0;    // of the ratings; of all training ratings if there are none
  double spread = 1;  // with which deviations are multiplied where users are rows
  double bias = 0;
};

// Neighbours of one target: the row of each is an index of the model.
using Neighbours = std::vector<Neighbour>;

class FoldedKnnPredictor : public Predictor {
 public:
  FoldedKnnPredictor(std::shared_ptr<const KnnFoldIn> shared, CsrView ratings)
      : shared_(std::move(shared)), ratings_(ratings) {}

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override {
    return rank(RankBy::rating, user, item);
  }

  std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                               std::span<const Index> item) const override {
    const KnnParams& params = shared_->params();
    std::vector<Prediction> predictions(user.size());
    each_target(user, item, [&](std::size_t p, const NewUser* who, const Neighbours& nearest) {
      const NeighbourSums sums = sums_of(nearest);
      if (who == nullptr || sums.count < params.min_neighbours) {
        predictions[p] = without_neighbours(who, item[p]);
        if (by == RankBy::sum) predictions[p].score = 0;
        return;
      }
      const double centre = this->centre(*who, item[p]);
      const double spread = this->spread(*who, item[p]);
      const auto rating = static_cast<float>(knn_rating(params, sums, centre, spread));
      predictions[p] = {rating, shared_->model.scale().clip(rating), Evidence::folded_in};
      if (by == RankBy::sum) predictions[p].score = knn_sum(params, sums, centre, spread);
    });
    if (!has_score_rows(by)) return predictions;
    const std::vector<float> score = scores_by_rows(*this, by, user, item);
    for (std::size_t p = 0; p < score.size(); ++p) predictions[p].score = score[p];
    return predictions;
  }

  bool has_score_rows(RankBy by) const override {
    return by == RankBy::sum && shared_->params().policy != NeighbourPolicy::raters;
  }

  void score_rows(RankBy, std::span<const Index> users,
                  const ScoreRowVisitor& visit) const override {
    const auto terms_of = [&](std::size_t u) {
      const NewUser who = new_user(users[u]);
      return shared_->by_user() ? similar_users(who) : rated_by(who);
    };
    shared_->sums.each(users.size(), terms_of, visit);
  }

  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override {
    return open_knn_fold_in(shared_, ratings);
  }

  std::int64_t pairs_at_once() const override { return 1 << 22; }

  std::vector<std::vector<Contribution>> contributions(
      Index user, std::span<const Index> items) const override {
    std::vector<std::vector<Contribution>> all(items.size());
    if (shared_->by_user()) return all;
    const NewUser who = new_user(user);
    const std::vector<Neighbours> nearest = neighbours_by_items(who, items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const NeighbourSums sums = sums_of(nearest[i]);
      if (sums.count < shared_->params().min_neighbours) continue;
      const double weight = spread(who, items[i]) /
                            (sums.weight + static_cast<double>(shared_->params().weight_shrinkage));
      for (const Neighbour& neighbour : nearest[i]) {
        const auto& rated = who.rated.item;
        const auto place = static_cast<std::size_t>(
            std::lower_bound(rated.begin(), rated.end(), neighbour.row) - rated.begin());
        all[i].push_back({neighbour.row, who.rated.rating[place],
                          static_cast<float>(weight * neighbour.similarity * neighbour.deviation)});
      }
      sort_contributions(all[i]);
    }
    return all;
  }

 private:
  NewUser new_user(Index row) const {
    NewUser who{rated_items(shared_->model, ratings_, row)};
    const std::vector<float>& ratings = who.rated.rating;
    const MfState& base = shared_->state.base();
    who.mean = ratings.empty() ? static_cast<double>(base.mean)
                               : std::accumulate(ratings.begin(), ratings.end(), 0.0) /
                                     static_cast<double>(ratings.size());
    who.spread = shared_->ratings.spread_of(ratings, who.mean);
    if (base.biased) who.bias = shared_->bias.fold(who.rated.item, ratings).front();
    return who;
  }

  double baseline(const NewUser& who, Index item) const {
    const MfState& base = shared_->state.base();
    return static_cast<double>(base.mean) + base.item_bias[at(item)] + who.bias;
  }

  // As KnnRatings has them of users who were trained.
  double centre(const NewUser& who, Index item) const {
    const Centring centring = shared_->params().centring;
    if (centring == Centring::none) return shared_->state.base().mean;
    if (centring == Centring::baseline) return baseline(who, item);
    return shared_->by_user() || centring == Centring::user_mean
               ? who.mean
               : shared_->ratings.centre(item, kNone);
  }
  double spread(const NewUser& who, Index item) const {
    return shared_->by_user() ? who.spread : shared_->ratings.spread(item);
  }

  // Where rows are items.
  float deviation(const NewUser& who, Index item, float rating) const {
    return static_cast<float>((rating - centre(who, item)) / shared_->ratings.spread(item));
  }

  SumRows::Terms rated_by(const NewUser& who) const {
    const auto& weight = shared_->ratings.weight();
    const bool as_is = shared_->params().centring == Centring::none;
    SumRows::Terms terms{who.rated.item, {}};
    for (std::size_t n = 0; n < who.rated.item.size(); ++n) {
      const float rating = who.rated.rating[n];
      terms.weight.push_back(weight  ? (*weight)(rating)
                             : as_is ? rating
                                     : deviation(who, who.rated.item[n], rating));
    }
    return terms;
  }

  SumRows::Terms similar_users(const NewUser& who) const {
    SumRows::Terms terms;
    for (const Neighbour& neighbour : nearest_users(similarities_to_all(who))) {
      terms.row.push_back(neighbour.row);
      terms.weight.push_back(who.spread * static_cast<float>(neighbour.similarity));
    }
    return terms;
  }

  // visit(place in `user`, the new user or null for kNone, neighbours) of each pair; a user's pairs
  // are one task of a thread.
  template <class Visit>
  void each_target(std::span<const Index> user, std::span<const Index> item,
                   const Visit& visit) const {
    std::vector<std::size_t> place(user.size());  // by user
    std::iota(place.begin(), place.end(), std::size_t{0});
    std::stable_sort(place.begin(), place.end(),
                     [&](std::size_t a, std::size_t b) { return user[a] < user[b]; });
    std::vector<std::size_t> begin;
    for (std::size_t p = 0; p < place.size(); ++p) {
      if (p == 0 || user[place[p]] != user[place[p - 1]]) begin.push_back(p);
    }
    shared_->backend.parallel_for(std::ssize(begin), [&](std::int64_t task) {
      const auto t = static_cast<std::size_t>(task);
      const std::size_t end = t + 1 < begin.size() ? begin[t + 1] : place.size();
      const auto places = std::span(place).subspan(begin[t], end - begin[t]);
      if (user[places.front()] == kNone) {
        for (const std::size_t p : places) visit(p, nullptr, {});
        return;
      }
      const NewUser who = new_user(user[places.front()]);
      std::vector<Index> known;
      for (const std::size_t p : places) {
        if (shared_->model.knows_item(item[p])) known.push_back(item[p]);
      }
      const auto nearest =
          shared_->by_user() ? neighbours_by_users(who, known) : neighbours_by_items(who, known);
      auto next = nearest.begin();
      for (const std::size_t p : places) {
        const bool knows = shared_->model.knows_item(item[p]);
        visit(p, &who, knows ? *next : Neighbours());
        if (knows) ++next;
      }
    });
  }

  std::vector<Neighbours> neighbours_by_items(const NewUser& who,
                                              std::span<const Index> targets) const {
    std::vector<float> deviation;
    for (std::size_t n = 0; n < who.rated.item.size(); ++n) {
      deviation.push_back(this->deviation(who, who.rated.item[n], who.rated.rating[n]));
    }
    return shared_->params().policy == NeighbourPolicy::table
               ? from_table(who.rated.item, deviation, targets)
               : among_rated(who.rated.item, deviation, targets);
  }

  std::vector<Neighbours> from_table(const std::vector<Index>& rated,
                                     const std::vector<float>& deviation,
                                     std::span<const Index> targets) const {
    const NeighbourTable& table = shared_->state.knn().table;
    const auto k = static_cast<std::size_t>(table.k);
    const auto most = static_cast<std::size_t>(shared_->params().neighbours);
    std::vector<Neighbours> all(targets.size());
    for (std::size_t t = 0; t < targets.size(); ++t) {
      for (std::size_t n = at(targets[t]) * k; n < (at(targets[t]) + 1) * k; ++n) {
        const Index other = table.neighbour[n];
        if (other == kNone || all[t].size() == most) break;
        const auto found = std::lower_bound(rated.begin(), rated.end(), other);
        if (found == rated.end() || *found != other) continue;
        const auto place = static_cast<std::size_t>(found - rated.begin());
        all[t].push_back({static_cast<double>(table.similarity[n]), other, deviation[place]});
      }
    }
    return all;
  }

  std::vector<Neighbours> among_rated(const std::vector<Index>& rated,
                                      const std::vector<float>& deviation,
                                      std::span<const Index> targets) const {
    std::vector<std::size_t> order(rated.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return shared_->number[at(rated[a])] < shared_->number[at(rated[b])];
    });
    std::vector<NearestHeap> heap(targets.size());
    for (NearestHeap& one : heap) {
      one.start(static_cast<std::size_t>(shared_->params().neighbours));
    }
    for (const std::size_t n : order) {
      const auto similarity = shared_->similarities(rated[n]);
      const Index number = shared_->number[at(rated[n])];
      for (std::size_t t = 0; t < targets.size(); ++t) {
        if (targets[t] == rated[n]) continue;
        heap[t].offer({(*similarity)[at(targets[t])], number, deviation[n]});
      }
    }
    std::vector<Neighbours> all;
    for (NearestHeap& one : heap) all.push_back(by_index(one.finish()));
    return all;
  }

  std::vector<Neighbours> neighbours_by_users(const NewUser& who,
                                              std::span<const Index> targets) const {
    const std::vector<double> similarity = similarities_of(who);
    const CsrView columns = shared_->ratings.columns();
    std::vector<Neighbours> all;
    NearestHeap heap;
    for (const Index item : targets) {
      heap.start(static_cast<std::size_t>(shared_->params().neighbours));
      const auto end = static_cast<std::size_t>(columns.offset[at(item) + 1]);
      for (auto e = static_cast<std::size_t>(columns.offset[at(item)]); e < end; ++e) {
        const Index number = shared_->rater[e];
        heap.offer({similarity[at(number)], number, shared_->deviation[e]});
      }
      all.push_back(by_index(heap.finish()));
    }
    return all;
  }

  // To all users, by their numbers.
  std::vector<double> similarities_to_all(const NewUser& who) const {
    std::vector<double> value;
    const SimilarityMetric metric = shared_->params().similarity.metric;
    for (std::size_t n = 0; n < who.rated.item.size(); ++n) {
      const auto& weight = shared_->ratings.weight();
      const bool weighed = weight && metric == SimilarityMetric::cosine;
      const double rating = weighed ? (*weight)(who.rated.rating[n]) : who.rated.rating[n];
      const double less = metric == SimilarityMetric::centered_cosine ? who.mean
                          : metric == SimilarityMetric::pearson_baseline
                              ? baseline(who, who.rated.item[n])
                              : 0;
      value.push_back(static_cast<float>(rating - less));
    }
    const std::vector<double> of_users = shared_->similarities(who.rated.item, value);
    std::vector<double> similarity;
    for (const Index user : shared_->order) similarity.push_back(of_users[at(user)]);
    return similarity;
  }

  // Those that would be in the new user's row of a table.
  Neighbours nearest_users(const std::vector<double>& similarity) const {
    NearestHeap heap;
    heap.start(static_cast<std::size_t>(shared_->params().neighbours));
    for (std::size_t number = 0; number < similarity.size(); ++number) {
      heap.offer({similarity[number], static_cast<Index>(number), 0});
    }
    return by_index(heap.finish());
  }

  // As similarities_to_all(); with a table, 0 for all but nearest_users().
  std::vector<double> similarities_of(const NewUser& who) const {
    std::vector<double> similarity = similarities_to_all(who);
    if (shared_->params().policy != NeighbourPolicy::table) return similarity;
    const Neighbours nearest = nearest_users(similarity);
    std::fill(similarity.begin(), similarity.end(), 0);
    for (const Neighbour& neighbour : nearest) {
      similarity[at(shared_->number[at(neighbour.row)])] = static_cast<float>(neighbour.similarity);
    }
    return similarity;
  }

  Neighbours by_index(std::span<const Neighbour> by_number) const {
    Neighbours all(by_number.begin(), by_number.end());
    for (Neighbour& neighbour : all) neighbour.row = shared_->order[at(neighbour.row)];
    return all;
  }

  static NeighbourSums sums_of(const Neighbours& nearest) {
    NeighbourSums sums;
    for (const Neighbour& neighbour : nearest) {
      sums.weight += neighbour.similarity;
      sums.deviation += neighbour.similarity * neighbour.deviation;
      ++sums.count;
    }
    return sums;
  }

  Prediction without_neighbours(const NewUser* who, Index item) const {
    const Model& model = shared_->model;
    const Centring centring = shared_->params().centring;
    if (who == nullptr || who->rated.item.empty()) {
      return model.predict_by_state(kNone, centring == Centring::baseline ? item : kNone);
    }
    const bool knows = model.knows_item(item);
    const MfState& base = shared_->state.base();
    if (centring == Centring::baseline) {
      const auto score = static_cast<float>(knows ? baseline(*who, item) : base.mean + who->bias);
      return {score, model.scale().clip(score), knows ? Evidence::folded_in : Evidence::user_only};
    }
    const bool of_user = shared_->by_user() || centring == Centring::user_mean;
    if (centring == Centring::none || (!of_user && !knows)) {
      return model.predict_by_state(kNone, kNone);
    }
    const auto mean =
        static_cast<float>(of_user ? who->mean : shared_->ratings.centre(item, kNone));
    return {mean, model.scale().clip(mean), of_user ? Evidence::user_only : Evidence::item_only};
  }

  std::shared_ptr<const KnnFoldIn> shared_;
  CsrView ratings_;
};

}  // namespace

std::unique_ptr<const Predictor> open_knn_fold_in(std::shared_ptr<const KnnFoldIn> shared,
                                                  CsrView ratings) {
  return std::make_unique<FoldedKnnPredictor>(std::move(shared), ratings);
}

}  // namespace tusk
