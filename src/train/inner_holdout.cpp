#include "train/inner_holdout.hpp"

#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/partition.hpp>

#include "data/draw_labels.hpp"
#include "support/philox.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// Set in the label of a rating that belongs to the inner hold-out.
constexpr Label kHeldOut = kMaxLabels;

// The labels of `part` with and without the mark.
TrainingPart divide(const LabelSet& part) {
  const LabelSet unmarked = part & (~LabelSet() >> kMaxLabels);
  return {unmarked, unmarked << kMaxLabels};
}

}  // namespace

std::vector<Label> with_holdout(std::span<const Label> label, double fraction, std::uint64_t seed) {
  const auto ratings = static_cast<std::uint32_t>(label.size());
  const auto held = static_cast<std::uint32_t>(std::llround(fraction * ratings));
  RandomSequence random(seed, random_stream(RandomUse::holdout));
  const std::vector<Label> draw = draw_labels({ratings - held, held}, random);
  std::vector<Label> marked(label.begin(), label.end());
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if (draw[at] == 1) marked[at] |= kHeldOut;
  }
  return marked;
}

std::vector<TrainingPart> divide_all(const Dataset& data, std::span<const Label> label,
                                     std::span<const LabelSet> train) {
  std::vector<TrainingPart> parts;
  for (const LabelSet& part : train) {
    parts.push_back(divide(part));
    if (count_ratings(label, parts.back().train) == 0 ||
        count_ratings(label, parts.back().holdout) == 0) {
      throw InputError(
          {data.source.string(), 0, 0},
          "too few ratings for an inner hold-out of the training part",
          fmt::format("more ratings, or training without {}", option_name("early-stop")));
    }
  }
  return parts;
}

}  // namespace tusk
