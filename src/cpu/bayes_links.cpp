#include "cpu/bayes_links.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "backend/bayes_limits.hpp"
#include "backend/link_draws.hpp"
#include "cpu/row_scatter.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kLinkRowsPerTask = 64;

void add_row(const float* from, float factor, int floats, float* to) {
  for (int f = 0; f < floats; ++f) to[f] += factor * from[f];
}

// Numbers of rows one after the other.
std::vector<double> packed(const FactorRows& rows, Index count) {
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(count) * static_cast<std::size_t>(rows.factors()));
  for (Index r = 0; r < count; ++r) {
    all.insert(all.end(), rows.row(r), rows.row(r) + rows.factors());
  }
  return all;
}

FactorRows unpacked(std::span<const double> all, int width) {
  const auto numbers = static_cast<std::size_t>(width);
  FactorRows rows(static_cast<Index>(all.size() / numbers), width);
  for (std::size_t at = 0; at < all.size(); ++at) {
    rows.row(static_cast<Index>(at / numbers))[at % numbers] = static_cast<float>(all[at]);
  }
  return rows;
}

}  // namespace

BayesLinks::BayesLinks(const LinkFeatures& features, int width, const CpuKernels& kernels)
    : features_(features),
      width_(width),
      kernels_(kernels),
      links_(is_implicit() ? 0 : columns(), width),
      scatter_(Eigen::MatrixXd::Zero(width, width)) {}

std::uint64_t BayesLinks::bytes(const CsrView& features, int width) {
  const auto row = static_cast<std::uint64_t>(FactorRows(1, width).vectors()) * kLanes;
  const auto rows = static_cast<std::uint64_t>(features.rows());
  const auto columns = static_cast<std::uint64_t>(features.columns);
  const bool iterates = std::min(features.rows(), features.columns) > LinkFeatures::kMostDense;
  return (rows * (iterates ? 2 : 1) + columns * (iterates ? 6 : 2)) * row * sizeof(float);
}

template <class Task>
void BayesLinks::each_column(const WorkLoop& loop, const Task& task) const {
  loop.parallel_chunks(columns(), kLinkRowsPerTask,
                       [&](std::int64_t r, int) { task(static_cast<Index>(r)); });
}

void BayesLinks::multiply(const WorkLoop& loop, const CsrView& matrix, const FactorRows& from,
                          FactorRows& to, float sign, bool add) const {
  loop.parallel_chunks(matrix.rows(), kLinkRowsPerTask, [&](std::int64_t r, int) {
    const auto row = static_cast<Index>(r);
    const auto columns = matrix.row(row);
    const float* const value = matrix.value.data() + matrix.offset[static_cast<std::size_t>(r)];
    for (int first = 0; first < from.vectors() * kLanes; first += kLanes) {
      float sum[kLanes] = {};  // in registers
      for (std::size_t k = 0; k < columns.size(); ++k) {
        const float* const other = from.row(columns[k]) + first;
        for (int l = 0; l < kLanes; ++l) sum[l] += value[k] * other[l];
      }
      float* const out = to.row(row) + first;
      for (int l = 0; l < kLanes; ++l) out[l] = (add ? out[l] : 0) + sign * sum[l];
    }
  });
}

FactorRows BayesLinks::multiply_basis(const WorkLoop& loop, bool transposed,
                                      const FactorRows& from) const {
  const Index size = features_.size();
  FactorRows to(size, width_);
  loop.parallel_for(chunk_count(size, kLinkRowsPerTask), [&](std::int64_t chunk, int) {
    const std::int64_t first = chunk * kLinkRowsPerTask;
    DenseProduct product;
    product.rows = static_cast<int>(std::min<std::int64_t>(kLinkRowsPerTask, size - first));
    product.columns = from.vectors() * kLanes;
    product.depth = size;
    product.a_row = size;
    product.a_depth = 1;
    product.a = (transposed ? features_.transposed_basis() : features_.basis()) + first * size;
    product.b = from.data();
    product.ldb = product.columns;
    product.c = to.row(static_cast<Index>(first));
    product.ldc = product.columns;
    kernels_.network.multiply(product);
  });
  return to;
}

