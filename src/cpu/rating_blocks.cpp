#include "cpu/rating_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "distributed/hand_out.hpp"
#include "support/huge_pages.hpp"
#include "support/philox.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// As many blocks can be trained at a time as there are stripes. But a block must be worth a
// thread's while; and the more stripes, the shorter the runs of users, which are slower, and the
// better the ratings are mixed, up to a point: bench/README.md has the figures.
int choose_stripes(std::int64_t ratings, Index users, Index items) {
  constexpr double kRatingsPerBlock = 2048;
  const auto wanted = static_cast<int>(std::sqrt(static_cast<double>(ratings) / kRatingsPerBlock));
  return std::max(
      1, std::min({wanted, kMostStripes, static_cast<int>(users), static_cast<int>(items)}));
}

}  // namespace

RatingBlocks::RatingBlocks(CsrView given, std::span<const Label> label, const LabelSet& given_part,
                           ThreadPool& threads, Communicator* processes)
    : processes_(processes == nullptr ? 1 : processes->size()) {
  // Users are dealt with in chunks, side by side.
  constexpr std::int64_t kUsersPerChunk = 1024;
  CsrView ratings = given;
  bool all = false;  // whether all of them are taken
  const auto users = static_cast<std::int64_t>(ratings.rows());
  const std::int64_t chunks = chunk_count(users, kUsersPerChunk);
  const auto each_user = [&](const auto& visit) {
    threads.parallel_chunks(users, kUsersPerChunk, [&](std::int64_t user, int thread) {
      visit(static_cast<std::size_t>(user / kUsersPerChunk), static_cast<std::size_t>(user),
            thread);
    });
  };
  const auto each_rating = [&](std::size_t user, const auto& visit) {
    for (auto k = ratings.offset[user]; k < ratings.offset[user + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (all || given_part.test(label[at]))
        visit(at, static_cast<std::size_t>(ratings.column[at]));
    }
  };

  using Counts = std::vector<std::int64_t>;
  user_count_.assign(static_cast<std::size_t>(users), 0);
  std::vector<Counts> item_counts(static_cast<std::size_t>(threads.threads()),
                                  Counts(static_cast<std::size_t>(ratings.columns), 0));
  each_user([&](std::size_t, std::size_t u, int thread) {
    each_rating(u, [&](std::size_t, std::size_t item) {
      ++user_count_[u];
      ++item_counts[static_cast<std::size_t>(thread)][item];
    });
  });
  item_count_ = std::move(item_counts.front());
  for (std::size_t t = 1; t < item_counts.size(); ++t) {
    std::transform(item_count_.begin(), item_count_.end(), item_counts[t].begin(),
                   item_count_.begin(), std::plus<>());
  }
  sum_of_all(processes, user_count_);
  sum_of_all(processes, item_count_);
  size_ = std::accumulate(item_count_.begin(), item_count_.end(), std::int64_t{0});
  stripes_ = choose_stripes(size_, ratings.rows(), ratings.columns);
  if (processes_ > stripes_) {
    throw UsageError(
        fmt::format("{} processes are more than these ratings occupy: they are trained in {}",
                    processes_, count_text(stripes_, "group") + " of users"));
  }
  const auto blocks = static_cast<std::size_t>(stripes_) * static_cast<std::size_t>(stripes_);
  users_ = balance_stripes(user_count_, stripes_);
  items_ = balance_stripes(item_count_, stripes_);
  const auto block_of = [&](std::size_t user, std::size_t item) {
    return static_cast<std::size_t>(users_.stripe[user] * stripes_ + items_.stripe[item]);
  };
  OwnRatings own;
  if (processes != nullptr) {
    std::vector<int> owner;  // of each stripe
    for (int rank = 0; rank < processes_; ++rank) {
      owner.resize(static_cast<std::size_t>(first_stripe(rank + 1)), rank);
    }
    own = hand_out(
        given, *processes,
        [&](std::size_t u) { return owner[static_cast<std::size_t>(users_.stripe[u])]; },
        each_rating);
    ratings = {own.offset, own.item, own.rating, given.columns};
    all = true;
    own_first_row_ = first_user_row(first_stripe(processes->rank()));
  }

  // First how many ratings and runs each chunk has in each block, then where they go.
  constexpr auto kNobody = static_cast<std::size_t>(-1);
  struct Place {
    std::int64_t rating = 0;
    std::int64_t run = 0;
    std::size_t last_user = kNobody;
  };
  std::vector<std::vector<Place>> places(static_cast<std::size_t>(chunks),
                                         std::vector<Place>(blocks));
  each_user([&](std::size_t chunk, std::size_t u, int) {
    each_rating(u, [&](std::size_t, std::size_t item) {
      Place& place = places[chunk][block_of(u, item)];
      ++place.rating;
      if (std::exchange(place.last_user, u) != u) ++place.run;
    });
  });
  first_run_.assign(blocks + 1, 0);
  Place next;
  for (std::size_t block = 0; block < blocks; ++block) {
    first_run_[block] = next.run;
    for (auto& chunk : places) {
      const Place count = std::exchange(chunk[block], next);
      next.rating += count.rating;
      next.run += count.run;
    }
  }
  first_run_[blocks] = next.run;
  runs_.resize(static_cast<std::size_t>(next.run));
  const auto size = static_cast<std::size_t>(next.rating);
  item_ = vector_in_huge_pages<Index>(size + kLookahead);
  item_.resize(size + kLookahead);
  rating_ = vector_in_huge_pages<float>(size);
  rating_.resize(size);

  std::vector<std::vector<std::size_t>> shuffled(static_cast<std::size_t>(threads.threads()));
  each_user([&](std::size_t chunk, std::size_t u, int thread) {
    auto& order = shuffled[static_cast<std::size_t>(thread)];
    order.clear();
    each_rating(u, [&](std::size_t at, std::size_t) { order.push_back(at); });
    RandomSequence(0, random_stream(RandomUse::rating_order, u)).shuffle(order);
    for (const std::size_t at : order) {
      Place& place = places[chunk][block_of(u, static_cast<std::size_t>(ratings.column[at]))];
      if (std::exchange(place.last_user, u) != u) {
        runs_[static_cast<std::size_t>(place.run++)] = {place.rating,
                                                        users_.row[u] - own_first_row_, 0};
      }
      ++runs_[static_cast<std::size_t>(place.run - 1)].count;
      const auto to = static_cast<std::size_t>(place.rating++);
      item_[to] = items_.row[static_cast<std::size_t>(ratings.column[at])];
      rating_[to] = ratings.value[at];
    }
  });
}

std::span<const UserRun> RatingBlocks::runs(int user_stripe, int item_stripe) const {
  const auto block = static_cast<std::size_t>(user_stripe * stripes_ + item_stripe);
  const auto first = static_cast<std::size_t>(first_run_[block]);
  const auto end = static_cast<std::size_t>(first_run_[block + 1]);
  return std::span(runs_).subspan(first, end - first);
}

}  // namespace tusk
