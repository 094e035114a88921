#include "models/slope_one/slope_one_predictor.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <tusk/model.hpp>

namespace tusk {

SlopeOnePredictor::SlopeOnePredictor(Backend& backend, const Model& model)
    : backend_(backend), model_(model), by_user_(model.ratings()), by_item_(by_user_) {
  work_.assign(static_cast<std::size_t>(by_user_.columns), 0);
  by_user_.each([&](Index user, std::size_t at) {
    work_[static_cast<std::size_t>(by_user_.column[at])] += std::ssize(by_user_.row(user));
  });
}

std::span<const float> SlopeOnePredictor::ratings_of(const CsrView& matrix, Index row) const {
  return matrix.value.subspan(
      static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row)]),
      matrix.row(row).size());
}

std::int64_t SlopeOnePredictor::work(std::span<const Index> items) const {
  return std::accumulate(
      items.begin(), items.end(), std::int64_t{0},
      [&](std::int64_t sum, Index item) { return sum + work_[static_cast<std::size_t>(item)]; });
}

std::vector<SlopeOnePredictor::Sum> SlopeOnePredictor::by_items(
    Index user, std::span<const Index> items) const {
  constexpr std::int32_t kNowhere = -1;
  const auto rated = by_user_.row(user);
  std::vector<std::int32_t> place(static_cast<std::size_t>(by_user_.columns), kNowhere);
  for (std::size_t n = 0; n < rated.size(); ++n) {
    place[static_cast<std::size_t>(rated[n])] = static_cast<std::int32_t>(n);
  }
  const CsrView raters = by_item_.view();
  std::vector<Sum> sums(items.size());
  for (std::size_t k = 0; k < items.size(); ++k) {
    const auto who = raters.row(items[k]);
    const auto how = ratings_of(raters, items[k]);
    std::vector<Sum> difference(rated.size());
    for (std::size_t v = 0; v < who.size(); ++v) {
      const auto others = by_user_.row(who[v]);
      const auto their = ratings_of(by_user_, who[v]);
      for (std::size_t n = 0; n < others.size(); ++n) {
        const std::int32_t at = place[static_cast<std::size_t>(others[n])];
        if (at == kNowhere) continue;
        Sum& sum = difference[static_cast<std::size_t>(at)];
        sum.total += static_cast<double>(how[v]) - static_cast<double>(their[n]);
        ++sum.count;
      }
    }
    for (std::size_t n = 0; n < rated.size(); ++n) {
      if (difference[n].count == 0 || rated[n] == items[k]) continue;
      sums[k].total += difference[n].total / static_cast<double>(difference[n].count);
      ++sums[k].count;
    }
  }
  return sums;
}

std::vector<SlopeOnePredictor::Sum> SlopeOnePredictor::by_user(Index user,
                                                               std::span<const Index> items) const {
  const CsrView raters = by_item_.view();
  std::vector<Sum> all(static_cast<std::size_t>(by_user_.columns));
  std::vector<Sum> difference(all.size());
  std::vector<Index> met;
  for (const Index own : by_user_.row(user)) {
    const auto who = raters.row(own);
    const auto how = ratings_of(raters, own);
    met.clear();
    for (std::size_t v = 0; v < who.size(); ++v) {
      const auto others = by_user_.row(who[v]);
      const auto their = ratings_of(by_user_, who[v]);
      for (std::size_t n = 0; n < others.size(); ++n) {
        Sum& sum = difference[static_cast<std::size_t>(others[n])];
        if (sum.count++ == 0) met.push_back(others[n]);
        sum.total += static_cast<double>(their[n]) - static_cast<double>(how[v]);
      }
    }
    for (const Index other : met) {
      const auto o = static_cast<std::size_t>(other);
      const Sum sum = std::exchange(difference[o], {});
      if (other == own) continue;
      all[o].total += sum.total / static_cast<double>(sum.count);
      ++all[o].count;
    }
  }
  std::vector<Sum> sums;
  for (const Index item : items) sums.push_back(all[static_cast<std::size_t>(item)]);
  return sums;
}

std::vector<Prediction> SlopeOnePredictor::predict(std::span<const Index> user,
                                                   std::span<const Index> item) const {
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t begin = 0; begin < user.size();) {
    backend_.check_stop();
    std::size_t end = begin + 1;
    while (end < user.size() && user[end] == user[begin]) ++end;
    std::vector<Index> known;
    for (std::size_t p = begin; p < end; ++p) {
      if (model_.knows_user(user[p]) && model_.knows_item(item[p])) known.push_back(item[p]);
    }
    std::vector<Sum> sums;
    double mean = 0;
    if (!known.empty()) {
      const auto own = ratings_of(by_user_, user[begin]);
      mean = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
      sums = work(known) <= work(by_user_.row(user[begin])) ? by_items(user[begin], known)
                                                            : by_user(user[begin], known);
    }
    auto sum = sums.begin();
    for (std::size_t p = begin; p < end; ++p) {
      if (!model_.knows_user(user[p]) || !model_.knows_item(item[p])) {
        predictions.push_back(model_.predict_by_state(kNone, kNone));
        continue;
      }
      const double slope = sum->count > 0 ? sum->total / static_cast<double>(sum->count) : 0;
      const auto score = static_cast<float>(mean + slope);
      predictions.push_back({score, model_.scale().clip(score),
                             sum->count > 0 ? Evidence::full : Evidence::user_only});
      ++sum;
    }
    begin = end;
  }
  return predictions;
}

std::int64_t SlopeOnePredictor::pairs_at_once() const { return 1 << 16; }

}  // namespace tusk
