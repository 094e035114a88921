// Device code: similarities of some rows with all rows.
//
// A block of threads is one warp. It compares one row x with the rows y of one range, whose sums
// it keeps in shared memory: it walks the columns that x holds, in their order, and adds each
// column's segment of the range, an entry a lane. Entries of a segment are of different rows, so no
// addition needs to be atomic, and every sum is added up in the order of columns, with every
// product rounded, as on the CPU. Sums that are exact, as those of ratings in halves, are equal to
// the CPU's in any case; sums that are rounded are as long as the CPU's compiler keeps that order
// and rounds every product, too. Entries are read some pieces ahead of the additions, what leads to
// them 32 columns ahead.
//
// Memory: 8 bytes of cache an entry, 12 a column of x and range, 8 written a pair of rows. All
// warps that run at a time look at a few ranges, whose entries stay in the second-level cache.
// Shared memory: the sums of a range. Limits: the number of blocks, rows times ranges.
#pragma once

#include <cstring>

#include "model/similarity.hpp"
#include "neighbour_arguments.hpp"
#include "row_access.cuh"

namespace tusk {

extern __shared__ double shared_memory[];

// The sums of a range's rows: field f of slot s at f * slots + s, so that lanes at neighbouring
// slots touch different banks.
template <class Sums>
class RangeSums {
 public:
  static constexpr int kFields = sizeof(Sums) / sizeof(double);

  __device__ __forceinline__ RangeSums(double* memory, Index slots)
      : memory_(memory), slots_(static_cast<unsigned>(slots)) {}

  __device__ __forceinline__ Sums read(unsigned slot) const {
    double field[kFields];
#pragma unroll
    for (int f = 0; f < kFields; ++f) field[f] = memory_[f * slots_ + slot];
    Sums sums;
    std::memcpy(&sums, field, sizeof sums);
    return sums;
  }
  __device__ __forceinline__ void write(unsigned slot, const Sums& sums) {
    double field[kFields];
    std::memcpy(field, &sums, sizeof sums);
#pragma unroll
    for (int f = 0; f < kFields; ++f) memory_[f * slots_ + slot] = field[f];
  }

 private:
  double* memory_;
  unsigned slots_;
};

// At most 32 entries of one segment, one in each lane.
struct Piece {
  static constexpr std::uint32_t kNoSlot = 0xffffffffu;

  float value = 0;  // of x in the column
  RowEntry entry;   // kNoSlot in a lane that has none
};

// The entries of a range in the columns that a row holds, in the order of columns.
class PieceWalk {
 public:
  __device__ __forceinline__ PieceWalk(const SimilarityArguments& a, Index row, Index range,
                                       int lane)
      : a_(a),
        first_(a.segments.first + std::int64_t{range} * a.rows.columns),
        next_(a.rows.offset[row] + lane),
        end_(a.rows.offset[row + 1]),
        lane_(lane) {
    batches_ = static_cast<int>((end_ - next_ + lane + kWarpLanes - 1) / kWarpLanes);
    read_columns();
    read_bounds();
    read_columns();
  }

  // False, and a piece without entries, if none is left.
  __device__ __forceinline__ bool next(Piece& piece) {
    piece.entry.slot = Piece::kNoSlot;
    if (at_ >= segment_end_) {
      while (left_ == 0) {
        if (batches_ == 0) return false;
        next_batch();
      }
      const int from = __ffs(static_cast<int>(left_)) - 1;
      left_ &= left_ - 1;
      at_ = __shfl_sync(kAllLanes, here_.begin, from);
      segment_end_ = __shfl_sync(kAllLanes, here_.end, from);
      value_ = __shfl_sync(kAllLanes, here_.value, from);
    }
    piece.value = value_;
    const std::uint32_t mine = at_ + static_cast<std::uint32_t>(lane_);
    if (mine < segment_end_) piece.entry = a_.segments.entry[mine];
    at_ += kWarpLanes;
    return true;
  }

 private:
  // What a lane knows of one of 32 columns.
  struct Bounds {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    float value = 0;
  };

  __device__ __forceinline__ void read_columns() {
    column_ = kNone;
    if (next_ < end_) {
      column_ = a_.rows.column[next_];
      column_value_ = a_.rows.value[next_];
    }
    next_ += kWarpLanes;
  }
  __device__ __forceinline__ void read_bounds() {
    ahead_ = {};
    if (column_ != kNone) ahead_ = {first_[column_], first_[column_ + 1], column_value_};
  }
  __device__ __forceinline__ void next_batch() {
    here_ = ahead_;
    read_bounds();
    read_columns();
    left_ = __ballot_sync(kAllLanes, here_.begin < here_.end);
    --batches_;
  }

  const SimilarityArguments& a_;
  const std::uint32_t* first_;
  std::int64_t next_;  // of the row's entries, the one that this lane reads next
  std::int64_t end_;
  int lane_;
  int batches_;           // of 32 columns, that are left
  Index column_ = kNone;  // two batches ahead
  float column_value_ = 0;
  Bounds ahead_;  // one batch ahead
  Bounds here_;
  unsigned left_ = 0;     // columns of the present batch
  std::uint32_t at_ = 0;  // of the present column's segment
  std::uint32_t segment_end_ = 0;
  float value_ = 0;
};

// Block range * count + i: what comes first is long, and is of the same range.
template <template <int> class SumsOf>
__global__ void __launch_bounds__(kWarpLanes)
    similarities(const __grid_constant__ SimilarityArguments a) {
  using Sums = SumsOf<1>;
  constexpr int kPiecesAhead = 4;
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t place = std::int64_t{blockIdx.x} % a.count;
  const auto range = static_cast<Index>(std::int64_t{blockIdx.x} / a.count);
  const Index row = a.row[place];
  const Index slots = a.segments.ranges.slots;
  RangeSums<Sums> all(shared_memory, slots);
  PieceWalk walk(a, row, range, lane);
  for (Index slot = lane; slot < slots; slot += kWarpLanes) {
    all.write(static_cast<unsigned>(slot), Sums{});
  }
  Piece piece[kPiecesAhead];
#pragma unroll
  for (int p = 0; p < kPiecesAhead; ++p) walk.next(piece[p]);
  __syncwarp();
  for (bool more = true; more;) {
    more = false;
#pragma unroll
    for (int p = 0; p < kPiecesAhead; ++p) {
      if (piece[p].entry.slot != Piece::kNoSlot) {
        const double value = piece[p].value;
        const double held = 1;
        Sums sums = all.read(piece[p].entry.slot);
        sums.add(&value, &held, static_cast<double>(piece[p].entry.value));
        all.write(piece[p].entry.slot, sums);
      }
      // The next piece may be of the same rows, in other lanes.
      __syncwarp();
      more |= walk.next(piece[p]);
    }
  }
  double* const similarity = a.similarity + place * a.rows.rows;
  const double own = a.squares[row];
  for (Index slot = lane; slot < slots; slot += kWarpLanes) {
    const std::int64_t other = a.segments.ranges.row(range, slot);
    if (other >= a.rows.rows) break;
    similarity[other] =
        all.read(static_cast<unsigned>(slot)).similarity(0, own, a.squares[other], a.params);
  }
}

}  // namespace tusk
