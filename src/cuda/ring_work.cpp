#include "cuda/ring_work.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "backend/stripes.hpp"
#include "cuda/available_memory.hpp"
#include "cuda/hogwild_width.hpp"
#include "cuda/library_memory.hpp"
#include "cuda/memory_plan.hpp"
#include "cuda/row_layout.hpp"
#include "distributed/hand_out.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

struct RatingCounts {
  std::vector<std::int64_t> user;
  std::vector<std::int64_t> item;
};

RatingCounts count_ratings(const MfProblem& problem, const LabelSet& part, ThreadPool& threads) {
  RatingCounts counts{count_by_user(problem.ratings, problem.label, part, threads),
                      std::vector<std::int64_t>(static_cast<std::size_t>(problem.ratings.columns))};
  for (std::size_t at = 0; at < problem.label.size(); ++at) {
    if (part.test(problem.label[at])) {
      ++counts.item[static_cast<std::size_t>(problem.ratings.column[at])];
    }
  }
  sum_of_all(problem.processes.get(), counts.user);
  sum_of_all(problem.processes.get(), counts.item);
  return counts;
}

std::int64_t count_rated(const std::vector<std::int64_t>& count) {
  return std::ranges::count_if(count, [](std::int64_t ratings) { return ratings > 0; });
}

// The ratings of the items of one part, by row.
HogwildRatings pack_part(const OwnRatings& own, std::span<const Index> user_of_row,
                         const Stripes& items, int part, ThreadPool& threads) {
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> row;
  std::vector<float> rating;
  for (const Index user : user_of_row) {
    const auto u = static_cast<std::size_t>(user);
    for (auto k = own.offset[u]; k < own.offset[u + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const auto item = static_cast<std::size_t>(own.item[at]);
      if (items.stripe[item] != part) continue;
      row.push_back(items.row[item]);
      rating.push_back(own.rating[at]);
    }
    offset.push_back(std::ssize(row));
  }
  const std::vector<Label> label(row.size());
  return pack_hogwild({offset, row, rating, static_cast<Index>(items.row.size())}, label,
                      LabelSet().set(), false, std::numeric_limits<std::uint64_t>::max(), threads);
}

}  // namespace

CudaRingWork divide_ring(const MfProblem& problem, Precision precision, ThreadPool& threads) {
  Communicator& processes = *problem.processes;
  CudaRingWork work;
  work.processes = problem.processes;
  work.precision = precision;
  work.users = problem.ratings.rows();
  work.items = problem.ratings.columns;
  work.fit = problem.fits.front();
  const LabelSet& train = work.fit.train;
  const RatingCounts counts = count_ratings(problem, train, threads);
  const int parts = processes.size() == 1 ? 1 : 2 * processes.size();
  const std::int64_t users = count_rated(counts.user);
  const std::int64_t items = count_rated(counts.item);
  if (processes.size() > users || parts > std::max<std::int64_t>(items, 1)) {
    throw UsageError(fmt::format(
        "{} processes with a GPU each need as many users with ratings and twice as many items: "
        "there are {} and {}",
        processes.size(), count_text(users, "user"), count_text(items, "item")));
  }
  const Stripes by_user = balance_stripes(counts.user, processes.size());
  Stripes by_item = balance_stripes(counts.item, parts);
  const OwnRatings own = hand_out(
      problem.ratings, processes,
      [&](std::size_t u) { return counts.user[u] > 0 ? by_user.stripe[u] : processes.size(); },
      [&](std::size_t u, const auto& visit) {
        for (auto k = problem.ratings.offset[u]; k < problem.ratings.offset[u + 1]; ++k) {
          const auto at = static_cast<std::size_t>(k);
          if (!train.test(problem.label[at])) continue;
          visit(at, static_cast<std::size_t>(problem.ratings.column[at]));
        }
      });
  for (std::size_t u = 0; u < counts.user.size(); ++u) {
    if (own.offset[u] < own.offset[u + 1]) work.user_of_row.push_back(static_cast<Index>(u));
  }
  for (int part = 0; part < parts; ++part) {
    work.parts.push_back(pack_part(own, work.user_of_row, by_item, part, threads));
  }
  for (const std::int64_t count : counts.item) work.rated.item.push_back(count > 0 ? 1 : 0);
  work.item_row = std::move(by_item.row);
  work.first_item_row = std::move(by_item.first);
  return work;
}

MfMemory plan_ring(const CudaRingWork& work, std::uint64_t free, std::string_view gpu,
                   int multiprocessors) {
  const auto users = static_cast<std::uint64_t>(work.user_of_row.size());
  const auto items = static_cast<std::uint64_t>(work.items);
  const auto own_users = static_cast<Index>(users);
  const int factors = work.fit.params.factors;
  MfMemory memory;
  memory.available = available_memory(free);
  memory.parameters = (users + items) * row_layout(factors, work.precision).bytes() +
                      (error_places(static_cast<std::size_t>(
                           hogwild_warps(own_users, work.items, multiprocessors))) +
                       1) *
                          sizeof(ErrorSums);
  for (const HogwildRatings& part : work.parts) {
    for (const RunChunk& chunk : part.chunks) memory.ratings += chunk.bytes(false);
    memory.working += sizeof(unsigned long long);
  }
  // Which items have ratings, while the model is made; which row is whose.
  memory.working += items * sizeof(std::uint8_t) + (users + 2 * items) * sizeof(Index) +
                    unpacked_floats(own_users, work.items, factors) * sizeof(float);
  if (work.processes->size() > 1) memory.working += kNcclLibraryBytes;
  if (memory.total() > memory.available) {
    throw DeviceError(fmt::format(
        "this process's part of training needs {} of GPU memory ({} for parameters, {} for "
        "ratings, {} of working memory) and {} has {} left; start more processes, or take fewer {} "
        "or {} fp16",
        size_text(memory.total()), size_text(memory.parameters), size_text(memory.ratings),
        size_text(memory.working), gpu, size_text(memory.available), option_name("factors"),
        option_name("precision")));
  }
  return memory;
}

}  // namespace tusk
