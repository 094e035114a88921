#include "backend/fit_parts.hpp"

#include <algorithm>
#include <utility>

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

std::vector<FitPart> fit_parts(const std::vector<MfFit>& fits) {
  std::vector<FitPart> parts;
  for (const MfFit& fit : fits) {
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const FitPart& part) { return part.train == fit.train; });
    if (same == parts.end()) {
      parts.push_back({fit.train, fit.validate});
    } else {
      same->validate |= fit.validate;
    }
  }
  return parts;
}

bool same_part(const std::vector<MfFit>& fits) {
  return std::all_of(fits.begin(), fits.end(),
                     [&](const MfFit& fit) { return fit.train == fits.front().train; });
}

std::array<std::int64_t, kLabels> count_labels(std::span<const Label> label) {
  // Neighbours often have the same label: counted in turns, one need not wait for the other.
  constexpr std::size_t kTurns = 4;
  std::array<std::array<std::int64_t, kLabels>, kTurns> counts{};
  for (std::size_t at = 0; at < label.size(); ++at) ++counts[at % kTurns][label[at]];
  std::array<std::int64_t, kLabels> count{};
  for (const auto& turn : counts) {
    for (std::size_t l = 0; l < kLabels; ++l) count[l] += turn[l];
  }
  return count;
}

std::int64_t count_part(const std::array<std::int64_t, kLabels>& count, const LabelSet& part) {
  std::int64_t sum = 0;
  for (std::size_t label = 0; label < kLabels; ++label) {
    if (part.test(label)) sum += count[label];
  }
  return sum;
}

ValidationRatings gather_validation(CsrView ratings, std::span<const Label> label,
                                    const LabelSet& validated, std::span<const Index> user_row,
                                    std::span<const Index> item_row, ThreadPool& threads) {
  constexpr std::int64_t kUsersPerTask = 1024;
  ValidationRatings gathered;
  gathered.offset.assign(kLabels + 1, 0);
  if (validated.none()) return gathered;
  const auto users = static_cast<std::int64_t>(ratings.rows());
  const std::int64_t tasks = chunk_count(users, kUsersPerTask);
  const auto each_rating = [&](const auto& visit) {
    threads.parallel_chunks(users, kUsersPerTask, [&](std::int64_t user, int) {
      const auto u = static_cast<std::size_t>(user);
      for (auto k = ratings.offset[u]; k < ratings.offset[u + 1]; ++k) {
        const auto at = static_cast<std::size_t>(k);
        if (validated.test(label[at])) {
          visit(static_cast<std::size_t>(user / kUsersPerTask), static_cast<Index>(user), at);
        }
      }
    });
  };

  // Where a task's ratings of each label begin.
  std::vector<std::array<std::int64_t, kLabels>> next(static_cast<std::size_t>(tasks));
  each_rating([&](std::size_t task, Index, std::size_t at) { ++next[task][label[at]]; });
  std::int64_t begin = 0;
  for (std::size_t l = 0; l < kLabels; ++l) {
    for (auto& task : next) begin += std::exchange(task[l], begin);
    gathered.offset[l + 1] = begin;
  }

  const auto size = static_cast<std::size_t>(begin);
  gathered.user.resize(size);
  gathered.item.resize(size);
  gathered.rating.resize(size);
  const auto row_of = [](std::span<const Index> rows, Index id) {
    return rows.empty() ? id : rows[static_cast<std::size_t>(id)];
  };
  each_rating([&](std::size_t task, Index user, std::size_t at) {
    const auto place = static_cast<std::size_t>(next[task][label[at]]++);
    gathered.user[place] = row_of(user_row, user);
    gathered.item[place] = row_of(item_row, ratings.column[at]);
    gathered.rating[place] = ratings.value[at];
  });
  return gathered;
}

}  // namespace tusk
