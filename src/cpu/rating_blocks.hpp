// Ratings arranged in blocks of one user stripe and one item stripe, see backend/stripes.hpp. The
// division depends on the ratings alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
  // Takes the ratings whose label is in `part`.
  RatingBlocks(CsrView ratings, std::span<const Label> label, const LabelSet& part,
               ThreadPool& threads);

  int stripes() const { return stripes_; }  // of users, and as many of items
  std::int64_t size() const { return static_cast<std::int64_t>(rating_.size()); }

  // One run a user, the ratings of a run in random order.
  std::span<const UserRun> runs(int user_stripe, int item_stripe) const;

  const std::vector<Index>& user_row() const { return users_.row; }  // by user
  const std::vector<Index>& item_row() const { return items_.row; }  // by item

  // Ratings of the part by user, and by item.
  const std::vector<std::int64_t>& user_count() const { return user_count_; }
  const std::vector<std::int64_t>& item_count() const { return item_count_; }

  const std::vector<Index>& item() const { return item_; }  // rows, and kLookahead more
  const std::vector<float>& rating() const { return rating_; }

 private:
  int stripes_ = 1;
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
