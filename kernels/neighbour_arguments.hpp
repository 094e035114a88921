// What kernels that find neighbours are called with.
#pragma once

#include <cstdint>

#include "backend/backend.hpp"
#include "cuda/row_entry.hpp"
#include "cuda/row_ranges.hpp"
#include "device_rows.hpp"

namespace tusk {

// The entries of the rows, by range of rows and then by column. Those of a range and a column, a
// segment, are in any order, for they add to the sums of different rows.
struct Segments {
  RowRanges ranges;
  // By range * columns + column, the first entry of each segment; one more at the end.
  std::uint32_t* first = nullptr;
  RowEntry* entry = nullptr;
};

struct SimilarityArguments {
  DeviceRows rows;
  Segments segments;
  const double* squares = nullptr;  // by row, of its values
  SimilarityParams params;
  const Index* row = nullptr;    // what is compared with all rows
  std::int64_t count = 0;        // of those
  double* similarity = nullptr;  // [count, rows]
};

// Lists of neighbours are chosen from rows of similarities.
struct NearestArguments {
  const double* similarity = nullptr;  // [.., rows]
  Index rows = 0;
  std::int64_t lists = 0;
  const Index* of = nullptr;  // by list, the row whose neighbours it has
  // By list, its row of `similarity` and the column that its neighbours must hold; null if lists
  // have the rows of similarities in their order and any neighbours.
  const Index* place = nullptr;
  const Index* column = nullptr;
  DeviceRows holders;  // the columns' rows and their deviations, if there is `column`
  int k = 0;
  std::int64_t capacity = 0;  // of a list
  // Candidates of list l are at l * capacity and behind, in rising order of row. Without `column` a
  // candidate is a row, else the place of one among the holders of the column.
  double* found = nullptr;
  Index* candidate = nullptr;
  std::int64_t* begin = nullptr;  // by list, where its candidates lie
  std::int64_t* end = nullptr;
};

}  // namespace tusk
