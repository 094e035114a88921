#include "models/ease/ease_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "models/rated_items.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kEasePairsAtOnce = 1 << 22;

// sums[k] += value times the entry of the table's row in column place(k), for each of `rows` in
// turn.
template <class Place>
void add_rows(std::span<const float> table, std::size_t width, const SparseRow& rows,
              const Place& place, std::span<float> sums) {
  for (std::size_t r = 0; r < rows.column.size(); ++r) {
    const float* const from = &table[static_cast<std::size_t>(rows.column[r]) * width];
    const float weight = rows.value[r];
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += weight * from[place(k)];
  }
}

}  // namespace

struct EasePredictor::Shared {
  Shared(Backend& backend_in, const Model& model_in, const EaseState& state)
      : backend(backend_in),
        model(model_in),
        learned(state.weights()),
        weigh(state.options().interactions, model_in.scale(), model_in.of_weights()),
        places(learned.item, model_in.state().items),
        trained(placed(model_in.ratings())) {
    if (learned.by_users()) raters.emplace(trained.view());
  }

  // The weights of ratings, by place.
  SparseMatrixOf placed(const CsrView& ratings) const {
    return places.placed(weighted(ratings, weigh), [this](std::int64_t count, const auto& task) {
      backend.parallel_for(count, task);
    });
  }

  // What B_jj would be in the form by users: see EaseWeights.
  float own(std::size_t j) const { return 1 / (learned.diagonal[j] * learned.precision[j]) - 1; }

  // B_ij for all j.
  std::vector<float> row_of_table(Index i) const {
    std::vector<float> row(learned.items(), 0);
    const auto place = static_cast<std::size_t>(i);
    if (learned.by_users()) {
      add_rows(learned.user_table, row.size(), {raters->view(), i}, std::identity(), row);
      for (float& value : row) value /= learned.diagonal[place];
    } else if (learned.by_neighbours()) {
      for (std::size_t j = 0; j < row.size(); ++j) row[j] = neighbour(i, static_cast<Index>(j));
    } else {
      std::copy_n(&learned.table[place * row.size()], row.size(), row.begin());
    }
    row[place] = 0;
    return row;
  }

  float neighbour(Index i, Index j) const { return SparseRow(learned.neighbours.view(), j).at(i); }

  float coefficient(Index i, Index j) const {
    const std::size_t width = learned.items();
    const auto column = static_cast<std::size_t>(j);
    if (i == j) return 0;
    if (learned.by_neighbours()) return neighbour(i, j);
    if (!learned.by_users()) return learned.table[static_cast<std::size_t>(i) * width + column];
    float sum = 0;
    add_rows(learned.user_table, width, {raters->view(), i},
             [column](std::size_t) { return column; }, {&sum, 1});
    return sum / learned.diagonal[static_cast<std::size_t>(i)];
  }

  // x D^-1 X' of a row x: scratch.likeness, where it is not 0, of scratch.user.
  void compare_to_users(const SparseRow& own_row, Scratch& scratch) const;

  // Of an item with all others, by place; 1 with itself.
  std::vector<float> correlations(Index i) const {
    std::vector<float> row;
    if (learned.by_neighbours()) {
      // Those that the item itself keeps: B_ji.
      row.assign(learned.items(), 0);
      const SparseRow own_row(learned.neighbours.view(), i);
      for (std::size_t n = 0; n < own_row.column.size(); ++n) {
        const auto j = static_cast<std::size_t>(own_row.column[n]);
        row[j] = own_row.value[n] * ratio(static_cast<std::size_t>(i), j);
      }
    } else {
      row = row_of_table(i);
      for (std::size_t j = 0; j < row.size(); ++j) row[j] *= ratio(j, static_cast<std::size_t>(i));
    }
    row[static_cast<std::size_t>(i)] = 1;
    return row;
  }
  float ratio(std::size_t a, std::size_t b) const {
    return std::sqrt(learned.precision[a] / learned.precision[b]);
  }

  Backend& backend;
  const Model& model;
  const EaseWeights& learned;
  InteractionWeight weigh;
  EasePlaces places;
  SparseMatrixOf trained;            // weights of the training ratings, by place
  std::optional<Transposed> raters;  // its transpose, in the form by users
};

// What a thread scores users with.
struct EasePredictor::Scratch {
  std::vector<std::size_t> pair;  // among those asked for, of the items that have a place
  std::vector<Index> place;       // of these items
  std::vector<float> sums;        // their scores
  std::vector<float> all;         // by place
  std::vector<double> of_users;
  std::vector<Index> user;
  std::vector<float> likeness;
};

