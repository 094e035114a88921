// Starts the choice of lists of neighbours on a stream. Neither allocates nor waits.
#pragma once

#include <cstddef>

#include <cuda_runtime_api.h>

#include "neighbour_arguments.hpp"

namespace tusk {

inline constexpr int kNearestBinBits = 11;
inline constexpr int kNearestBins = 1 << kNearestBinBits;
inline constexpr std::size_t kNearestSharedBytes = kNearestBins * sizeof(unsigned);

// Gathers every list's candidates: all if they are at most `capacity`, else the k nearest and
// perhaps some more.
void launch_choice(const NearestArguments& arguments, cudaStream_t stream);

// Bytes of `scratch` that sorting takes.
std::size_t sort_scratch_bytes(std::int64_t lists, std::int64_t capacity);

// Sorts every list's candidates, the nearest first, ties by smaller row. `other_found` and
// `other_candidate` are as large as the lists; afterwards `arguments` has whichever of both has the
// result.
void launch_sort(NearestArguments& arguments, double* other_found, Index* other_candidate,
                 void* scratch, std::size_t scratch_bytes, cudaStream_t stream);

// index[list * k + n], score[list * k + n]: sorted lists without `column`, padded as in TopK.
void launch_lists(const NearestArguments& arguments, Index* index, float* score,
                  cudaStream_t stream);

// The sums of each sorted list with a `column`.
void launch_sums(const NearestArguments& arguments, NeighbourSums* sums, cudaStream_t stream);

}  // namespace tusk
