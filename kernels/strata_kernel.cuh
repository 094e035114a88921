// Device code: training that gives the same bits in every run.
//
// A launch is a round of blocks, no two of which share a user or an item; each is trained by one
// warp, rating by rating, so that nothing depends on timing. The rows of the next rating are read
// before the present one is trained; where it is of the same user or item, the warp goes on with
// what it has in registers.
//
// Memory a rating, with f factors of s bytes: 8 bytes of the rating, and read and written twice
// f s + 32 bytes. Limits: a block has less than 2^32 ratings, a stripe at most kMostRowsOfStripe
// rows.
#pragma once

#include "cuda/visit_order.hpp"
#include "sgd_step.cuh"
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
  }

  __device__ __forceinline__ std::uint64_t block() const { return block_; }
  __device__ __forceinline__ std::int64_t trained() const { return trained_; }

  // Goes on to the next rating, known to all lanes; false if none is left.
  __device__ __forceinline__ bool next(RatingOfRows& rating) {
    while (left_ == 0) {
      if (visited_ >= count_) return false;
      read_batch();
    }
    const int from = __ffs(static_cast<int>(left_)) - 1;
    left_ &= left_ - 1;
    const unsigned both = __shfl_sync(kAllLanes, rows_, from);
    rating.user = user_row_ + static_cast<Index>(both & 0xffffu);
    rating.item = item_row_ + static_cast<Index>(both >> 16);
    rating.value = __shfl_sync(kAllLanes, value_, from);
    return true;
  }

 private:
  __device__ __forceinline__ void read_batch() {
    const std::uint64_t k = std::uint64_t{visited_} + static_cast<unsigned>(lane_);
    bool wanted = k < count_;
    if (wanted) {
      std::uint64_t place = k + start_;
      if (place >= count_) place -= count_;
      const std::int64_t at = first_ + static_cast<std::int64_t>(place);
      const BlockRating mine = a_.rating[at];
      rows_ = static_cast<unsigned>(mine.user) | static_cast<unsigned>(mine.item) << 16;
      value_ = mine.value;
      if (a_.label != nullptr) wanted = holds(a_.train, a_.label[at]);
    }
    left_ = __ballot_sync(kAllLanes, wanted);
    trained_ += __popc(left_);
    visited_ = count_ - visited_ > kWarpLanes ? visited_ + kWarpLanes : count_;
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
  unsigned rows_ = 0;
  float value_ = 0;
  unsigned left_ = 0;
  std::int64_t trained_ = 0;
};

// One warp a block of threads.
template <class Storage, int PerLane>
__global__ void __launch_bounds__(kWarpLanes)
    strata_in_registers(const __grid_constant__ StrataArguments a) {
  using Row = RegisterRow<Storage, PerLane>;
  const int lane = static_cast<int>(threadIdx.x);
  BlockVisit visit(a, static_cast<int>(blockIdx.x), lane);
  RoundingBits bits(a.seed, a.epoch, visit.block() * kWarpLanes + static_cast<unsigned>(lane));
  RatingOfRows next;
  if (!visit.next(next)) return;
  Row next_user;
  Row next_item;
  next_user.load(a.rows, user_row(a.rows, next.user), lane);
  next_item.load(a.rows, item_row(a.rows, next.item), lane);
  double squared_error = 0;
  for (bool more = true; more;) {
    const RatingOfRows rating = next;
    Row user = next_user;
    Row item = next_item;
    more = visit.next(next);
    if (more) {
      next_user.load(a.rows, user_row(a.rows, next.user), lane);
      next_item.load(a.rows, item_row(a.rows, next.item), lane);
    }
    const float error = train_rating(user, item, a.rows.mean, rating.value, a.rates, lane);
    user.round(bits);
    item.round(bits);
    user.store(a.rows, user_row(a.rows, rating.user), lane);
    item.store(a.rows, item_row(a.rows, rating.item), lane);
    // What was read ahead is from before these stores.
    if (next.user == rating.user) next_user = user;
    if (next.item == rating.item) next_item = item;
    squared_error += static_cast<double>(error) * static_cast<double>(error);
  }
  add_error(a.error[blockIdx.x], squared_error, visit.trained(), lane);
}

// For rows too long for registers.
template <class Storage>
__global__ void __launch_bounds__(kWarpLanes)
    strata_in_memory(const __grid_constant__ StrataArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  BlockVisit visit(a, static_cast<int>(blockIdx.x), lane);
  RoundingBits bits(a.seed, a.epoch, visit.block() * kWarpLanes + static_cast<unsigned>(lane));
  double squared_error = 0;
  for (RatingOfRows rating; visit.next(rating);) {
    const float error = train_rating_in_memory<Storage>(a.rows, user_row(a.rows, rating.user),
                                                        item_row(a.rows, rating.item), rating.value,
                                                        a.rates, bits, lane);
    squared_error += static_cast<double>(error) * static_cast<double>(error);
  }
  add_error(a.error[blockIdx.x], squared_error, visit.trained(), lane);
}

}  // namespace tusk
