#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include <fmt/format.h>

#include <tusk/evaluate.hpp>
#include <tusk/figures.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>

#include "support/names.hpp"

namespace tusk {
namespace {

std::size_t count_bin(std::int64_t count) {
  const auto above = std::upper_bound(kCountBins.begin(), kCountBins.end(), count);
  return static_cast<std::size_t>(above - kCountBins.begin()) - 1;
}

// The bins of users and of items by their training ratings, and of those that the model lacks.
class CountBins {
 public:
  explicit CountBins(const Model& model) {
    const SeenItems& seen = model.seen();
    for (std::size_t u = 0; u + 1 < seen.offset.size(); ++u) {
      user_.push_back(count_bin(seen.offset[u + 1] - seen.offset[u]));
    }
    for (const std::int64_t count : model.ratings_of_items()) item_.push_back(count_bin(count));
  }

  std::size_t of_user(Index user) const {
    return user == kNone ? 0 : user_[static_cast<std::size_t>(user)];
  }
  std::size_t of_item(Index item) const {
    return item == kNone ? 0 : item_[static_cast<std::size_t>(item)];
  }

 private:
  std::vector<std::size_t> user_;
  std::vector<std::size_t> item_;
};

}  // namespace

void Calibration::add(double error, double deviation) {
  ++count;
  const double distance = std::abs(error) / deviation;
  // The probability of the central interval that just holds the rating.
  const double inside = std::erf(distance / std::numbers::sqrt2);
  for (std::size_t level = 0; level < kLevels.size(); ++level) {
    if (inside <= kLevels[level]) ++within[level];
  }
  const double density = std::exp(-distance * distance / 2) / std::sqrt(2 * std::numbers::pi);
  ranked_probability +=
      deviation * (distance * inside + 2 * density - 1 / std::sqrt(std::numbers::pi));
  deviations += deviation;
}

Calibration& Calibration::operator+=(const Calibration& other) {
  count += other.count;
  for (std::size_t level = 0; level < kLevels.size(); ++level) within[level] += other.within[level];
  ranked_probability += other.ranked_probability;
  deviations += other.deviations;
  return *this;
}

std::string calibration_text(const CalibrationFigure& figure, double value) {
  if (std::isnan(value)) return "-";
  return figure.is_share ? fmt::format("{:.1f}%", 100 * value) : error_text(value);
}

RatingMetrics& RatingMetrics::operator+=(const RatingMetrics& other) {
  const auto add = [](auto& to, const auto& from) {
    for (std::size_t k = 0; k < to.size(); ++k) to[k] += from[k];
  };
  has_errors = has_errors && other.has_errors;
  all += other.all;
  add(by_evidence, other.by_evidence);
  add(by_user_ratings, other.by_user_ratings);
  add(by_item_ratings, other.by_item_ratings);
  calibration += other.calibration;
  return *this;
}

RatingList select_ratings(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  RatingList list;
  data.ratings().each([&](Index user, std::size_t at) {
    if (!part.test(label[at])) return;
    list.user.push_back(user);
    list.item.push_back(data.item[at]);
    list.rating.push_back(data.rating[at]);
    if (!data.timestamp.empty()) list.time.push_back(data.timestamp[at]);
  });
  return list;
}

HeldOutUsers held_out_users(const Dataset& data, std::span<const Label> label,
                            const LabelSet& fold_in, const LabelSet& test) {
  HeldOutUsers held_out;
  held_out.fold_in.columns = data.items.size();
  data.ratings().each([&](Index user, std::size_t at) {
    const bool folded = fold_in.test(label[at]);
    if (!folded && !test.test(label[at])) return;
    if (held_out.user.empty() || held_out.user.back() != user) {
      held_out.user.push_back(user);
      held_out.fold_in.offset.push_back(held_out.fold_in.offset.back());
    }
    if (folded) {
      held_out.fold_in.column.push_back(data.item[at]);
      held_out.fold_in.value.push_back(data.rating[at]);
      ++held_out.fold_in.offset.back();
      return;
    }
    held_out.test.user.push_back(static_cast<Index>(held_out.user.size() - 1));
    held_out.test.item.push_back(data.item[at]);
    held_out.test.rating.push_back(data.rating[at]);
  });
  return held_out;
}

Part parse_part(std::string_view text) {
  return parse_name<Part, 3>({"unseen", "seen", "all"}, text, "a part of the ratings");
}

RatingList match_ratings(const Model& model, const Dataset& data, Part part) {
  const auto match = [](const IdMap& from, const IdMap& to) {
    std::vector<Index> index(static_cast<std::size_t>(from.size()));
    for (Index i = 0; i < from.size(); ++i) {
      index[static_cast<std::size_t>(i)] = to.find(from.id(i)).value_or(kNone);
    }
    return index;
  };
  const std::vector<Index> user_of = match(data.users, model.users);
  const std::vector<Index> item_of = match(data.items, model.items);
  const CsrView seen = model.seen().view();
  RatingList list;
  data.ratings().each([&](Index row, std::size_t at) {
    const Index user = user_of[static_cast<std::size_t>(row)];
    const Index item = item_of[static_cast<std::size_t>(data.item[at])];
    const auto known = user == kNone ? std::span<const Index>{} : seen.row(user);
    const bool was_seen = std::binary_search(known.begin(), known.end(), item);
    if (part != Part::all && was_seen != (part == Part::seen)) return;
    list.user.push_back(user);
    list.item.push_back(item);
    list.rating.push_back(data.rating[at]);
    list.row.push_back(static_cast<std::int64_t>(at));
    if (!data.timestamp.empty()) list.time.push_back(data.timestamp[at]);
  });
  return list;
}

namespace {

constexpr std::size_t kBatch = std::size_t{1} << 20;  // of ratings: bounds the memory

}  // namespace

RatingMetrics evaluate(Device& device, const Model& model, const RatingList& ratings) {
  RatingMetrics metrics;
  metrics.has_errors = predicts_ratings(model);
  if (!metrics.has_errors) return metrics;
  const CountBins bins(model);
  const auto time =
      ratings.time.empty() ? std::vector<std::int64_t>(ratings.size(), kNoTime) : ratings.time;
  const auto predictor = model.open(device);
  for (std::size_t begin = 0; begin < ratings.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, ratings.size() - begin);
    const auto batch = [&](const auto& column) { return std::span(column).subspan(begin, count); };
    const auto users = batch(ratings.user);
    const auto items = batch(ratings.item);
    const auto predictions = predictor->predict_at(users, items, batch(time));
    const auto deviations = predictor->deviations_at(users, items, batch(time));
    for (std::size_t k = 0; k < count; ++k) {
      const auto& [score, rating, evidence] = predictions[k];
      const double error = static_cast<double>(rating) - ratings.rating[begin + k];
      metrics.all.add(error);
      if (!deviations.empty()) metrics.calibration.add(error, static_cast<double>(deviations[k]));
      metrics.by_evidence[static_cast<std::size_t>(evidence)].add(error);
      metrics.by_user_ratings[bins.of_user(ratings.user[begin + k])].add(error);
      metrics.by_item_ratings[bins.of_item(ratings.item[begin + k])].add(error);
    }
  }
  return metrics;
}

RatingMetrics evaluate_part(Device& device, const Model& model, const Dataset& data,
                            const HeldOutPart& part) {
  if (part.fold_in.none()) {
    return evaluate(device, model, select_ratings(data, part.label, part.test));
  }
  RatingMetrics metrics;
  metrics.has_errors = false;
  return metrics;
}

}  // namespace tusk
