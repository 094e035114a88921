// Device code: training run by run, lock-free by many warps or in order by one.
//
// A block of threads is one warp, so that few warps spread over all multiprocessors. Each takes one
// run after another from a counter: the ratings of one user. The user's factors stay in registers
// over the run; an item's are read and changed once a rating, in the second-level cache, and those
// of the next rating are read before the present one is trained.
//
// Warps race for items. What each of them changes is added to what is there then, so that no update
// is lost. Storing the new values instead loses some, and is slower where many write to one row;
// bench/README.md has both measured. A user's factors are stored: runs of one user are so far apart
// that they seldom meet (see pack_hogwild()), and where they do, what both have learned from many
// ratings must not be added up, or training diverges.
//
// Of many small models each is trained by one warp of its own, in the same way but for its rows,
// which nobody else writes: they are stored, and the result is the same in every run. One rating
// waits for the other; what keeps the GPU busy is that models do not.
//
// Memory a rating, with f factors of s bytes: 8 bytes of the rating, and read and added to f s + 32
// bytes of the item. Limits: none but that a run has at most kLongestRun ratings.
#pragma once

#include "cuda/visit_order.hpp"
#include "hogwild_kernels.cuh"
#include "sgd_step.cuh"

namespace tusk {

// The runs of one model that warps share out among themselves.
class SharedRuns {
 public:
  __device__ __forceinline__ SharedRuns(const HogwildArguments& a, int lane) : a_(a), lane_(lane) {}

  // The number of a run within runs; false if none is left.
  __device__ __forceinline__ bool take(std::uint64_t& number) const {
    unsigned long long slot = 0;
    if (lane_ == 0) slot = atomicAdd(a_.taken, 1ull);
    slot = __shfl_sync(kAllLanes, slot, 0);
    if (slot >= a_.run_count) return false;
    number = (a_.order_first + slot * a_.order_step) % a_.run_count;
    return true;
  }

 private:
  const HogwildArguments& a_;
  int lane_;
};

// The runs of one model, all for one warp.
class OwnRuns {
 public:
  __device__ __forceinline__ explicit OwnRuns(const HogwildArguments& a) : a_(a) {}

  // As SharedRuns::take().
  __device__ __forceinline__ bool take(std::uint64_t& number) {
    if (slot_ >= a_.run_count) return false;
    number = (a_.order_first + slot_++ * a_.order_step) % a_.run_count;
    return true;
  }

 private:
  const HogwildArguments& a_;
  std::uint64_t slot_ = 0;
};

// Up to 32 ratings of a run, one in each lane, of which some are trained on.
struct RatingBatch {
  PackedRating mine;
  unsigned left;  // a bit for each lane whose rating is still to be trained on

  __device__ __forceinline__ RatingBatch(const HogwildArguments& a, const UserRun& run,
                                         const RunVisit& visit, std::uint32_t first, int lane) {
    const std::uint32_t k = first + static_cast<std::uint32_t>(lane);
    bool wanted = k < run.count;
    if (wanted) {
      const std::int64_t at = run.first - a.first_rating + visit.place(k, run.count);
      mine = a.rating[at];
      if (a.label != nullptr) wanted = holds(a.train, a.label[at]);
    }
    left = __ballot_sync(kAllLanes, wanted);
  }

