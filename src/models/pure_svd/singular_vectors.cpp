#include "models/pure_svd/singular_vectors.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "model/initial_factors.hpp"
#include "model/transposed.hpp"
#include "support/host_memory.hpp"

namespace tusk {
namespace {

constexpr int kOversampling = 10;

using SvdRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

SvdRows times(Backend& backend, const CsrView& matrix, const SvdRows& right) {
  SvdRows product = SvdRows::Zero(matrix.rows(), right.cols());
  backend.parallel_for(matrix.rows(), [&](std::int64_t r) {
    const auto row = matrix.row(static_cast<Index>(r));
    const auto first = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(r)]);
    for (std::size_t k = 0; k < row.size(); ++k) {
      product.row(r) += static_cast<double>(matrix.value[first + k]) * right.row(row[k]);
    }
  });
  return product;
}

SvdRows orthonormal(Backend& backend, const SvdRows& columns) {
  backend.check_stop();
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(columns);
  return decomposition.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

}  // namespace

std::vector<float> leading_right_vectors(Backend& backend, const CsrView& matrix, int count,
                                         int iterations, std::uint64_t seed) {
  const Transposed columns(matrix);
  const CsrView transposed = columns.view();
  const Index width = std::min({count + kOversampling, matrix.columns, matrix.rows()});
  SvdRows basis(matrix.columns, width);
  for (Index row = 0; row < matrix.columns; ++row) {
    for (Index column = 0; column < width; column += 2) {
      float pair[2];
      initial_factor_pair(seed, RandomUse::initial_item_factors, static_cast<std::uint64_t>(row),
                          static_cast<std::uint64_t>(column / 2), 1, pair);
      basis(row, column) = static_cast<double>(pair[0]);
      if (column + 1 < width) basis(row, column + 1) = static_cast<double>(pair[1]);
    }
  }
  // Once to leave the random vectors behind, and once for each iteration.
  for (int iteration = 0; iteration <= iterations; ++iteration) {
    basis = orthonormal(backend, times(backend, transposed, times(backend, matrix, basis)));
  }
  // The best vectors within what the basis spans.
  const SvdRows image = times(backend, matrix, basis);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(image.transpose() * image);
  std::vector<float> vectors(static_cast<std::size_t>(matrix.columns) *
                             static_cast<std::size_t>(count));
  const double least = 1e-12 * solver.eigenvalues()(width - 1);
  for (int v = 0; v < std::min(count, width); ++v) {
    const Index from = width - 1 - v;  // they ascend
    if (!(solver.eigenvalues()(from) > least)) break;
    const Eigen::VectorXd vector = basis * solver.eigenvectors().col(from);
    for (Index row = 0; row < matrix.columns; ++row) {
      vectors[static_cast<std::size_t>(row) * static_cast<std::size_t>(count) +
              static_cast<std::size_t>(v)] = static_cast<float>(vector(row));
    }
  }
  return vectors;
}

MfMemory singular_vector_memory(const CsrView& matrix, int count) {
  constexpr std::uint64_t kBases = 4;  // one, its product, its decomposition, the next
  const auto rows = static_cast<std::uint64_t>(matrix.rows());
  const auto columns = static_cast<std::uint64_t>(matrix.columns);
  const auto width = static_cast<std::uint64_t>(count);
  MfMemory memory;
  memory.parameters = (rows + columns) * width * sizeof(float);
  memory.ratings = 2 * static_cast<std::uint64_t>(matrix.size()) * (sizeof(Index) + sizeof(float));
  memory.working = (rows + kBases * columns) * (width + kOversampling) * sizeof(double);
  memory.available = available_host_memory();
  return memory;
}

std::vector<float> rows_times(Backend& backend, const CsrView& matrix,
                              const std::vector<float>& vectors, int count) {
  const auto width = static_cast<std::size_t>(count);
  std::vector<float> product(static_cast<std::size_t>(matrix.rows()) * width, 0);
  backend.parallel_for(matrix.rows(), [&](std::int64_t r) {
    const auto row = matrix.row(static_cast<Index>(r));
    const auto first = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(r)]);
    float* const sum = product.data() + static_cast<std::size_t>(r) * width;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const float* const vector = vectors.data() + static_cast<std::size_t>(row[k]) * width;
      for (std::size_t f = 0; f < width; ++f) sum[f] += matrix.value[first + k] * vector[f];
    }
  });
  return product;
}

}  // namespace tusk
