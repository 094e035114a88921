#include "backend/fit_parts.hpp"

#include <algorithm>
#include <numeric>

namespace tusk {

LabelSet trained_on(const std::vector<MfFit>& fits) {
  LabelSet labels;
  for (const MfFit& fit : fits) labels |= fit.train;
  return labels;
}

LabelSet validated_on(const std::vector<MfFit>& fits) {
  LabelSet labels;
  for (const MfFit& fit : fits) labels |= fit.validate;
  return labels;
}

bool same_part(const std::vector<MfFit>& fits) {
  return std::all_of(fits.begin(), fits.end(),
                     [&](const MfFit& fit) { return fit.train == fits.front().train; });
}

std::array<std::int64_t, kLabels> count_labels(std::span<const Label> label) {
  std::array<std::int64_t, kLabels> count{};
  for (const Label l : label) ++count[l];
  return count;
}

std::int64_t count_part(const std::array<std::int64_t, kLabels>& count, const LabelSet& part) {
  std::int64_t sum = 0;
  for (std::size_t label = 0; label < kLabels; ++label) {
    if (part.test(label)) sum += count[label];
  }
  return sum;
}

ValidationRatings gather_validation(const MfProblem& problem, std::span<const Index> user_row,
                                    std::span<const Index> item_row) {
  const LabelSet validated = validated_on(problem.fits);
  ValidationRatings gathered;
  gathered.offset.assign(kLabels + 1, 0);
  if (validated.none()) return gathered;
  for (const Label label : problem.label) {
    if (validated.test(label)) ++gathered.offset[label + 1u];
  }
  std::partial_sum(gathered.offset.begin(), gathered.offset.end(), gathered.offset.begin());
  const auto size = static_cast<std::size_t>(gathered.offset.back());
  gathered.user.resize(size);
  gathered.item.resize(size);
  gathered.rating.resize(size);
  const auto row_of = [](std::span<const Index> rows, Index id) {
    return rows.empty() ? id : rows[static_cast<std::size_t>(id)];
  };
  std::vector<std::int64_t> next(gathered.offset.begin(), gathered.offset.end() - 1);
  problem.ratings.each([&](Index user, std::size_t at) {
    if (!validated.test(problem.label[at])) return;
    const auto place = static_cast<std::size_t>(next[problem.label[at]]++);
    gathered.user[place] = row_of(user_row, user);
    gathered.item[place] = row_of(item_row, problem.ratings.column[at]);
    gathered.rating[place] = problem.ratings.value[at];
  });
  return gathered;
}

}  // namespace tusk
