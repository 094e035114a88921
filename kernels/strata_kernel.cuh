// Device code: training that gives the same bits in every run.
//
// A launch is a round of blocks, no two of which share a user or an item; each is trained by one
// warp, rating by rating, so that nothing depends on timing. One rating waits for the other, so the
// time of an epoch is that of a rating: the five shuffles of its sum one after another, beside
// which all else is done. Rows come into shared memory some ratings ahead (strata_ring.cuh), and
// the next rating's from there into registers; an item stays in registers through its ratings.
//
// Memory a rating, with f factors of s bytes: 8 bytes of the rating, and read and written twice
// f s + 32 bytes, of the item once in its run of ratings. Limits: a block has less than 2^31
// ratings, a stripe at most kMostRowsOfStripe rows; at least 4 bytes a lane of a row in registers.
#pragma once

#include "strata_ring.cuh"

namespace tusk {

// One warp a block of threads, with the ring's shared memory.
template <class Storage, int PerLane>
__global__ void __launch_bounds__(kWarpLanes)
    strata_in_registers(const __grid_constant__ StrataArguments a) {
  extern __shared__ uint4 strata_shared[];
  using Ring = RatingRing<Storage, PerLane>;
  constexpr unsigned kAhead = Ring::kSlots - 1;
  const int lane = static_cast<int>(threadIdx.x);
  BlockVisit visit(a, static_cast<int>(blockIdx.x), lane);
  RoundingBits bits(a.seed, a.epoch, visit.block() * kWarpLanes + static_cast<unsigned>(lane));
  Ring ring(a.rows, strata_shared, lane);
#pragma unroll 1
  for (unsigned n = 0; n < kAhead; ++n) ring.fetch(visit, n);
  if (ring.count() == 0) return;

  wait_for_copies<kAhead - 1>();
  WaitingRating rating = ring.rating(0);
  typename Ring::Row user;
  typename Ring::Row item;
  user.load_shared(ring.user_slot(0), lane);
  item.load_shared(ring.item_slot(0), lane);
  double squared_error = 0;
  float errors = 0;
  unsigned n = 0;
#pragma unroll 1
  do {
    ring.fetch(visit, n + kAhead);
    wait_for_copies<kAhead - 1>();
    const WaitingRating next = ring.rating(n + 1);
    typename Ring::Row next_user;
    typename Ring::Row next_item;
    next_user.load_shared(ring.user_slot(n + 1), lane);
    next_item.load_shared(ring.item_slot(n + 1), lane);

    const float error = train_rating(user, item, a.rows.mean, rating.rows.value, a.rates, lane);
    errors += error * error;
    if (n % 32 == 31) {
      squared_error += static_cast<double>(errors);
      errors = 0;
    }
    user.round(bits);
    user.store(ring.user_place(rating.rows.user), lane);
    if (rating.user_again != 0) {
      user.store_shared(ring.user_slot(n + rating.user_again), lane);
      next_user.load_shared(ring.user_slot(n + 1), lane);
    }
    ++n;
    if (n == ring.count() || (next.what & WaitingRating::kOtherItem) != 0) {
      item.round(bits);
      item.store(ring.item_place(rating.rows.item), lane);
      if (rating.item_again != 0) {
        item.store_shared(ring.item_slot(n - 1 + rating.item_again), lane);
      }
      item = next_item;
    }
    user = next_user;
    rating = next;
  } while (n < ring.count());
  squared_error += static_cast<double>(errors);
  add_errors(a.error[blockIdx.x], squared_error, 0, ring.count(), lane);
}

// For rows too long for registers.
template <class Storage>
__global__ void __launch_bounds__(kWarpLanes)
    strata_in_memory(const __grid_constant__ StrataArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  BlockVisit visit(a, static_cast<int>(blockIdx.x), lane);
  RoundingBits bits(a.seed, a.epoch, visit.block() * kWarpLanes + static_cast<unsigned>(lane));
  double squared_error = 0;
  std::int64_t trained = 0;
  while (!visit.ended()) {
    RatingOfRows mine;
    unsigned left = visit.next(mine);
    trained += __popc(left);
    for (; left != 0; left &= left - 1) {
      const int from = __ffs(static_cast<int>(left)) - 1;
      const float error = train_rating_in_memory<Storage, RowUpdate::store>(
          a.rows, user_row(a.rows, __shfl_sync(kAllLanes, mine.user, from)),
          item_row(a.rows, __shfl_sync(kAllLanes, mine.item, from)),
          __shfl_sync(kAllLanes, mine.value, from), a.rates, bits, lane);
      squared_error += static_cast<double>(error) * static_cast<double>(error);
    }
  }
  add_errors(a.error[blockIdx.x], squared_error, 0, trained, lane);
}

}  // namespace tusk
