// Device code: training that gives the same bits in every run.
//
// A launch is a round of blocks, no two of which share a user or an item; each is trained by one
// warp, rating by rating, so that nothing depends on timing. The rows of some ratings ahead are
// read before the present one is trained; those of the same user or item are then replaced by what
// it became, so that the order of ratings is all that counts.
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
    read_ahead();
  }

  __device__ __forceinline__ std::uint64_t block() const { return block_; }
  __device__ __forceinline__ std::int64_t trained() const { return trained_; }

  // Goes on to the next rating, known to all lanes; false if none is left.
  __device__ __forceinline__ bool next(RatingOfRows& rating) {
    while (left_ == 0) {
      if (visited_ >= count_) return false;
      take_batch();
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
  // Takes the batch that was read ahead, and reads the one behind it.
  __device__ __forceinline__ void take_batch() {
    rows_ = static_cast<unsigned>(ahead_.user) | static_cast<unsigned>(ahead_.item) << 16;
    value_ = ahead_.value;
    bool wanted = std::uint64_t{visited_} + static_cast<unsigned>(lane_) < count_;
    if (a_.label != nullptr) wanted = wanted && holds(a_.train, label_ahead_);
    left_ = __ballot_sync(kAllLanes, wanted);
    trained_ += __popc(left_);
    visited_ = count_ - visited_ > kWarpLanes ? visited_ + kWarpLanes : count_;
    read_ahead();
  }

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
  unsigned rows_ = 0;
  float value_ = 0;
  unsigned left_ = 0;
  std::int64_t trained_ = 0;
};

// A rating that is to be trained on, and its rows as they were when it was read.
template <class Row>
struct RatingAhead {
  RatingOfRows rating{-1, -1, 0};  // users are -1 behind the last
  Row user;
  Row item;  // if its last rating was of another item
  bool user_changed;
  bool item_changed;

  // `item` is that of the rating before, and becomes this one's.
  __device__ __forceinline__ void read(BlockVisit& visit, const ModelRows& rows, Index& item_before,
                                       int lane) {
    user_changed = false;
    item_changed = false;
    if (!visit.next(rating)) {
      rating.user = -1;
      return;
    }
    user.load(user_row(rows, rating.user), lane);
    if (rating.item != item_before) item.load(item_row(rows, rating.item), lane);
    item_before = rating.item;
  }
};

// So many ratings ahead hide the time that a row takes to come, and leave registers for them.
constexpr int ratings_ahead(int per_lane) { return per_lane <= 4 ? 4 : per_lane <= 8 ? 2 : 1; }

// One warp a block of threads.
template <class Storage, int PerLane>
__global__ void __launch_bounds__(kWarpLanes)
    strata_in_registers(const __grid_constant__ StrataArguments a) {
  using Row = RegisterRow<Storage, PerLane>;
  constexpr int kAhead = ratings_ahead(PerLane);
  const int lane = static_cast<int>(threadIdx.x);
  BlockVisit visit(a, static_cast<int>(blockIdx.x), lane);
  RoundingBits bits(a.seed, a.epoch, visit.block() * kWarpLanes + static_cast<unsigned>(lane));
  RatingAhead<Row> ahead[kAhead];
  Index last_item_read = -1;
#pragma unroll
  for (int n = 0; n < kAhead; ++n) ahead[n].read(visit, a.rows, last_item_read, lane);
  if (ahead[0].rating.user < 0) return;
  Row item = ahead[0].item;
  Index item_trained = ahead[0].rating.item;
  const auto store_item = [&] {
    item.round(bits);
    item.store(item_row(a.rows, item_trained), lane);
#pragma unroll
    for (int n = 0; n < kAhead; ++n) ahead[n].item_changed |= ahead[n].rating.item == item_trained;
  };
  double squared_error = 0;
  while (ahead[0].rating.user >= 0) {
    float errors = 0;
#pragma unroll
    for (int n = 0; n < kAhead; ++n) {
      const RatingOfRows rating = ahead[n].rating;
      if (rating.user < 0) break;
      if (rating.item != item_trained) {
        store_item();
        item = ahead[n].item;
        if (ahead[n].item_changed) item.load(item_row(a.rows, rating.item), lane);
        item_trained = rating.item;
      }
      const RowPlace user_at = user_row(a.rows, rating.user);
      Row user = ahead[n].user;
      if (ahead[n].user_changed) user.load(user_at, lane);
      ahead[n].read(visit, a.rows, last_item_read, lane);
      const float error = train_rating(user, item, a.rows.mean, rating.value, a.rates, lane);
      user.round(bits);
      user.store(user_at, lane);
#pragma unroll
      for (int later = 0; later < kAhead; ++later) {
        ahead[later].user_changed |= ahead[later].rating.user == rating.user;
      }
      errors += error * error;
    }
    squared_error += static_cast<double>(errors);
  }
  store_item();
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
    const float error = train_rating_in_memory<Storage, RowUpdate::store>(
        a.rows, user_row(a.rows, rating.user), item_row(a.rows, rating.item), rating.value, a.rates,
        bits, lane);
    squared_error += static_cast<double>(error) * static_cast<double>(error);
  }
  add_error(a.error[blockIdx.x], squared_error, visit.trained(), lane);
}

}  // namespace tusk
