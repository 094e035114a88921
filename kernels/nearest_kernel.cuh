// Device code: chooses the nearest of a list's candidates. A block of threads is one warp and has
// one list.
//
// Candidates are counted by the leading bits of their similarity, by more bits where that does not
// tell enough of them apart, until it is known from which similarity on they number at least k and
// not many more. Those are then gathered, to be sorted. Of a tie at the end of the list only as
// many as it takes are gathered, those of the smallest rows.
//
// Memory a candidate: 8 bytes in each pass, of which there are two as a rule, and with a column 4
// bytes more that lead there. Shared memory: kNearestSharedBytes.
#pragma once

#include <bit>
#include <limits>

#include "nearest_launch.hpp"
#include "neighbour_arguments.hpp"
#include "row_access.cuh"
#include "support/rounding.hpp"

namespace tusk {

extern __shared__ double shared_memory[];

// The bits of a similarity above 0 as a number, which has the order of similarities; 0 for others.
using SimilarityKey = std::uint64_t;

// The candidates of a list, in rising order of row.
template <bool Holders>
class Candidates {
 public:
  __device__ __forceinline__ Candidates(const NearestArguments& a, std::int64_t list)
      : own_(a.of[list]) {
    if constexpr (Holders) {
      const std::int64_t first = a.holders.offset[a.column[list]];
      similarity_ = a.similarity + std::int64_t{a.place[list]} * a.rows;
      row_ = a.holders.column + first;
      count_ = static_cast<Index>(a.holders.offset[a.column[list] + 1] - first);
    } else {
      similarity_ = a.similarity + list * a.rows;
      count_ = a.rows;
    }
  }

  __device__ __forceinline__ Index count() const { return count_; }

  __device__ __forceinline__ SimilarityKey key(Index at) const {
    if (at >= count_) return 0;
    Index row = at;
    if constexpr (Holders) row = row_[at];
    const double similarity = similarity_[row];
    return similarity > 0 && row != own_ ? std::bit_cast<SimilarityKey>(similarity) : 0;
  }

  // Calls visit(at, key) in each lane, 32 candidates at a time, for those 32 of which some lane's
  // is at least `least`.
  template <class Visit>
  __device__ __forceinline__ void each(SimilarityKey least, int lane, const Visit& visit) const {
    constexpr int kTogether = 8;
    for (Index first = 0; first < count_; first += kTogether * kWarpLanes) {
      SimilarityKey some[kTogether];
#pragma unroll
      for (int i = 0; i < kTogether; ++i) some[i] = key(first + i * kWarpLanes + lane);
#pragma unroll
      for (int i = 0; i < kTogether; ++i) {
        if (__ballot_sync(kAllLanes, some[i] >= least) == 0) continue;
        visit(first + i * kWarpLanes + lane, some[i]);
      }
      // Beyond the last row numbers may end.
      if (count_ - first <= kTogether * kWarpLanes) break;
    }
  }

