#include "cuda/hogwild_ratings.hpp"

#include <algorithm>
#include <numeric>

#include "cuda/visit_order.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

std::vector<RunChunk> divide_runs(std::span<const UserRun> runs, bool labelled,
                                  std::uint64_t chunk_bytes) {
  std::vector<RunChunk> chunks;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const RunChunk alone{r, 1, runs[r].first, runs[r].count};
    if (chunks.empty() || chunks.back().bytes(labelled) + alone.bytes(labelled) > chunk_bytes) {
      chunks.push_back(alone);
    } else {
      ++chunks.back().runs;
      chunks.back().ratings += alone.ratings;
    }
  }
  return chunks;
}

// Calls visit(user, thread) in the threads.
template <class Visit>
void each_user(CsrView ratings, ThreadPool& threads, const Visit& visit) {
  constexpr std::int64_t kUsersPerTask = 1024;
  threads.parallel_chunks(ratings.rows(), kUsersPerTask, [&](std::int64_t user, int thread) {
    visit(static_cast<std::size_t>(user), static_cast<std::size_t>(thread));
  });
}

// Where each run goes, if user u has runs first_run[u] .. first_run[u + 1] - 1. Warps take runs in
// the order of places, so runs of one user seldom meet.
std::vector<std::size_t> spread_runs(std::span<const std::size_t> first_run) {
  const std::size_t all = first_run.back();
  std::vector<std::size_t> wanted(all);
  std::vector<std::size_t> begin(all + 1, 0);
  for (std::size_t u = 0; u + 1 < first_run.size(); ++u) {
    const auto runs = static_cast<double>(first_run[u + 1] - first_run[u]);
    double at = RandomSequence(u, random_stream(RandomUse::run_order)).uniform();
    for (std::size_t r = first_run[u]; r < first_run[u + 1]; ++r, ++at) {
      wanted[r] = std::min(static_cast<std::size_t>(at / runs * static_cast<double>(all)), all - 1);
      ++begin[wanted[r] + 1];
    }
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  for (std::size_t& place : wanted) place = begin[place]++;
  return wanted;
}

}  // namespace

std::vector<std::int64_t> count_by_user(CsrView ratings, std::span<const Label> label,
                                        const LabelSet& part, ThreadPool& threads) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(ratings.rows()), 0);
  each_user(ratings, threads, [&](std::size_t u, std::size_t) {
    for (auto k = ratings.offset[u]; k < ratings.offset[u + 1]; ++k) {
      if (part.test(label[static_cast<std::size_t>(k)])) ++count[u];
    }
  });
  return count;
}

std::int64_t runs_of_user(std::int64_t ratings) { return chunk_count(ratings, kLongestRun); }

HogwildRatings pack_hogwild(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                            bool keep_labels, std::uint64_t chunk_bytes, ThreadPool& threads) {
  const std::vector<std::int64_t> count = count_by_user(ratings, label, part, threads);
  std::vector<std::size_t> first_run(count.size() + 1, 0);
  for (std::size_t u = 0; u < count.size(); ++u) {
    first_run[u + 1] = first_run[u] + static_cast<std::size_t>(runs_of_user(count[u]));
  }
  const std::vector<std::size_t> place = spread_runs(first_run);

  HogwildRatings packed;
  packed.runs.resize(place.size());
  // Run n of a user's `runs` begins with the user's rating of this number.
  const auto begin_of = [](std::int64_t ratings_of_user, std::size_t n, std::size_t runs) {
    return ratings_of_user * static_cast<std::int64_t>(n) / static_cast<std::int64_t>(runs);
  };
  for (std::size_t u = 0; u < count.size(); ++u) {
    const std::size_t runs = first_run[u + 1] - first_run[u];
    for (std::size_t n = 0; n < runs; ++n) {
      UserRun& run = packed.runs[place[first_run[u] + n]];
      run.user = static_cast<Index>(u);
      run.count =
          static_cast<std::uint32_t>(begin_of(count[u], n + 1, runs) - begin_of(count[u], n, runs));
    }
  }
  std::int64_t size = 0;
  for (UserRun& run : packed.runs) {
    run.first = size;
    size += run.count;
  }
  packed.rating = LargeArray<PackedRating>(static_cast<std::size_t>(size));
  if (keep_labels) packed.label = LargeArray<Label>(static_cast<std::size_t>(size));

  std::vector<std::vector<std::size_t>> shuffled(static_cast<std::size_t>(threads.threads()));
  each_user(ratings, threads, [&](std::size_t u, std::size_t thread) {
    auto& of_user = shuffled[thread];
    of_user.clear();
    for (auto k = ratings.offset[u]; k < ratings.offset[u + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (part.test(label[at])) of_user.push_back(at);
    }
    RandomSequence(0, random_stream(RandomUse::rating_order, u)).shuffle(of_user);
    auto next = of_user.begin();
    for (std::size_t r = first_run[u]; r < first_run[u + 1]; ++r) {
      const UserRun& run = packed.runs[place[r]];
      for (auto to = static_cast<std::size_t>(run.first);
           to < static_cast<std::size_t>(run.first) + run.count; ++to, ++next) {
        packed.rating[to] = {ratings.column[*next], ratings.value[*next]};
        if (keep_labels) packed.label[to] = label[*next];
      }
    }
  });
  packed.chunks = divide_runs(packed.runs, keep_labels, chunk_bytes);
  return packed;
}

}  // namespace tusk