void EasePredictor::Shared::compare_to_users(const SparseRow& own_row, Scratch& scratch) const {
  scratch.of_users.assign(static_cast<std::size_t>(trained.view().rows()), 0);
  own_row.each([&](std::size_t i, double weight) {
    const double scale = weight / static_cast<double>(learned.diagonal[i]);
    SparseRow(raters->view(), static_cast<Index>(i)).each([&](std::size_t u, double value) {
      scratch.of_users[u] += scale * value;
    });
  });
  scratch.user.clear();
  scratch.likeness.clear();
  for (std::size_t u = 0; u < scratch.of_users.size(); ++u) {
    if (scratch.of_users[u] == 0) continue;
    scratch.user.push_back(static_cast<Index>(u));
    scratch.likeness.push_back(static_cast<float>(scratch.of_users[u]));
  }
}

EasePredictor::EasePredictor(Backend& backend, const Model& model, const EaseState& state)
    : EasePredictor(std::make_shared<Shared>(backend, model, state), model.ratings(), true) {}

EasePredictor::EasePredictor(std::shared_ptr<const Shared> shared, CsrView ratings, bool is_trained)
    : shared_(std::move(shared)), ratings_(ratings), is_trained_(is_trained) {
  if (!is_trained) folded_ = shared_->placed(ratings);
}

CsrView EasePredictor::weights() const { return (is_trained_ ? shared_->trained : folded_).view(); }

std::unique_ptr<const Predictor> EasePredictor::fold_in(CsrView ratings) const {
  return std::unique_ptr<const Predictor>(new EasePredictor(shared_, ratings, false));
}

std::vector<Prediction> EasePredictor::predict(std::span<const Index> user,
                                               std::span<const Index> item) const {
  constexpr std::size_t kPairsOfTask = 1024;
  std::vector<std::size_t> first_of_task = {0};  // each with all pairs of its users
  for (std::size_t p = 1; p < user.size(); ++p) {
    if (user[p] != user[p - 1] && p - first_of_task.back() >= kPairsOfTask) {
      first_of_task.push_back(p);
    }
  }
  first_of_task.push_back(user.size());
  std::vector<Prediction> predictions(user.size());
  shared_->backend.parallel_for(std::ssize(first_of_task) - 1, [&](std::int64_t task) {
    Scratch scratch;
    const std::size_t last = first_of_task[static_cast<std::size_t>(task) + 1];
    std::size_t end = 0;
    for (std::size_t p = first_of_task[static_cast<std::size_t>(task)]; p < last; p = end) {
      end = p + 1;
      while (end < last && user[end] == user[p]) ++end;
      score(user[p], item.subspan(p, end - p), scratch, std::span(predictions).subspan(p, end - p));
    }
  });
  return predictions;
}

void EasePredictor::score(Index user, std::span<const Index> item, Scratch& scratch,
                          std::span<Prediction> predictions) const {
  for (std::size_t p = 0; p < item.size(); ++p) predictions[p] = {0, 0, evidence(user, item[p])};
  if (!knows(user)) return;
  scratch.place.clear();
  scratch.pair.clear();
  for (std::size_t p = 0; p < item.size(); ++p) {
    const Index place = item[p] == kNone ? kNone : shared_->places.of(item[p]);
    if (place == kNone) continue;
    scratch.place.push_back(place);
    scratch.pair.push_back(p);
  }
  scratch.sums.assign(scratch.place.size(), 0);
  const SparseRow own(weights(), user);
  if (shared_->learned.by_neighbours()) {
    score_by_neighbours(own, scratch);
  } else if (shared_->learned.by_users() && is_trained_) {
    score_trained(user, own, scratch);
  } else {
    score_by_rows(own, scratch);
  }
  for (std::size_t k = 0; k < scratch.place.size(); ++k) {
    Prediction& prediction = predictions[scratch.pair[k]];
    prediction.score = prediction.rating = scratch.sums[k];
  }
}

void EasePredictor::score_by_neighbours(const SparseRow& own, Scratch& scratch) const {
  const EaseWeights& learned = shared_->learned;
  scratch.all.assign(learned.items(), 0);
  for (std::size_t n = 0; n < own.column.size(); ++n) {
    scratch.all[static_cast<std::size_t>(own.column[n])] = own.value[n];
  }
  for (std::size_t k = 0; k < scratch.place.size(); ++k) {
    const SparseRow row(learned.neighbours.view(), scratch.place[k]);
    for (std::size_t n = 0; n < row.column.size(); ++n) {
      scratch.sums[k] += row.value[n] * scratch.all[static_cast<std::size_t>(row.column[n])];
    }
  }
}

void EasePredictor::score_trained(Index user, const SparseRow& own, Scratch& scratch) const {
  const EaseWeights& learned = shared_->learned;
  const float* const row = &learned.user_table[static_cast<std::size_t>(user) * learned.items()];
  for (std::size_t k = 0; k < scratch.place.size(); ++k) {
    const Index place = scratch.place[k];
    scratch.sums[k] = own.at(place) - row[static_cast<std::size_t>(place)];
  }
}

