#include "models/slope_one/slope_one_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <utility>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "models/rated_items.hpp"
#include "support/host_memory.hpp"

namespace tusk {
namespace {

constexpr float kNoDifference = std::numeric_limits<float>::quiet_NaN();

}  // namespace

SlopeOnePredictor::SlopeOnePredictor(Backend& backend, const Model& model,
                                     std::uint64_t table_bytes)
    : backend_(backend), model_(model), by_user_(model.ratings()), by_item_(by_user_) {
  work_.assign(static_cast<std::size_t>(by_user_.columns), 0);
  by_user_.each([&](Index user, std::size_t at) {
    work_[static_cast<std::size_t>(by_user_.column[at])] += std::ssize(by_user_.row(user));
  });
  const auto items = static_cast<std::uint64_t>(by_user_.columns);
  table_bytes_ = items * items * sizeof(float);
  if (table_bytes_ > std::min(table_bytes, available_host_memory() / 2)) table_bytes_ = 0;
  table_work_ = std::accumulate(work_.begin(), work_.end(), std::int64_t{0}) / 2;
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

// The differences between two items are added in order of user, wherever a row is needed.
void SlopeOnePredictor::compute_row(Index item, Index first, std::span<float> row,
                                    std::vector<Sum>& sums) const {
  const CsrView raters = by_item_.view();
  const auto who = raters.row(item);
  const auto how = ratings_of(raters, item);
  sums.assign(row.size(), {});
  for (std::size_t v = 0; v < who.size(); ++v) {
    const auto others = by_user_.row(who[v]);
    const auto their = ratings_of(by_user_, who[v]);
    auto n = static_cast<std::size_t>(std::lower_bound(others.begin(), others.end(), first) -
                                      others.begin());
    for (; n < others.size(); ++n) {
      Sum& sum = sums[static_cast<std::size_t>(others[n])];
      sum.total += static_cast<double>(how[v]) - static_cast<double>(their[n]);
      ++sum.count;
    }
  }
  for (auto other = static_cast<std::size_t>(first); other < row.size(); ++other) {
    const Sum& sum = sums[other];
    row[other] = sum.count == 0 ? kNoDifference
                                : static_cast<float>(sum.total / static_cast<double>(sum.count));
  }
  if (first <= item) row[static_cast<std::size_t>(item)] = kNoDifference;
}

void SlopeOnePredictor::build_table() const {
  const auto items = static_cast<std::size_t>(by_user_.columns);
  std::vector<float> table(items * items, kNoDifference);
  std::vector<Sum> sums;
  for (std::size_t i = 0; i < items; ++i) {
    backend_.check_stop();
    const auto item = static_cast<Index>(i);
    compute_row(item, item + 1, std::span(table).subspan(i * items, items), sums);
    for (std::size_t other = i + 1; other < items; ++other) {
      table[other * items + i] = -table[i * items + other];
    }
  }
  table_ = std::move(table);
}

const float* SlopeOnePredictor::table(std::int64_t work) const {
  if (table_bytes_ == 0 || asked_.fetch_add(work) + work < table_work_) return nullptr;
  std::call_once(built_, [&] {
    try {
      build_table();
    } catch (const std::bad_alloc&) {  // others have taken the memory meanwhile: rows as needed
    }
  });
  return table_.empty() ? nullptr : table_.data();
}

SlopeOnePredictor::Row SlopeOnePredictor::row(const float* table, Index item,
                                              std::vector<float>& scratch) const {
  const auto items = static_cast<std::size_t>(by_user_.columns);
  if (table != nullptr) return {table + static_cast<std::size_t>(item) * items, items};
  std::vector<Sum> sums;
  scratch.resize(items);
  compute_row(item, 0, scratch, sums);
  return scratch;
}

std::vector<SlopeOnePredictor::Sum> SlopeOnePredictor::sums(std::span<const Index> rated,
                                                            std::span<const Index> items) const {
  const std::int64_t work_of_items = work(items);
  const std::int64_t work_of_rated = work(rated);
  const float* const table = this->table(std::min(work_of_items, work_of_rated));
  std::vector<float> scratch;
  std::vector<Sum> sums(items.size());
  // A row's entries are added much faster all than one here and one there.
  constexpr std::size_t kFew = 8;
  const bool by_items =
      table == nullptr ? work_of_items <= work_of_rated : items.size() * kFew <= work_.size();
  if (by_items) {
    for (std::size_t k = 0; k < items.size(); ++k) {
      const Row differences = row(table, items[k], scratch);
      for (const Index own : rated) {
        const float difference = differences[static_cast<std::size_t>(own)];
        if (std::isnan(difference)) continue;
        sums[k].total += static_cast<double>(difference);
        ++sums[k].count;
      }
    }
    return sums;
  }
  std::vector<double> total(work_.size(), 0);
  std::vector<std::int32_t> count(work_.size(), 0);
  for (const Index own : rated) {
    const Row differences = row(table, own, scratch);
    for (std::size_t other = 0; other < total.size(); ++other) {
      const bool is_one = !std::isnan(differences[other]);
      total[other] -= is_one ? static_cast<double>(differences[other]) : 0.0;
      count[other] += is_one ? 1 : 0;
    }
  }
  for (std::size_t k = 0; k < items.size(); ++k) {
    const auto item = static_cast<std::size_t>(items[k]);
    sums[k] = {total[item], count[item]};
  }
  return sums;
}

std::vector<Prediction> SlopeOnePredictor::predict_for(std::span<const Index> rated,
                                                       std::span<const float> own,
                                                       std::span<const Index> item) const {
  std::vector<Index> known;
  for (const Index one : item) {
    if (!rated.empty() && model_.knows_item(one)) known.push_back(one);
  }
  std::vector<Sum> of_known;
  double mean = 0;
  if (!known.empty()) {
    mean = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
    of_known = sums(rated, known);
  }
  std::vector<Prediction> predictions;
  predictions.reserve(item.size());
  auto sum = of_known.begin();
  for (const Index one : item) {
    if (rated.empty() || !model_.knows_item(one)) {
      predictions.push_back(model_.predict_by_state(kNone, kNone));
      continue;
    }
    const double slope = sum->count > 0 ? sum->total / static_cast<double>(sum->count) : 0;
    const auto score = static_cast<float>(mean + slope);
    predictions.push_back(
        {score, model_.scale().clip(score), sum->count > 0 ? Evidence::full : Evidence::user_only});
    ++sum;
  }
  return predictions;
}

namespace {

// predict(user, items) for each run of equal users, one after another.
template <class Predict>
std::vector<Prediction> predict_runs(Backend& backend, std::span<const Index> user,
                                     std::span<const Index> item, const Predict& predict) {
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t begin = 0; begin < user.size();) {
    backend.check_stop();
    std::size_t end = begin + 1;
    while (end < user.size() && user[end] == user[begin]) ++end;
    const auto of_user = predict(user[begin], item.subspan(begin, end - begin));
    predictions.insert(predictions.end(), of_user.begin(), of_user.end());
    begin = end;
  }
  return predictions;
}

// Users who were folded in. All is borrowed.
class FoldedSlopeOne : public Predictor {
 public:
  FoldedSlopeOne(Backend& backend, const Model& model, const SlopeOnePredictor& trained,
                 CsrView ratings)
      : backend_(backend), model_(model), trained_(trained), ratings_(ratings) {}

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override {
    return predict_runs(backend_, user, item, [&](Index who, std::span<const Index> items) {
      const RatedItems rated = who == kNone ? RatedItems() : rated_items(model_, ratings_, who);
      auto predictions = trained_.predict_for(rated.item, rated.rating, items);
      for (Prediction& prediction : predictions) {
        if (prediction.evidence == Evidence::full) prediction.evidence = Evidence::folded_in;
      }
      return predictions;
    });
  }
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override {
    return trained_.fold_in(ratings);
  }
  std::int64_t pairs_at_once() const override { return trained_.pairs_at_once(); }

 private:
  Backend& backend_;
  const Model& model_;
  const SlopeOnePredictor& trained_;
  CsrView ratings_;
};

}  // namespace

std::vector<Prediction> SlopeOnePredictor::predict(std::span<const Index> user,
                                                   std::span<const Index> item) const {
  return predict_runs(backend_, user, item, [&](Index who, std::span<const Index> items) {
    if (!model_.knows_user(who)) return predict_for({}, {}, items);
    return predict_for(by_user_.row(who), ratings_of(by_user_, who), items);
  });
}

std::unique_ptr<const Predictor> SlopeOnePredictor::fold_in(CsrView ratings) const {
  return std::make_unique<FoldedSlopeOne>(backend_, model_, *this, ratings);
}

std::int64_t SlopeOnePredictor::pairs_at_once() const { return 1 << 16; }

}  // namespace tusk
