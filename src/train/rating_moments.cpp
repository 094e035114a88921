#include "train/rating_moments.hpp"

#include <algorithm>
#include <cmath>

#include <tusk/error.hpp>

#include "distributed/collectives.hpp"

namespace tusk {
namespace {

// The mean of value(rating) over the part.
template <class Value>
double mean(const Dataset& data, std::span<const Label> label, const LabelSet& part,
            const Value& value) {
  struct {
    double sum = 0;
    std::int64_t count = 0;
  } total;
  in_turn(data.processes.get(), std::as_writable_bytes(std::span(&total, 1)), [&] {
    for (std::size_t at = 0; at < data.rating.size(); ++at) {
      if (!part.test(label[at])) continue;
      total.sum += value(static_cast<double>(data.rating[at]));
      ++total.count;
    }
  });
  if (total.count == 0) {
    throw InputError({data.source.string(), 0, 0}, "no rating in the training part",
                     "at least one");
  }
  return total.sum / static_cast<double>(total.count);
}

}  // namespace

std::int64_t count_ratings(std::span<const Label> label, const LabelSet& part) {
  return std::count_if(label.begin(), label.end(), [&](Label l) { return part.test(l); });
}

float mean_rating(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  return static_cast<float>(mean(data, label, part, [](double rating) { return rating; }));
}

float rating_spread(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  const double middle = mean(data, label, part, [](double rating) { return rating; });
  const double variance =
      mean(data, label, part, [&](double rating) { return std::pow(rating - middle, 2); });
  // What is left of equal ratings is rounding.
  const double least = 1e-6 * std::max(std::abs(data.scale.low), std::abs(data.scale.high));
  return std::sqrt(variance) > least ? static_cast<float>(std::sqrt(variance)) : 1.0f;
}

}  // namespace tusk
