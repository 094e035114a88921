#include "model/row_products.hpp"

#include <numeric>

namespace tusk {

std::vector<double> products_with_row(const CsrView& matrix, Index row) {
  std::vector<Index> all(static_cast<std::size_t>(matrix.rows()));
  std::iota(all.begin(), all.end(), 0);
  return products_with_row(matrix, row, all);
}

std::vector<double> products_with_row(const CsrView& matrix, Index row,
                                      std::span<const Index> others) {
  const auto offset = [&](Index of) {
    return static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(of)]);
  };
  std::vector<double> dense(static_cast<std::size_t>(matrix.columns), 0);
  for (std::size_t at = offset(row); at < offset(row + 1); ++at) {
    dense[static_cast<std::size_t>(matrix.column[at])] = static_cast<double>(matrix.value[at]);
  }
  std::vector<double> products;
  products.reserve(others.size());
  for (const Index other : others) {
    double product = 0;
    for (std::size_t at = offset(other); at < offset(other + 1); ++at) {
      product += static_cast<double>(matrix.value[at]) *
                 dense[static_cast<std::size_t>(matrix.column[at])];
    }
    products.push_back(product);
  }
  return products;
}

}  // namespace tusk
