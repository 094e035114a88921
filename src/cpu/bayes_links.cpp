#include "cpu/bayes_links.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

#include "algebra/gram.hpp"
#include "backend/bayes_limits.hpp"
#include "backend/bayes_prior.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kRowsPerTask = 64;

SparseMatrixOf rows_known(const CsrView& features, const std::vector<bool>& known) {
  SparseMatrixOf rows;
  rows.columns = features.columns;
  for (Index row = 0; row < features.rows(); ++row) {
    if (known[static_cast<std::size_t>(row)]) {
      const auto first = static_cast<std::size_t>(features.offset[static_cast<std::size_t>(row)]);
      const auto columns = features.row(row);
      rows.column.insert(rows.column.end(), columns.begin(), columns.end());
      const auto values = features.value.subspan(first, columns.size());
      rows.value.insert(rows.value.end(), values.begin(), values.end());
    }
    rows.offset.push_back(std::ssize(rows.column));
  }
  return rows;
}

void add_row(const float* from, float factor, int floats, float* to) {
  for (int f = 0; f < floats; ++f) to[f] += factor * from[f];
}

}  // namespace

LinkFeatures::LinkFeatures(const CsrView& features, const std::vector<bool>& known,
                           const WorkLoop& loop, Index most_dense)
    : features_(features),
      known_(rows_known(features, known)),
      transposed_(known_.view()),
      dual_(features.rows() < features.columns) {
  const Index smaller = std::min(features.rows(), features.columns);
  if (smaller > most_dense) return;
  size_ = smaller;
  gram_.resize(static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_));
  const std::vector<double> ones;
  fill_gram<double>(
      dual_ ? known_.view() : transposed_.view(), dual_ ? transposed_.view() : known_.view(), ones,
      [&](std::int64_t count, const std::function<void(std::int64_t)>& task) {
        loop.parallel_for(count, [&](std::int64_t i, int) { task(i); });
      },
      std::span(gram_));
}

void LinkFeatures::decompose() {
  if (size_ == 0) return;
  // Of a symmetric matrix the lower triangle in rows is the upper one in columns.
  Eigen::MatrixXd gram = Eigen::Map<Eigen::MatrixXd>(gram_.data(), size_, size_).transpose();
  gram_ = {};
  const Eigen::Tridiagonalization<Eigen::MatrixXd> found(gram);
  gram = found.matrixQ();
  basis_.resize(static_cast<std::size_t>(gram.size()));
  Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      basis_.data(), size_, size_) = gram.cast<float>();
  const Eigen::VectorXd diagonal = found.diagonal();
  diagonal_.assign(diagonal.data(), diagonal.data() + size_);
  const Eigen::VectorXd beside = found.subDiagonal();
  beside_.assign(beside.data(), beside.data() + beside.size());
}

std::uint64_t LinkFeatures::bytes(const CsrView& features) {
  const auto smaller = static_cast<std::uint64_t>(std::min(features.rows(), features.columns));
  std::uint64_t bytes = 2 * static_cast<std::uint64_t>(features.size()) * 2 * sizeof(float);
  if (smaller <= static_cast<std::uint64_t>(kMostDense)) {
    bytes += smaller * smaller * (sizeof(float) + 2 * sizeof(double));
  }
  return bytes;
}

BayesLinks::BayesLinks(const LinkFeatures& features, int width, const WorkLoop& loop,
                       const CpuKernels& kernels)
    : features_(features),
      width_(width),
      loop_(loop),
      kernels_(kernels),
      links_(features.all().columns, width),
      means_(features.all().rows(), width),
      work_(features.size(), width) {}

std::uint64_t BayesLinks::bytes(const CsrView& features, int width) {
  const auto row = static_cast<std::uint64_t>(FactorRows(1, width).vectors()) * kLanes;
  const auto rows = static_cast<std::uint64_t>(features.rows());
  const auto columns = static_cast<std::uint64_t>(features.columns);
  const bool iterates = std::min(features.rows(), features.columns) > LinkFeatures::kMostDense;
  return (rows * (iterates ? 2 : 1) + columns * (iterates ? 6 : 2)) * row * sizeof(float);
}

template <class Task>
void BayesLinks::each_column(const Task& task) const {
  loop_.parallel_chunks(columns(), kRowsPerTask,
                        [&](std::int64_t r, int) { task(static_cast<Index>(r)); });
}