 private:
  Index own_;
  const double* similarity_;
  const Index* row_ = nullptr;
  Index count_;
};

// Which keys a list takes: those above `least`, and at most so many of those equal to it.
struct Cut {
  SimilarityKey least = 1;
  std::uint32_t ties = 0xffffffffu;
};

// From the highest of the bins: the one in which the count reaches `wanted`, and how many are above
// it; bin -1 if there are not so many.
struct Reached {
  int bin = -1;
  std::uint32_t above = 0;
};

__device__ __forceinline__ Reached find_bin(const unsigned* bins, std::uint32_t wanted, int lane) {
  Reached reached;
  for (int top = kNearestBins - 1; top >= 0; top -= kWarpLanes) {
    const unsigned mine = bins[top - lane];
    if (__ballot_sync(kAllLanes, mine != 0) == 0) continue;
    unsigned sum = mine;  // of this lane's bin and those above it
    for (int offset = 1; offset < kWarpLanes; offset *= 2) {
      const unsigned other = __shfl_up_sync(kAllLanes, sum, offset);
      if (lane >= offset) sum += other;
    }
    const unsigned there = __ballot_sync(kAllLanes, reached.above + sum >= wanted);
    if (there != 0) {
      const int from = __ffs(static_cast<int>(there)) - 1;
      reached.bin = top - from;
      reached.above += __shfl_sync(kAllLanes, sum - mine, from);
      return reached;
    }
    reached.above += __shfl_sync(kAllLanes, sum, kWarpLanes - 1);
  }
  return reached;
}

template <bool Holders>
__device__ __forceinline__ Cut find_cut(const Candidates<Holders>& candidates, unsigned* bins,
                                        std::uint32_t k, std::int64_t capacity, int lane) {
  // First eight octaves below 2, each in 256 bins; what is below them, if it is needed, in half
  // octaves. Nearly always the first are enough.
  SimilarityKey base = std::bit_cast<SimilarityKey>(0x1p-7);
  SimilarityKey limit = ~SimilarityKey{0};
  int shift = 44;
  std::uint32_t wanted = k;
  Cut cut;
  if (candidates.count() <= capacity) return cut;
  while (true) {
    for (int bin = lane; bin < kNearestBins; bin += kWarpLanes) bins[bin] = 0;
    __syncwarp();
    candidates.each(base, lane, [&](Index, SimilarityKey key) {
      if (key == 0 || key < base || key >= limit) return;
      const SimilarityKey bin = (key - base) >> shift;
      atomicAdd(&bins[bin < kNearestBins ? bin : kNearestBins - 1], 1u);
    });
    __syncwarp();
    const Reached reached = find_bin(bins, wanted, lane);
    wanted -= reached.above;
    if (reached.bin < 0) {
      if (base == 0) return cut;  // there are fewer than k
      limit = base;
      base = 0;
    } else {
      const std::uint32_t inside = bins[reached.bin];
      base += static_cast<SimilarityKey>(reached.bin) << shift;
      if (reached.bin < kNearestBins - 1) limit = base + (SimilarityKey{1} << shift);
      cut.least = base == 0 ? 1 : base;
      if (k - wanted + std::int64_t{inside} <= capacity) return cut;
      if (shift == 0) {
        cut.ties = wanted;
        return cut;
      }
    }
    for (shift = 0; (limit - base - 1) >> shift >= kNearestBins;) ++shift;
    __syncwarp();
  }
}

template <bool Holders>
__global__ void __launch_bounds__(kWarpLanes)
    choose_nearest(const __grid_constant__ NearestArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t list = blockIdx.x;
  const Candidates<Holders> candidates(a, list);
  const Cut cut = find_cut(candidates, reinterpret_cast<unsigned*>(shared_memory),
                           static_cast<std::uint32_t>(a.k), a.capacity, lane);
  const std::int64_t begin = list * a.capacity;
  const unsigned before = (1u << lane) - 1;  // the lanes before this one
  std::int64_t count = 0;
  std::uint32_t ties = 0;
  candidates.each(cut.least, lane, [&](Index at, SimilarityKey key) {
    const unsigned tied = __ballot_sync(kAllLanes, key == cut.least);
    const auto tie = ties + static_cast<std::uint32_t>(__popc(tied & before));
    const bool taken = key > cut.least || (key == cut.least && tie < cut.ties);
    const unsigned all = __ballot_sync(kAllLanes, taken);
    if (taken) {
      const std::int64_t to = begin + count + __popc(all & before);
      a.found[to] = std::bit_cast<double>(key);
      a.candidate[to] = at;
    }
    ties += static_cast<std::uint32_t>(__popc(tied));
    count += __popc(all);
  });
  if (lane == 0) {
    a.begin[list] = begin;
    a.end[list] = begin + count;
  }
}

// A thread for each place in a result: what the sorted candidates have there, or nothing.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    write_lists(const __grid_constant__ NearestArguments a, Index* index, float* score) {
  const std::int64_t all = a.lists * a.k;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarpLanes;
  for (std::int64_t to = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x; to < all;
       to += step) {
    const std::int64_t list = to / a.k;
    const std::int64_t from = a.begin[list] + to % a.k;
    const bool there = from < a.end[list];
    index[to] = there ? a.candidate[from] : kNone;
    score[to] = there ? static_cast<float>(a.found[from]) : -std::numeric_limits<float>::infinity();
  }
}

// A thread for each list; nearest first, as on the CPU.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_up_lists(const __grid_constant__ NearestArguments a, NeighbourSums* result) {
  const std::int64_t list = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x;
  if (list >= a.lists) return;
  const std::int64_t begin = a.begin[list];
  const std::int64_t there = a.end[list] - begin;
  const int count = there < a.k ? static_cast<int>(there) : a.k;
  const float* const deviation = a.holders.value + a.holders.offset[a.column[list]];
  NeighbourSums sums;
  for (int n = 0; n < count; ++n) {
    sums.weight += a.found[begin + n];
    sums.deviation +=
        rounded_product(a.found[begin + n], static_cast<double>(deviation[a.candidate[begin + n]]));
    ++sums.count;
  }
  result[list] = sums;
}

}  // namespace tusk
