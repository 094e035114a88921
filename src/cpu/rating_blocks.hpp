// Ratings arranged in blocks of one user stripe and one item stripe, see backend/stripes.hpp. The
// division depends on the ratings alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/communicator.hpp>
#include <tusk/types.hpp>

#include "backend/stripes.hpp"
#include "backend/user_run.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Of users, and of items, at most.
inline constexpr int kMostStripes = 16;

// So many ratings ahead the rows of items are fetched.
inline constexpr std::size_t kLookahead = 2;

class RatingBlocks {
 public:
  // Takes the ratings whose label is in `part`. Several processes, each of which has the ratings of
  // some users, hand them out by stripe: each gets the runs of user stripes from first_stripe(rank)
  // up to first_stripe(rank + 1). Throws UsageError if there are more processes than stripes.
  RatingBlocks(CsrView ratings, std::span<const Label> label, const LabelSet& part,
               ThreadPool& threads, Communicator* processes = nullptr);

  int stripes() const { return stripes_; }     // of users, and as many of items
  std::int64_t size() const { return size_; }  // of all processes

  int first_stripe(int rank) const { return stripes_ * rank / processes_; }
  // The rows of the users of a stripe follow those of the stripe before, and so do items.
  Index first_user_row(int stripe) const { return users_.first_row(stripe); }
  Index first_item_row(int stripe) const { return items_.first_row(stripe); }
  // Of the first user of this process, from which the rows of runs count.
  Index own_first_row() const { return own_first_row_; }

  // One run a user, the ratings of a run in random order.
  std::span<const UserRun> runs(int user_stripe, int item_stripe) const;

  const std::vector<Index>& user_row() const { return users_.row; }  // by user
  const std::vector<Index>& item_row() const { return items_.row; }  // by item

  // Ratings of the part, in all processes, by user, and by item.
  const std::vector<std::int64_t>& user_count() const { return user_count_; }
  const std::vector<std::int64_t>& item_count() const { return item_count_; }

  const std::vector<Index>& item() const { return item_; }  // rows, and kLookahead more
  const std::vector<float>& rating() const { return rating_; }

 private:
  int stripes_ = 1;
  int processes_ = 1;
  std::int64_t size_ = 0;
  Index own_first_row_ = 0;
  Stripes users_;
  Stripes items_;
  std::vector<std::int64_t> user_count_;
  std::vector<std::int64_t> item_count_;
  std::vector<std::int64_t> first_run_;  // by block; one more at the end
  std::vector<UserRun> runs_;
  std::vector<Index> item_;
  std::vector<float> rating_;
};

}  // namespace tusk