void BayesLinks::multiply(const CsrView& matrix, const FactorRows& from, FactorRows& to, float sign,
                          bool add) const {
  const int floats = from.vectors() * kLanes;
  loop_.parallel_chunks(matrix.rows(), kRowsPerTask, [&](std::int64_t r, int) {
    const auto row = static_cast<Index>(r);
    float* const out = to.row(row);
    if (!add) std::fill_n(out, floats, 0.0f);
    const auto columns = matrix.row(row);
    const auto first = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(r)]);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      add_row(from.row(columns[k]), sign * matrix.value[first + k], floats, out);
    }
  });
}

void BayesLinks::multiply_basis(bool transposed, const FactorRows& from, FactorRows& to) const {
  const Index size = features_.size();
  loop_.parallel_for(chunk_count(size, kRowsPerTask), [&](std::int64_t chunk, int) {
    const std::int64_t first = chunk * kRowsPerTask;
    DenseProduct product;
    product.rows = static_cast<int>(std::min<std::int64_t>(kRowsPerTask, size - first));
    product.columns = width_;
    product.depth = size;
    product.a_row = transposed ? 1 : size;
    product.a_depth = transposed ? size : 1;
    product.a = features_.basis() + first * product.a_row;
    product.b = from.data();
    product.ldb = from.vectors() * kLanes;
    product.c = to.row(static_cast<Index>(first));
    product.ldc = to.vectors() * kLanes;
    kernels_.network.multiply(product);
  });
}

void BayesLinks::solve_dense(double precision, FactorRows& rows) {
  const Index size = features_.size();
  multiply_basis(true, rows, work_);
  const auto [inverse, below] = factor_tridiagonal(features_.tridiagonal(), precision);
  const int floats = rows.vectors() * kLanes;
  for (Index k = 1; k < size; ++k) {
    add_row(work_.row(k - 1), static_cast<float>(-below[static_cast<std::size_t>(k)]), floats,
            work_.row(k));
  }
  for (Index k = size - 1; k >= 0; --k) {
    float* const row = work_.row(k);
    const auto by = static_cast<float>(inverse[static_cast<std::size_t>(k)]);
    for (int f = 0; f < floats; ++f) row[f] *= by;
    if (k + 1 < size) {
      add_row(work_.row(k + 1), static_cast<float>(-below[static_cast<std::size_t>(k) + 1]), floats,
              row);
    }
  }
  multiply_basis(false, work_, rows);
}

double BayesLinks::draw_precision(double precision, const FactorRows& target,
                                  const Eigen::MatrixXd& root, RandomSequence& random) {
  if (features_.is_dual()) {
    multiply_basis(true, target, work_);
  } else {
    multiply(features_.transposed(), target, links_, 1, false);
    multiply_basis(true, links_, work_);
  }
  const auto width = static_cast<std::size_t>(width_);
  std::vector<double> rotated(static_cast<std::size_t>(features_.size()) * width, 0);
  loop_.parallel_chunks(features_.size(), kRowsPerTask, [&](std::int64_t k, int) {
    const float* const row = work_.row(static_cast<Index>(k));
    double* const out = rotated.data() + static_cast<std::size_t>(k) * width;
    for (int f = 0; f < width_; ++f) {
      for (int g = f; g < width_; ++g) out[f] += static_cast<double>(row[g]) * root(g, f);
    }
  });
  return draw_link_precision(random, precision, features_.tridiagonal(), features_.is_dual(),
                             rotated, width_);
}

void BayesLinks::draw(double precision, FactorRows& target,
                      const std::function<void(Index, float*)>& noise) {
  const int floats = links_.vectors() * kLanes;
  const double root = std::sqrt(precision);
  const auto scaled_noise = [&](FactorRows& to, float scale) {
    each_column([&](Index r) {
      noise(r, to.row(r));
      for (int f = 0; f < floats; ++f) to.row(r)[f] *= scale;
    });
  };
  const Index size = features_.size();
  if (size > 0 && features_.is_dual()) {
    // B = B0 + X'(XX' + b I)^-1 (W - X B0) with B0 = E2 / sqrt(b), which is the same.
    scaled_noise(links_, static_cast<float>(1 / root));
    multiply(features_.known(), links_, target, -1, true);
    solve_dense(precision, target);
    multiply(features_.transposed(), target, links_, 1, true);
  } else if (size > 0) {
    scaled_noise(links_, static_cast<float>(root));
    multiply(features_.transposed(), target, links_, 1, true);
    solve_dense(precision, links_);
  } else {
    FactorRows right(columns(), width_);
    scaled_noise(right, static_cast<float>(root));
    multiply(features_.transposed(), target, right, 1, true);
    solve_iteratively(precision, right);
  }
  multiply(features_.all(), links_, means_, 1, false);
}

