#include "models/bayes/bayes_ratings.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

SparseMatrixOf standardized(const FitContext& context, const LabelSet& part, float mean,
                            float spread) {
  SparseMatrixOf ratings;
  const CsrView all = context.data.ratings();
  ratings.columns = all.columns + 1;
  for (Index row = 0; row < all.rows(); ++row) {
    const auto end = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(row) + 1]);
    for (auto at = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(row)]); at < end;
         ++at) {
      if (!part.test(context.label[at])) continue;
      ratings.column.push_back(all.column[at]);
      ratings.value.push_back((all.value[at] - mean) / spread);
    }
    ratings.offset.push_back(std::ssize(ratings.column));
  }
  ratings.offset.push_back(std::ssize(ratings.column));
  return ratings;
}

std::vector<std::int64_t> times_of_part(const FitContext& context, const LabelSet& part) {
  std::vector<std::int64_t> times;
  for (std::size_t at = 0; at < context.data.timestamp.size(); ++at) {
    if (part.test(context.label[at])) times.push_back(context.data.timestamp[at]);
  }
  if (std::ranges::all_of(times, [](std::int64_t time) { return time == kNoTime; })) {
    throw InputError({context.data.source.string(), 0, 0}, "no timestamps of training ratings",
                     fmt::format("timestamps, for {}", option_name("time")));
  }
  return times;
}

SparseMatrixOf links_of(const CsrView& ratings) {
  SparseMatrixOf links;
  links.columns = ratings.columns;
  links.offset.assign(ratings.offset.begin(), ratings.offset.end());
  links.column.assign(ratings.column.begin(), ratings.column.end());
  for (Index row = 0; row < ratings.rows(); ++row) {
    const std::size_t count = ratings.row(row).size();
    links.value.insert(links.value.end(), count,
                       1 / std::sqrt(static_cast<float>(std::max<std::size_t>(1, count))));
  }
  return links;
}

std::vector<char> rows_with_ratings(const CsrView& ratings) {
  std::vector<char> known;
  for (Index row = 0; row < ratings.rows(); ++row)
    known.push_back(ratings.row(row).empty() ? 0 : 1);
  return known;
}

}  // namespace tusk
