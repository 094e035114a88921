// The plain types that every layer of Tusk shares.
#pragma once

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace tusk {

// A dense user or item number: 0 .. count - 1, or kNone where there is none.
using Index = std::int32_t;
inline constexpr Index kNone = -1;

// A sparse matrix in compressed sparse rows, as borrowed memory. Rows are users and columns are
// items unless said otherwise. Columns ascend within a row and do not repeat.
struct CsrView {
  std::span<const std::int64_t> offset;  // rows() + 1 entries, from 0 to size()
  std::span<const Index> column;         // size() entries in 0 .. columns - 1
  std::span<const float> value;          // size() entries, or empty where only the pattern counts
  Index columns = 0;

  Index rows() const { return offset.empty() ? 0 : static_cast<Index>(offset.size() - 1); }
  std::int64_t size() const { return static_cast<std::int64_t>(column.size()); }
  std::span<const Index> row(Index r) const {
    const auto begin = static_cast<std::size_t>(offset[static_cast<std::size_t>(r)]);
    const auto end = static_cast<std::size_t>(offset[static_cast<std::size_t>(r) + 1]);
    return column.subspan(begin, end - begin);
  }
  // Rows first .. first + count - 1. Their offsets stay those into all of the columns, and so does
  // size().
  CsrView some_rows(Index first, Index count) const {
    return {offset.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count) + 1),
            column, value, columns};
  }
  // Calls visit(row, place) for every entry, in order; its column is column[place].
  template <class Visit>
  void each(const Visit& visit) const {
    for (Index r = 0; r < rows(); ++r) {
      const auto end = static_cast<std::size_t>(offset[static_cast<std::size_t>(r) + 1]);
      for (auto place = static_cast<std::size_t>(offset[static_cast<std::size_t>(r)]); place < end;
           ++place) {
        visit(r, place);
      }
    }
  }
};

// The same with memory of its own.
struct SparseMatrixOf {
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> column;
  std::vector<float> value;  // or empty
  Index columns = 0;

  CsrView view() const { return {offset, column, value, columns}; }
};

// The lowest and the highest rating that can be given. Predictions are clipped to it.
struct RatingScale {
  float low = 0;
  float high = 0;

  float clip(float rating) const { return std::clamp(rating, low, high); }
  bool contains(float rating) const { return low <= rating && rating <= high; }
  bool operator==(const RatingScale&) const = default;
};

// Sums over the errors of predictions.
struct ErrorSums {
  std::int64_t count = 0;
  double squared = 0;
  double absolute = 0;

  void add(double error) { *this += {1, error * error, std::abs(error)}; }
  ErrorSums& operator+=(const ErrorSums& other) {
    count += other.count;
    squared += other.squared;
    absolute += other.absolute;
    return *this;
  }

  // NaN if count is 0.
  double mse() const { return squared / static_cast<double>(count); }
  double rmse() const { return std::sqrt(mse()); }
  double mae() const { return absolute / static_cast<double>(count); }
};

// A trained model: rows of `factors` floats, one after another.
struct MfState {
  Index users = 0;
  Index items = 0;
  int factors = 0;  // 0: the model is its mean and biases
  bool biased = true;
  float mean = 0;
  std::vector<float> user_factors;  // [users, factors]
  std::vector<float> item_factors;  // [items, factors]
  std::vector<float> user_bias;     // [users], empty unless biased
  std::vector<float> item_bias;     // [items], empty unless biased
};

// For each of `rows` queries, k results in falling order of score; which of equal scores comes
// first is said where a session is opened. A row with fewer than k candidates is padded with index
// -1 and score -infinity. A row does not depend on the others that it is asked for with. Which of
// two candidates comes first whose scores differ by rounding alone may depend on the device.
struct TopK {
  Index rows = 0;
  int k = 0;
  std::vector<Index> index;  // [rows, k]
  std::vector<float> score;  // [rows, k]
};

// Users of a model whose scores are dot products, as its state has them. Borrowed.
struct UserVectors {
  Index users = 0;
  std::span<const float> factors;  // [users, factors]
  std::span<const float> bias;     // [users], empty unless the model has biases
};

// A part of the ratings is those whose label is in a set. Functions that work on any part take one
// label per rating and the set; Partition (partition.hpp) keeps both and says what parts are for.
using Label = std::uint8_t;
using LabelSet = std::bitset<256>;
inline LabelSet only(std::size_t label) { return LabelSet().set(label); }

}  // namespace tusk
