#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "backend/als_session.hpp"
#include "backend/gram_inverse.hpp"
#include "backend/self_test.hpp"
#include "model/transposed.hpp"

namespace tusk {
namespace {

std::string check_als(Backend& backend, const CsrView& weights, int factors, AlsMethod method) {
  constexpr double kLossTolerance = 1e-4;
  AlsParams params;
  params.factors = factors;
  params.unobserved_weight = 0.3f;
  params.regularization = 0.02f;
  params.frequency_exponent = 0.7f;
  params.init_std = 0.1f;
  params.method = method;
  params.cg_steps = 3;
  params.seed = 1;
  const AlsProblem problem{weights, params};
  const auto session = backend.open_als(problem);
  double before = std::numeric_limits<double>::infinity();
  for (int epoch = 0; epoch < 2; ++epoch) {
    const double loss = session->run_epoch();
    const double exact = als_loss(session->state(), weights, params);
    if (!(loss < before) || !(std::abs(loss - exact) < kLossTolerance * exact)) {
      return fmt::format("the loss of iALS with {} factors is {:.6f}, not {:.6f}", factors, loss,
                         exact);
    }
    before = loss;
  }
  return {};
}

template <class T>
std::string check_gram(Backend& backend, const CsrView& rows) {
  constexpr double kInverseTolerance = 1e-3;
  const Transposed transposed(rows);
  const auto size = static_cast<std::size_t>(rows.rows());
  const std::vector<double> diagonal(size, 100);
  std::vector<T> inverse(size * size);
  if (!backend.invert_gram({rows, transposed.view(), {}, diagonal}, std::span(inverse))) {
    return "a Gram matrix is said to have no inverse";
  }
  // The matrix, row by row, times the inverse.
  for (std::size_t row = 0; row < size; ++row) {
    std::vector<double> of_row(size, 0);
    of_row[row] = diagonal[row];
    for (auto at = rows.offset[row]; at < rows.offset[row + 1]; ++at) {
      const auto column = static_cast<std::size_t>(rows.column[static_cast<std::size_t>(at)]);
      for (auto other = transposed.offset[column]; other < transposed.offset[column + 1]; ++other) {
        const auto place = static_cast<std::size_t>(other);
        of_row[static_cast<std::size_t>(transposed.column[place])] +=
            static_cast<double>(rows.value[static_cast<std::size_t>(at)]) *
            static_cast<double>(transposed.value[place]);
      }
    }
    for (std::size_t column = 0; column < size; ++column) {
      double product = 0;
      for (std::size_t k = 0; k < size; ++k) {
        product += of_row[k] * static_cast<double>(inverse[k * size + column]);
      }
      if (!(std::abs(product - (row == column ? 1 : 0)) < kInverseTolerance)) {
        return fmt::format("the inverse of a Gram matrix is off by {:.2g}",
                           std::abs(product - (row == column ? 1 : 0)));
      }
    }
  }
  return {};
}

}  // namespace

std::string self_test_of_dense(Backend& backend, const CsrView& ratings) {
  for (const AlsMethod method : {AlsMethod::conjugate_gradient, AlsMethod::cholesky}) {
    for (const int factors : {1, 40, 256}) {
      std::string wrong = check_als(backend, ratings, factors, method);
      if (!wrong.empty()) return wrong;
    }
  }
  std::string wrong = check_gram<float>(backend, ratings);
  return wrong.empty() ? check_gram<double>(backend, ratings) : wrong;
}

}  // namespace tusk
