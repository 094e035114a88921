// Device code: the ratings of a block in the order in which they are trained, for
// strata_kernel.cuh.
#pragma once

#include "cuda/visit_order.hpp"
#include "row_access.cuh"
#include "strata_arguments.hpp"

namespace tusk {

// A rating with the rows that it is about.
struct RatingOfRows {
  Index user;
  Index item;
  float value;
};

// The ratings of a block, 32 at a time, one in each lane.
class BlockVisit {
 public:
  __device__ __forceinline__ BlockVisit(const StrataArguments& a, int place, int lane)
      : a_(a), lane_(lane) {
    const int user_stripe = a.user_stripe[place];
    const int item_stripe = a.item_stripe[(place + a.round) % a.stripes];
    block_ = static_cast<std::uint64_t>(user_stripe) * static_cast<std::uint64_t>(a.stripes) +
             static_cast<std::uint64_t>(item_stripe);
    first_ = a.first[block_];
    count_ = static_cast<std::uint32_t>(a.first[block_ + 1] - first_);
    user_row_ = a.first_user_row[user_stripe];
    item_row_ = a.first_item_row[item_stripe];
    start_ = count_ == 0 ? 0 : block_start(a.seed, a.epoch, block_, count_);
    read_ahead();
  }

  __device__ __forceinline__ std::uint64_t block() const { return block_; }
  __device__ __forceinline__ bool ended() const { return visited_ >= count_; }

  // Gives each lane one of the next ratings, in order. Returns those lanes whose rating is to be
  // trained on.
  __device__ __forceinline__ unsigned next(RatingOfRows& rating) {
    rating = {user_row_ + static_cast<Index>(ahead_.user),
              item_row_ + static_cast<Index>(ahead_.item), ahead_.value};
    bool wanted = std::uint64_t{visited_} + static_cast<unsigned>(lane_) < count_;
    if (a_.label != nullptr) wanted = wanted && holds(a_.train, label_ahead_);
    visited_ = count_ - visited_ > kWarpLanes ? visited_ + kWarpLanes : count_;
    read_ahead();
    return __ballot_sync(kAllLanes, wanted);
  }

 private:
  // What next() gives comes while the ratings before are trained.
  __device__ __forceinline__ void read_ahead() {
    const std::uint64_t k = std::uint64_t{visited_} + static_cast<unsigned>(lane_);
    if (k >= count_) return;
    std::uint64_t place = k + start_;
    if (place >= count_) place -= count_;
    const std::int64_t at = first_ + static_cast<std::int64_t>(place);
    ahead_ = a_.rating[at];
    if (a_.label != nullptr) label_ahead_ = a_.label[at];
  }

  const StrataArguments& a_;
  int lane_;
  std::uint64_t block_;
  std::int64_t first_;
  std::uint32_t count_;
  std::uint32_t start_;
  std::uint32_t visited_ = 0;
  Index user_row_;
  Index item_row_;
  BlockRating ahead_;
  Label label_ahead_ = 0;
};

}  // namespace tusk