void EasePredictor::score_by_rows(const SparseRow& own, Scratch& scratch) const {
  const EaseWeights& learned = shared_->learned;
  const bool by_users = learned.by_users();
  if (by_users) shared_->compare_to_users(own, scratch);
  const SparseRow rows = by_users ? SparseRow(scratch.user, scratch.likeness) : own;
  const auto& table = by_users ? learned.user_table : learned.table;
  // Whole rows are added faster than some of their entries.
  constexpr std::size_t kFew = 4;
  if (scratch.place.size() * kFew >= learned.items()) {
    scratch.all.assign(learned.items(), 0);
    add_rows(table, learned.items(), rows, std::identity(), scratch.all);
    for (std::size_t k = 0; k < scratch.place.size(); ++k) {
      scratch.sums[k] = scratch.all[static_cast<std::size_t>(scratch.place[k])];
    }
  } else {
    add_rows(
        table, learned.items(), rows,
        [&](std::size_t k) { return static_cast<std::size_t>(scratch.place[k]); }, scratch.sums);
  }
  if (!by_users) return;
  for (std::size_t k = 0; k < scratch.place.size(); ++k) {
    const Index place = scratch.place[k];
    scratch.sums[k] -= own.at(place) * shared_->own(static_cast<std::size_t>(place));
  }
}

Evidence EasePredictor::evidence(Index user, Index item) const {
  const bool has_user = is_trained_ ? shared_->model.knows_user(user) : knows(user);
  const bool has_item = shared_->model.knows_item(item);
  if (!has_user) return has_item ? Evidence::item_only : Evidence::global;
  if (!has_item) return Evidence::user_only;
  return is_trained_ ? Evidence::full : Evidence::folded_in;
}

std::optional<TopK> EasePredictor::nearest_items(std::span<const Index> items, int k) const {
  const std::size_t width = static_cast<std::size_t>(k);
  TopK nearest{static_cast<Index>(items.size()), k, std::vector<Index>(items.size() * width, kNone),
               std::vector<float>(items.size() * width, -std::numeric_limits<float>::infinity())};
  const EaseWeights& learned = shared_->learned;
  shared_->backend.parallel_for(std::ssize(items), [&](std::int64_t task) {
    const auto row = static_cast<std::size_t>(task);
    const Index place = shared_->places.of(items[row]);
    if (place == kNone) return;
    const std::vector<float> like = shared_->correlations(place);
    std::vector<Index> order;
    for (std::size_t j = 0; j < like.size(); ++j) {
      if (like[j] > 0 && static_cast<Index>(j) != place) order.push_back(static_cast<Index>(j));
    }
    const std::size_t count = std::min(width, order.size());
    const auto of = [&](Index j) { return like[static_cast<std::size_t>(j)]; };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(),
                      [&](Index a, Index b) { return of(a) != of(b) ? of(a) > of(b) : a < b; });
    for (std::size_t n = 0; n < count; ++n) {
      nearest.index[row * width + n] = learned.item[static_cast<std::size_t>(order[n])];
      nearest.score[row * width + n] = of(order[n]);
    }
  });
  return nearest;
}

std::optional<std::vector<float>> EasePredictor::similarities(Index item,
                                                              std::span<const Index> others) const {
  std::vector<float> similarity(others.size(), 0);
  const Index place = shared_->places.of(item);
  if (place == kNone) return similarity;
  const std::vector<float> like = shared_->correlations(place);
  for (std::size_t n = 0; n < others.size(); ++n) {
    const Index other = shared_->places.of(others[n]);
    if (other != kNone) similarity[n] = like[static_cast<std::size_t>(other)];
  }
  return similarity;
}

std::vector<std::vector<Contribution>> EasePredictor::contributions(
    Index user, std::span<const Index> items) const {
  std::vector<std::vector<Contribution>> all(items.size());
  if (!knows(user)) return all;
  const SparseRow own(ratings_, user);
  for (std::size_t p = 0; p < items.size(); ++p) {
    const Index to = shared_->places.of(items[p]);
    if (to == kNone) continue;
    for (std::size_t n = 0; n < own.column.size(); ++n) {
      const Index from = shared_->places.of(own.column[n]);
      if (from == kNone || from == to) continue;
      const float weight = shared_->weigh(own.value[n]);
      if (weight == 0) continue;
      all[p].push_back({own.column[n], own.value[n], weight * shared_->coefficient(from, to)});
    }
    sort_contributions(all[p]);
  }
  return all;
}

std::int64_t EasePredictor::pairs_at_once() const { return kEasePairsAtOnce; }

}  // namespace tusk
