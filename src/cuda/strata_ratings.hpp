// Ratings arranged in blocks of one user stripe and one item stripe, for training that gives the
// same bits in every run: see backend/stripes.hpp and backend/block_order.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/stripes.hpp"
#include "cuda/packed_rating.hpp"
#include "support/large_array.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

struct StrataRatings {
  int stripes = 1;                    // of users, and as many of items
  std::vector<Index> user_row;        // by user
  std::vector<Index> item_row;        // by item
  std::vector<Index> first_user_row;  // by stripe; one more at the end
  std::vector<Index> first_item_row;  // likewise
  // By block, which is user stripe * stripes + item stripe; one more at the end.
  std::vector<std::int64_t> first;
  LargeArray<BlockRating> rating;  // of a block by item, those of an item in random order
  LargeArray<Label> label;         // of the ratings, or empty
};

// How many stripes so many ratings are divided into: the more, the more blocks are trained at a
// time, but a block must be worth starting.
int strata_stripes(std::int64_t ratings, Index users, Index items);

// Takes the ratings whose label is in `part`; keeps their labels if `keep_labels`. The division
// depends on the ratings alone. No stripe may get more than kMostRowsOfStripe rows: throws
// DeviceError if there are too many users or items for that.
StrataRatings pack_strata(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                          bool keep_labels, ThreadPool& threads);

}  // namespace tusk