std::vector<double> BayesLinks::column_products(const FactorRows& a, const FactorRows& b) const {
  constexpr std::int64_t kChunk = 1024;
  const Index rows = columns();
  const auto width = static_cast<std::size_t>(width_);
  const std::int64_t chunks = chunk_count(rows, kChunk);
  std::vector<double> part(static_cast<std::size_t>(chunks) * width, 0);
  loop_.parallel_chunks(rows, kChunk, [&](std::int64_t r, int) {
    double* const sum = part.data() + static_cast<std::size_t>(r / kChunk) * width;
    const float* const left = a.row(static_cast<Index>(r));
    const float* const right = b.row(static_cast<Index>(r));
    for (std::size_t f = 0; f < width; ++f) {
      sum[f] += static_cast<double>(left[f]) * static_cast<double>(right[f]);
    }
  });
  std::vector<double> sums(width, 0);
  for (std::size_t at = 0; at < part.size(); ++at) sums[at % width] += part[at];
  return sums;
}

void BayesLinks::solve_iteratively(double precision, const FactorRows& right) {
  const int floats = links_.vectors() * kLanes;
  FactorRows inner(features_.all().rows(), width_);
  FactorRows residual(columns(), width_);
  FactorRows scaled(columns(), width_);
  FactorRows direction(columns(), width_);
  FactorRows product(columns(), width_);
  const auto apply = [&](const FactorRows& from) {
    multiply(features_.known(), from, inner, 1, false);
    multiply(features_.transposed(), inner, product, 1, false);
    each_column([&](Index r) {
      add_row(from.row(r), static_cast<float>(precision), floats, product.row(r));
    });
  };
  std::vector<float> inverse(static_cast<std::size_t>(columns()));  // of the diagonal
  each_column([&](Index r) {
    double sum = precision;
    const CsrView all = features_.transposed();
    const auto begin = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(r)]);
    for (std::size_t k = begin; k < begin + all.row(r).size(); ++k) {
      sum += static_cast<double>(all.value[k]) * static_cast<double>(all.value[k]);
    }
    inverse[static_cast<std::size_t>(r)] = static_cast<float>(1 / sum);
  });
  const auto precondition = [&] {
    each_column([&](Index r) {
      const float by = inverse[static_cast<std::size_t>(r)];
      for (int f = 0; f < floats; ++f) scaled.row(r)[f] = by * residual.row(r)[f];
    });
  };
  apply(links_);
  each_column([&](Index r) {
    for (int f = 0; f < floats; ++f) residual.row(r)[f] = right.row(r)[f] - product.row(r)[f];
  });
  precondition();
  each_column([&](Index r) { std::copy_n(scaled.row(r), floats, direction.row(r)); });
  const std::vector<double> whole = column_products(right, right);
  std::vector<double> square = column_products(residual, scaled);
  for (int step = 0; step < kMostLinkSteps; ++step) {
    const std::vector<double> left = column_products(residual, residual);
    bool done = true;
    for (std::size_t f = 0; f < left.size(); ++f) {
      done = done && left[f] <= kLinkTolerance * kLinkTolerance * whole[f];
    }
    if (done) return;
    apply(direction);
    const std::vector<double> curvature = column_products(direction, product);
    std::vector<float> length(static_cast<std::size_t>(floats), 0);
    for (std::size_t f = 0; f < curvature.size(); ++f) {
      length[f] = curvature[f] > 0 ? static_cast<float>(square[f] / curvature[f]) : 0;
    }
    each_column([&](Index r) {
      for (int f = 0; f < floats; ++f) {
        const float by = length[static_cast<std::size_t>(f)];
        links_.row(r)[f] += by * direction.row(r)[f];
        residual.row(r)[f] -= by * product.row(r)[f];
      }
    });
    precondition();
    const std::vector<double> next = column_products(residual, scaled);
    std::vector<float> keep(static_cast<std::size_t>(floats), 0);
    for (std::size_t f = 0; f < next.size(); ++f) {
      keep[f] = square[f] > 0 ? static_cast<float>(next[f] / square[f]) : 0;
    }
    each_column([&](Index r) {
      for (int f = 0; f < floats; ++f) {
        direction.row(r)[f] =
            scaled.row(r)[f] + keep[static_cast<std::size_t>(f)] * direction.row(r)[f];
      }
    });
    square = next;
  }
}

}  // namespace tusk