std::vector<double> BayesLinks::rows_of(const WorkLoop& loop, const Noise& noise, RandomUse use,
                                        Index first, Index count) const {
  const auto width = static_cast<std::size_t>(width_);
  std::vector<double> rows(static_cast<std::size_t>(count) * width);
  loop.parallel_chunks(count, kLinkRowsPerTask, [&](std::int64_t r, int) {
    noise(use, first + static_cast<Index>(r), rows.data() + static_cast<std::size_t>(r) * width);
  });
  return rows;
}

double BayesLinks::draw(const WorkLoop& loop, double precision, FactorRows& vectors,
                        RandomSequence& random, const Noise& noise, FactorRows& means) {
  const Index size = features_.size();
  const bool dual = features_.is_dual();
  if (size == 0) {
    precision = draw_iteratively(loop, precision, vectors, random, noise);
    multiply(loop, features_.all(), links_, means, 1, false);
    return precision;
  }
  FactorRows images;  // X' (vectors less m)
  if (!dual) {
    images = FactorRows(columns(), width_);
    multiply(loop, features_.transposed(), vectors, images, 1, false);
  }
  const std::vector<double> targets =
      packed(multiply_basis(loop, true, dual ? vectors : images), size);
  const RotatedLinks rotated = {features_.tridiagonal(), dual, columns(), width_, targets};
  precision = draw_link_precision(random, precision, rotated);
  if (dual && !is_implicit()) {
    links_ = draw_dual(loop, precision, vectors, noise, RandomUse::bayes_links);
    scatter_ = row_scatter(links_, columns(), loop, kernels_);
  } else {
    const RotatedDraw drawn = draw_links(
        random, precision, rotated, rows_of(loop, noise, RandomUse::bayes_links, 0, size),
        dual ? rows_of(loop, noise, RandomUse::bayes_targets, 0, size) : std::vector<double>());
    scatter_ = drawn.scatter;
    FactorRows& turned = dual ? means : links_;
    turned = multiply_basis(loop, false, unpacked(drawn.rows, width_));
    if (dual) return precision;
  }
  multiply(loop, features_.all(), links_, means, 1, false);
  return precision;
}

// B = B0 + X'(XX' + b I)^-1 (vectors + noise - X B0) with B0 = noise / sqrt(b).
FactorRows BayesLinks::draw_dual(const WorkLoop& loop, double precision, FactorRows& vectors,
                                 const Noise& noise, RandomUse use) const {
  std::vector<double> prior = rows_of(loop, noise, use, 0, columns());
  for (double& number : prior) number /= std::sqrt(precision);
  FactorRows links = unpacked(prior, width_);
  multiply(loop, features_.known(), links, vectors, -1, true);
  const Index rows = features_.size();
  const FactorRows own = unpacked(rows_of(loop, noise, use, columns(), rows), width_);
  for (Index r = 0; r < rows; ++r) add_row(own.row(r), 1, width_, vectors.row(r));
  std::vector<double> solved = packed(multiply_basis(loop, true, vectors), rows);
  solve_tridiagonal(features_.tridiagonal(), precision, width_, solved);
  multiply(loop, features_.transposed(), multiply_basis(loop, false, unpacked(solved, width_)),
           links, 1, true);
  return links;
}

// B = (X'X + b I)^-1 (X'(vectors + noise) + sqrt(b) noise).
double BayesLinks::draw_iteratively(const WorkLoop& loop, double precision, FactorRows& vectors,
                                    RandomSequence& random, const Noise& noise) {
  const Index rows = features_.all().rows();
  std::vector<double> own = rows_of(loop, noise, RandomUse::bayes_links, 0, columns());
  for (double& number : own) number *= std::sqrt(precision);
  FactorRows right = unpacked(own, width_);
  const FactorRows more = unpacked(rows_of(loop, noise, RandomUse::bayes_targets, 0, rows), width_);
  for (Index r = 0; r < rows; ++r) add_row(more.row(r), 1, width_, vectors.row(r));
  multiply(loop, features_.transposed(), vectors, right, 1, true);
  links_ = solve_iteratively(loop, precision, right);
  scatter_ = row_scatter(links_, columns(), loop, kernels_);
  return draw_link_precision(random, columns(), width_, scatter_.trace());
}