  // The next of them, known to all lanes. There must be one.
  __device__ __forceinline__ PackedRating take() {
    const int from = __ffs(static_cast<int>(left)) - 1;
    left &= left - 1;
    return {__shfl_sync(kAllLanes, mine.item, from), __shfl_sync(kAllLanes, mine.value, from)};
  }
};

// Trains on the runs; `Update` says how an item's row is written.
template <class Storage, int PerLane, RowUpdate Update, class Runs>
__device__ __forceinline__ void train_in_registers(const HogwildArguments& a, Runs runs,
                                                   ErrorSums& errors, int lane) {
  using Row = RegisterRow<Storage, PerLane>;
  double squared_error = 0;
  std::int64_t trained = 0;
  for (std::uint64_t number = 0; runs.take(number);) {
    const UserRun run = a.runs[number];
    const RunVisit visit = visit_run(a.seed, a.epoch, a.first_run + number, run.count);
    RoundingBits bits(a.seed, a.epoch,
                      (a.first_run + number) * kWarpLanes + static_cast<unsigned>(lane));
    const RowPlace user_at = user_row(a.rows, run.user);
    Row user;
    user.load(user_at, lane);
    for (std::uint32_t first = 0; first < run.count; first += kWarpLanes) {
      RatingBatch batch(a, run, visit, first, lane);
      if (batch.left == 0) continue;
      trained += __popc(batch.left);
      float batch_error = 0;
      PackedRating next = batch.take();
      Row next_item;
      next_item.load(item_row(a.rows, next.item), lane);
      for (bool more = true; more;) {
        const PackedRating rating = next;
        Row item = next_item;
        more = batch.left != 0;
        if (more) {
          next = batch.take();
          next_item.load(item_row(a.rows, next.item), lane);
        }
        [[maybe_unused]] const Row item_before = item;
        const float error = train_rating(user, item, a.rows.mean, rating.value, a.rates, lane);
        item.round(bits);
        if constexpr (Update == RowUpdate::add) {
          item.add_change(item_before, item_row(a.rows, rating.item), lane);
        } else {
          item.store(item_row(a.rows, rating.item), lane);
        }
        batch_error += error * error;
      }
      squared_error += static_cast<double>(batch_error);
    }
    user.round(bits);
    user.store(user_at, lane);
  }
  add_errors(errors, squared_error, 0, trained, lane);
}

// The same for rows too long for registers.
template <class Storage, RowUpdate Update, class Runs>
__device__ __forceinline__ void train_in_memory(const HogwildArguments& a, Runs runs,
                                                ErrorSums& errors, int lane) {
  double squared_error = 0;
  std::int64_t trained = 0;
  for (std::uint64_t number = 0; runs.take(number);) {
    const UserRun run = a.runs[number];
    const RunVisit visit = visit_run(a.seed, a.epoch, a.first_run + number, run.count);
    RoundingBits bits(a.seed, a.epoch,
                      (a.first_run + number) * kWarpLanes + static_cast<unsigned>(lane));
    const RowPlace user_at = user_row(a.rows, run.user);
    for (std::uint32_t first = 0; first < run.count; first += kWarpLanes) {
      RatingBatch batch(a, run, visit, first, lane);
      trained += __popc(batch.left);
      float batch_error = 0;
      while (batch.left != 0) {
        const PackedRating rating = batch.take();
        const float error = train_rating_in_memory<Storage, Update>(
            a.rows, user_at, item_row(a.rows, rating.item), rating.value, a.rates, bits, lane);
        batch_error += error * error;
      }
      squared_error += static_cast<double>(batch_error);
    }
  }
  add_errors(errors, squared_error, 0, trained, lane);
}

// 0 factors a lane stand for rows too long for registers.
template <class Storage, int PerLane, RowUpdate Update, class Runs>
__device__ __forceinline__ void train_runs(const HogwildArguments& a, Runs runs, ErrorSums& errors,
                                           int lane) {
  if constexpr (PerLane == 0) {
    train_in_memory<Storage, Update>(a, runs, errors, lane);
  } else {
    train_in_registers<Storage, PerLane, Update>(a, runs, errors, lane);
  }
}

template <class Storage, int PerLane>
__global__ void __launch_bounds__(kWarpLanes)
    train_hogwild(const __grid_constant__ HogwildArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  train_runs<Storage, PerLane, RowUpdate::add>(a, SharedRuns(a, lane), a.error[blockIdx.x], lane);
}

// A block for each model; `models` is in the GPU's memory.
template <class Storage, int PerLane>
__global__ void __launch_bounds__(kWarpLanes) train_side_by_side(const HogwildArguments* models) {
  const HogwildArguments a = models[blockIdx.x];
  const int lane = static_cast<int>(threadIdx.x);
  train_runs<Storage, PerLane, RowUpdate::store>(a, OwnRuns(a), *a.error, lane);
}

template <class Storage>
HogwildFunctions hogwild_functions(int factors_per_lane) {
  HogwildFunctions chosen;
  visit_factors_per_lane<Storage>(factors_per_lane, [&](auto per_lane) {
    chosen = {train_hogwild<Storage, per_lane>, train_side_by_side<Storage, per_lane>};
  });
  return chosen;
}

}  // namespace tusk
