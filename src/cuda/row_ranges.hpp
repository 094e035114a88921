// How the rows that a warp compares a row with are divided into ranges, one for a warp at a time.
#pragma once

#include <cstdint>

#include <tusk/types.hpp>

#include "cuda/row_layout.hpp"
#include "support/host_device.hpp"

namespace tusk {

// Blocks of 32 rows are dealt to the ranges in turn: often the first rows are the most popular, and
// then every range has its share of them. A row's place in its range is its slot.
struct RowRanges {
  Index ranges = 1;
  Index slots = kWarpLanes;  // of a range, a multiple of 32; the last may belong to no row

  TUSK_HD Index range(Index row) const { return row / kWarpLanes % ranges; }
  TUSK_HD Index slot(Index row) const {
    return row / kWarpLanes / ranges * kWarpLanes + row % kWarpLanes;
  }
  // Of a slot that belongs to no row it is beyond the last row.
  TUSK_HD std::int64_t row(Index range, Index slot) const {
    const std::int64_t block = std::int64_t{slot / kWarpLanes} * ranges + range;
    return block * kWarpLanes + slot % kWarpLanes;
  }
};

}  // namespace tusk
