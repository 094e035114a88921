// What finding neighbours takes of a GPU: its multiprocessors' shared memory, in which sums are
// added up, and its own memory, in which ratings lie and the similarities of some rows at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "backend/backend.hpp"
#include "cuda/row_ranges.hpp"

namespace tusk {

struct SharedMemory {
  std::size_t per_multiprocessor = 0;  // bytes
  std::size_t reserved_per_block = 0;  // of those, which nobody may use
};

struct NeighbourPlan {
  RowRanges ranges;
  std::uint64_t resident_bytes = 0;  // as long as the session lives
  std::uint64_t batch_bytes = 0;     // for what is computed at a time
};

// Rows that are compared, and lists of neighbours that are chosen, at a time.
struct NeighbourBatch {
  std::int64_t rows = 0;
  std::int64_t lists = 0;
};

// A list of the k nearest is chosen from a few more. No list has more than `rows`.
std::int64_t list_capacity(int k, Index rows);

// Bytes of a list that it takes from its candidates to its result.
std::uint64_t list_bytes(int k, Index rows);

// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few for one row. `gpu` is its name.
NeighbourPlan plan_neighbours(const NeighbourProblem& problem, const SharedMemory& shared,
                              std::uint64_t free, std::string_view gpu);

// At least one of each. With `own_lists` every row has one list, else lists are many.
NeighbourBatch plan_batch(const NeighbourPlan& plan, int k, Index rows, bool own_lists);

}  // namespace tusk
