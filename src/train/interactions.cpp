#include "train/interactions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>

namespace tusk {
namespace {

// Sums of products of larger ones leave single precision.
constexpr float kLargestWeight = 1e9f;

// Appends the weights of the entries for which keep(place) holds.
template <class Keep>
SparseMatrixOf weights_of(const CsrView& ratings, const InteractionWeight& weight,
                          const Keep& keep) {
  SparseMatrixOf weights;
  weights.columns = ratings.columns;
  weights.offset.reserve(ratings.offset.size());
  for (Index row = 0; row < ratings.rows(); ++row) {
    const auto end = static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(row) + 1]);
    for (auto at = static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(row)]);
         at < end; ++at) {
      if (!keep(at)) continue;
      const float value = weight(ratings.value[at]);
      if (value == 0) continue;
      weights.column.push_back(ratings.column[at]);
      weights.value.push_back(value);
    }
    weights.offset.push_back(std::ssize(weights.column));
  }
  return weights;
}

}  // namespace

InteractionWeight::InteractionWeight(const InteractionOptions& options, RatingScale scale,
                                     bool of_weights)
    : relevance_(options.relevance.value_or(of_weights ? -std::numeric_limits<float>::infinity()
                                                       : usual_relevance(scale))),
      low_weight_(options.low_weight),
      weighting_(options.weighting) {
  if (!of_weights && weighting_ != Weighting::binary) {
    throw ParameterError("weighting", fmt::format("{} needs weights, which {} reads",
                                                  to_string(weighting_), option_name("implicit")));
  }
}

float InteractionWeight::operator()(float rating) const {
  const float liked = rating >= relevance_ ? 1 : low_weight_;
  switch (weighting_) {
    case Weighting::binary:
      return liked;
    case Weighting::log:
      return liked * std::log2(1 + rating);
    case Weighting::linear:
      break;
  }
  return liked * rating;
}

SparseMatrixOf weighted(const CsrView& ratings, const InteractionWeight& weight) {
  return weights_of(ratings, weight, [](std::size_t) { return true; });
}

SparseMatrixOf interactions_of_part(const Dataset& data, std::span<const Label> label,
                                    const LabelSet& part, const InteractionOptions& options) {
  const InteractionWeight weight(options, data.scale, data.report.implicit);
  SparseMatrixOf weights =
      weights_of(data.ratings(), weight, [&](std::size_t at) { return part.test(label[at]); });
  if (weights.column.empty()) {
    throw InputError({data.source.string(), 0, 0}, "no rating in the training part that counts",
                     fmt::format("one of {} or more, or a {} above 0", option_name("relevance"),
                                 option_name("low-weight")));
  }
  const auto is_large = [](float value) { return value > kLargestWeight; };
  if (std::ranges::any_of(weights.value, is_large)) refuse_weights(weights.value);
  return weights;
}

void refuse_weights(std::span<const float> weights) {
  throw ParameterError(
      "weighting", fmt::format("linear counts up to {:g}, too large to train on; log, binary or "
                               "larger units count less",
                               std::ranges::max(weights)));
}

std::string_view to_string(Weighting weighting) {
  switch (weighting) {
    case Weighting::binary:
      return "binary";
    case Weighting::log:
      return "log";
    case Weighting::linear:
      break;
  }
  return "linear";
}

}  // namespace tusk
