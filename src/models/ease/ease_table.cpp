#include "models/ease/ease_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <utility>

#include "algebra/sparse_row.hpp"

namespace tusk {
namespace {

// Of each item j the coefficients that are furthest from 0, by column_of(j, column), which fills
// B_ij of all i; of equal ones those of smaller index.
template <class ColumnOf>
SparseMatrixOf largest_of_columns(std::size_t items, int most, const ParallelFor& parallel_for,
                                  const ColumnOf& column_of) {
  const std::size_t width = std::min(static_cast<std::size_t>(most), items - 1);
  std::vector<Index> kept(items * width);
  std::vector<float> value(items * width);
  parallel_for(static_cast<std::int64_t>(items), [&](std::int64_t task) {
    const auto j = static_cast<std::size_t>(task);
    std::vector<float> column(items);
    column_of(j, column);
    std::vector<Index> order(items);
    std::iota(order.begin(), order.end(), 0);
    order.erase(order.begin() + task);  // B_jj
    const auto size = [&](Index i) { return std::abs(column[static_cast<std::size_t>(i)]); };
    std::nth_element(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(width), order.end(),
        [&](Index a, Index b) { return std::pair(-size(a), a) < std::pair(-size(b), b); });
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(width));
    for (std::size_t n = 0; n < width; ++n) {
      kept[j * width + n] = order[n];
      value[j * width + n] = column[static_cast<std::size_t>(order[n])];
    }
  });
  SparseMatrixOf largest;
  largest.columns = static_cast<Index>(items);
  for (std::size_t j = 1; j <= items; ++j) {
    largest.offset.push_back(static_cast<std::int64_t>(j * width));
  }
  largest.column = std::move(kept);
  largest.value = std::move(value);
  return largest;
}

// Rows of a table in the place of those of P, which may be the same memory.
template <class T>
void fill_table(std::span<const T> inverse, std::span<const T> precision, std::size_t items,
                const ParallelFor& parallel_for, std::span<float> table) {
  parallel_for(static_cast<std::int64_t>(items), [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    for (std::size_t j = 0; j < items; ++j) {
      table[i * items + j] = static_cast<float>(-inverse[i * items + j] / precision[j]);
    }
    table[i * items + i] = 0;
  });
}

}  // namespace

template <class T>
void EaseTableMaker<T>::from_items(std::vector<T> inverse, int most, EaseWeights& weights) const {
  const std::size_t items = weights.item.size();
  std::vector<T> precision;
  for (std::size_t j = 0; j < items; ++j) precision.push_back(inverse[j * items + j]);
  weights.precision.assign(precision.begin(), precision.end());
  if (most > 0) {
    weights.neighbours =
        largest_of_columns(items, most, parallel_for, [&](std::size_t j, std::span<float> column) {
          for (std::size_t i = 0; i < items; ++i) {
            column[i] = static_cast<float>(-inverse[j * items + i] / precision[j]);
          }
        });
  } else if constexpr (std::is_same_v<T, float>) {
    fill_table<T>(inverse, precision, items, parallel_for, inverse);
    weights.table = std::move(inverse);
  } else {
    weights.table.resize(items * items);
    fill_table<T>(inverse, precision, items, parallel_for, weights.table);
  }
}

template <class T>
bool EaseTableMaker<T>::from_users(std::span<const T> inverse, int most,
                                   EaseWeights& weights) const {
  const auto users = static_cast<std::size_t>(x.rows());
  const std::size_t items = weights.item.size();
  const auto inverse_at = [&](std::size_t u, std::size_t v) {
    return static_cast<double>(inverse[u * users + v]);
  };
  // d_j P_jj = 1 - x_j' K^-1 x_j / d_j, where x_j is the column of an item.
  std::vector<double> relative(items);
  parallel_for(static_cast<std::int64_t>(items), [&](std::int64_t task) {
    const auto j = static_cast<std::size_t>(task);
    const SparseRow raters(by_item, static_cast<Index>(task));
    double sum = 0;
    raters.each([&](std::size_t u, double of_u) {
      raters.each([&](std::size_t v, double of_v) { sum += of_u * inverse_at(u, v) * of_v; });
    });
    relative[j] = 1 - sum / diagonal[j];
  });
  for (std::size_t j = 0; j < items; ++j) {
    // The difference of two numbers near 1, one of which is rounded.
    constexpr double kLeast = std::is_same_v<T, float> ? 1e-3 : 1e-10;
    if (!(relative[j] >= kLeast)) return false;
    weights.precision.push_back(static_cast<float>(relative[j] / diagonal[j]));
  }
  if (most > 0) {
    weights.neighbours =
        largest_of_columns(items, most, parallel_for, [&](std::size_t j, std::span<float> column) {
          std::vector<double> of_users(users, 0);  // column j of W
          SparseRow(by_item, static_cast<Index>(j)).each([&](std::size_t v, double value) {
            for (std::size_t u = 0; u < users; ++u) {
              of_users[u] += value / relative[j] * inverse_at(v, u);
            }
          });
          std::vector<double> sums(items, 0);
          for (std::size_t u = 0; u < users; ++u) {
            SparseRow(x, static_cast<Index>(u)).each([&](std::size_t i, double value) {
              sums[i] += value * of_users[u];
            });
          }
          for (std::size_t i = 0; i < items; ++i) {
            column[i] = static_cast<float>(sums[i] / diagonal[i]);
          }
        });
    return true;
  }
  weights.diagonal.assign(diagonal.begin(), diagonal.end());
  weights.user_table.resize(users * items);
  parallel_for(static_cast<std::int64_t>(users), [&](std::int64_t task) {
    const auto u = static_cast<std::size_t>(task);
    std::vector<double> sums(items, 0);
    for (std::size_t v = 0; v < users; ++v) {
      SparseRow(x, static_cast<Index>(v)).each([&](std::size_t j, double value) {
        sums[j] += inverse_at(u, v) * value;
      });
    }
    float* const row = &weights.user_table[u * items];
    for (std::size_t j = 0; j < items; ++j) row[j] = static_cast<float>(sums[j] / relative[j]);
  });
  return true;
}

template struct EaseTableMaker<float>;
template struct EaseTableMaker<double>;

}  // namespace tusk
