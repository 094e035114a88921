// Device code: the ratings that are trained next, and their rows on the way into shared memory, for
// strata_kernel.cuh.
//
// A row must not be copied while a rating before is still to change it. So the row of a user who is
// met again within a round of the ring is not copied for the later rating; the earlier one leaves
// there what the row became. The same holds for an item that comes back, which happens where a
// block is visited from the middle of an item's ratings on. Which rating
// depends on which is found out for 32 at a time, each lane looking back from its own.
#pragma once

#include "sgd_step.cuh"
#include "strata_visit.cuh"

namespace tusk {

// A rating as it waits in shared memory.
struct alignas(16) WaitingRating {
  enum What : unsigned { kCopyUser = 1, kCopyItem = 2, kOtherItem = 4 };

  RatingOfRows rows;
  unsigned char what;  // kOtherItem: than the rating's before
  // After so many ratings the user is met again, or the item comes back after others, and their
  // rows are wanted there. 0 if not within a round of the ring.
  unsigned char user_again;
  unsigned char item_again;
};

// Rows of 32 * PerLane factors.
template <class Storage, int PerLane>
class RatingRing {
 public:
  using Row = RegisterRow<Storage, PerLane>;

  // So many ratings hide the time that a row takes to come.
  static constexpr unsigned kSlots = PerLane <= 8 ? 16 : 8;

  __device__ __forceinline__ RatingRing(const ModelRows& rows, uint4* shared, int lane)
      : rows_(rows),
        lane_(lane),
        waiting_(reinterpret_cast<WaitingRating*>(shared)),
        slot_(reinterpret_cast<Slot*>(waiting_ + kWaiting)) {}

  static constexpr int shared_bytes() {
    constexpr std::size_t kBytes = kWaiting * sizeof(WaitingRating) + kSlots * sizeof(Slot);
    static_assert(kBytes <= 48 << 10, "more would have to be asked for");
    return static_cast<int>(kBytes);
  }

  // How many ratings there are, as far as known: one more than asked for by fetch(), if there is.
  __device__ __forceinline__ unsigned count() const { return count_; }

  // Ratings from count() - 64 on are there.
  __device__ __forceinline__ WaitingRating rating(unsigned n) const {
    return waiting_[n % kWaiting];
  }

  // Starts copying the rows of rating n, if there is one, into its slot, and ends a group of
  // copies.
  __device__ __forceinline__ void fetch(BlockVisit& visit, unsigned n) {
    // Whose rows rating n - kSlots + 2 leaves to others is known before it is read.
    while (count_ <= n + 1 && !visit.ended()) append(visit);
    const WaitingRating next = rating(n);
    if (n < count_ && (next.what & WaitingRating::kCopyUser) != 0) {
      Row::start_copy(user_slot(n), user_place(next.rows.user), lane_);
    }
    if (n < count_ && (next.what & WaitingRating::kCopyItem) != 0) {
      Row::start_copy(item_slot(n), item_place(next.rows.item), lane_);
    }
    end_copy_group();
  }

  __device__ __forceinline__ RowPlace user_slot(unsigned n) const {
    Slot& slot = slot_[n % kSlots];
    return {slot.user, &slot.user_bias};
  }
  __device__ __forceinline__ RowPlace item_slot(unsigned n) const {
    Slot& slot = slot_[n % kSlots];
    return {slot.item, &slot.item_bias};
  }

  __device__ __forceinline__ RowPlace user_place(Index user) const {
    const auto at = static_cast<std::uint32_t>(user);
    return {rows_.user + std::uint64_t{at} * kRowBytes,
            rows_.user_bias + std::uint64_t{at} * kBiasSpacing};
  }
  __device__ __forceinline__ RowPlace item_place(Index item) const {
    const auto at = static_cast<std::uint32_t>(item);
    return {rows_.item + std::uint64_t{at} * kRowBytes,
            rows_.item_bias + std::uint64_t{at} * kBiasSpacing};
  }

 private:
  static constexpr std::uint32_t kRowBytes = PerLane * kWarpLanes * sizeof(Storage);
  // Those of a round of the ring, one more, and 32 that are appended.
  static constexpr unsigned kWaiting = 64;
  static_assert(kSlots + 1 + kWarpLanes <= kWaiting);

  struct alignas(16) Slot {
    unsigned char user[kRowBytes];
    unsigned char item[kRowBytes];
    float user_bias;
    float item_bias;
  };

  // Appends those of the next 32 ratings of a block that are to be trained on.
  __device__ __forceinline__ void append(BlockVisit& visit) {
    RatingOfRows mine;
    const unsigned wanted = visit.next(mine);
    const unsigned n = count_ + static_cast<unsigned>(__popc(wanted & ((1u << lane_) - 1)));
    const bool is_wanted = (wanted >> lane_ & 1u) != 0;
    __syncwarp();  // all have read what stood there
    if (is_wanted) waiting_[n % kWaiting] = {mine, 0, 0, 0};
    __syncwarp();
    if (is_wanted) {
      unsigned user_before = 0;
      unsigned item_before = 0;
#pragma unroll
      for (unsigned back = kSlots - 1; back > 0; --back) {
        if (back > n) continue;
        const RatingOfRows& before = waiting_[(n - back) % kWaiting].rows;
        if (before.user == mine.user) user_before = back;
        if (before.item == mine.item) item_before = back;
      }
      unsigned what = 0;
      if (user_before == 0) {
        what |= WaitingRating::kCopyUser;
      } else {
        waiting_[(n - user_before) % kWaiting].user_again = static_cast<unsigned char>(user_before);
      }
      if (item_before != 1) what |= WaitingRating::kOtherItem;
      if (item_before == 0) {
        what |= WaitingRating::kCopyItem;
      } else if (item_before > 1) {
        waiting_[(n - item_before) % kWaiting].item_again = static_cast<unsigned char>(item_before);
      }
      waiting_[n % kWaiting].what = static_cast<unsigned char>(what);
    }
    __syncwarp();
    count_ += static_cast<unsigned>(__popc(wanted));
  }

  const ModelRows& rows_;
  int lane_;
  WaitingRating* waiting_;
  Slot* slot_;
  unsigned count_ = 0;
};

}  // namespace tusk