FactorRows BayesLinks::links(const WorkLoop& loop, double precision, FactorRows& vectors,
                             const Noise& noise) const {
  return is_implicit() ? draw_dual(loop, precision, vectors, noise, RandomUse::bayes_kept_links)
                       : links_;
}

std::vector<double> BayesLinks::column_products(const WorkLoop& loop, const FactorRows& a,
                                                const FactorRows& b) const {
  constexpr std::int64_t kChunk = 1024;
  const Index rows = columns();
  const auto width = static_cast<std::size_t>(width_);
  const std::int64_t chunks = chunk_count(rows, kChunk);
  std::vector<double> part(static_cast<std::size_t>(chunks) * width, 0);
  loop.parallel_chunks(rows, kChunk, [&](std::int64_t r, int) {
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

FactorRows BayesLinks::solve_iteratively(const WorkLoop& loop, double precision,
                                         const FactorRows& right) const {
  const int floats = right.vectors() * kLanes;
  FactorRows solution(columns(), width_);
  FactorRows inner(features_.all().rows(), width_);
  FactorRows residual(columns(), width_);
  FactorRows scaled(columns(), width_);
  FactorRows direction(columns(), width_);
  FactorRows product(columns(), width_);
  const auto apply = [&](const FactorRows& from) {
    multiply(loop, features_.known(), from, inner, 1, false);
    multiply(loop, features_.transposed(), inner, product, 1, false);
    each_column(loop, [&](Index r) {
      add_row(from.row(r), static_cast<float>(precision), floats, product.row(r));
    });
  };
  std::vector<float> inverse(static_cast<std::size_t>(columns()));  // of the diagonal
  each_column(loop, [&](Index r) {
    double sum = precision;
    const CsrView all = features_.transposed();
    const auto begin = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(r)]);
    for (std::size_t k = begin; k < begin + all.row(r).size(); ++k) {
      sum += static_cast<double>(all.value[k]) * static_cast<double>(all.value[k]);
    }
    inverse[static_cast<std::size_t>(r)] = static_cast<float>(1 / sum);
  });
  const auto precondition = [&] {
    each_column(loop, [&](Index r) {
      const float by = inverse[static_cast<std::size_t>(r)];
      for (int f = 0; f < floats; ++f) scaled.row(r)[f] = by * residual.row(r)[f];
    });
  };
  each_column(loop, [&](Index r) { std::copy_n(right.row(r), floats, residual.row(r)); });
  precondition();
  each_column(loop, [&](Index r) { std::copy_n(scaled.row(r), floats, direction.row(r)); });
  const std::vector<double> whole = column_products(loop, right, right);
  std::vector<double> square = column_products(loop, residual, scaled);
  for (int step = 0; step < kMostLinkSteps; ++step) {
    const std::vector<double> left = column_products(loop, residual, residual);
    bool done = true;
    for (std::size_t f = 0; f < left.size(); ++f) {
      done = done && left[f] <= kLinkTolerance * kLinkTolerance * whole[f];
    }
    if (done) break;
    apply(direction);
    const std::vector<double> curvature = column_products(loop, direction, product);
    std::vector<float> length(static_cast<std::size_t>(floats), 0);
    for (std::size_t f = 0; f < curvature.size(); ++f) {
      length[f] = curvature[f] > 0 ? static_cast<float>(square[f] / curvature[f]) : 0;
    }
    each_column(loop, [&](Index r) {
      for (int f = 0; f < floats; ++f) {
        const float by = length[static_cast<std::size_t>(f)];
        solution.row(r)[f] += by * direction.row(r)[f];
        residual.row(r)[f] -= by * product.row(r)[f];
      }
    });
    precondition();
    const std::vector<double> next = column_products(loop, residual, scaled);
    std::vector<float> keep(static_cast<std::size_t>(floats), 0);
    for (std::size_t f = 0; f < next.size(); ++f) {
      keep[f] = square[f] > 0 ? static_cast<float>(next[f] / square[f]) : 0;
    }
    each_column(loop, [&](Index r) {
      for (int f = 0; f < floats; ++f) {
        direction.row(r)[f] =
            scaled.row(r)[f] + keep[static_cast<std::size_t>(f)] * direction.row(r)[f];
      }
    });
    square = next;
  }
  return solution;
}

}  // namespace tusk
