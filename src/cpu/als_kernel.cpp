// Alternating least squares: Gram matrices, and one row solved by conjugate gradients or by a
// Cholesky decomposition. Compiled several times, see isa_kernels.hpp.
//
// Rows are handled sixteen floats at a time, and each sum runs over rows in their order, so that
// neither the number of rows that are worked on side by side nor the instruction set changes a bit
// (see MultiplyAdd).

#include <type_traits>

#include "backend/als_limits.hpp"
#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {
namespace {

// Registers that hold kLanes floats. Sums are kept in them one by one: GCC 12 copies Lanes of
// several through memory.
constexpr int kParts = kLanes / kVectorFloats;

using Quarter = float __attribute__((vector_size(16)));

TUSK_HD const Vector* at(const float* row) { return reinterpret_cast<const Vector*>(row); }
TUSK_HD Vector* at(float* row) { return reinterpret_cast<Vector*>(row); }

// As sum_to_quarter() of the Lanes that these are.
template <class V, int Parts>
TUSK_HD Quarter quarter_of(const V (&part)[Parts]) {
  if constexpr (Parts == 1) {
    return sum_to_quarter(part[0]);
  } else if constexpr (Parts == 2) {
    const V half = part[0] + part[1];
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) +
           __builtin_shufflevector(half, half, 4, 5, 6, 7);
  } else {
    return (part[0] + part[2]) + (part[1] + part[3]);
  }
}

// The inner products of rows with one vector.
template <int Rows>
TUSK_HD void inner_products(const float* const* row, const float* with, int vectors,
                            float* products) {
  Vector sum[Rows][kParts] = {};
  for (int v = 0; v < vectors; ++v) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      const int place = v * kParts + part;
      const Vector one = at(with)[place];
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        sum[r][part] = kMultiplyAdd(at(row[r])[place], one, sum[r][part]);
      }
    }
  }
  Quarter quarter[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) quarter[r] = quarter_of(sum[r]);
  if constexpr (Rows == 4) {
    // The same additions for the four of them at a time.
    const Quarter left = __builtin_shufflevector(quarter[0], quarter[1], 0, 4, 1, 5) +
                         __builtin_shufflevector(quarter[0], quarter[1], 2, 6, 3, 7);
    const Quarter right = __builtin_shufflevector(quarter[2], quarter[3], 0, 4, 1, 5) +
                          __builtin_shufflevector(quarter[2], quarter[3], 2, 6, 3, 7);
    const Quarter all = __builtin_shufflevector(left, right, 0, 1, 4, 5) +
                        __builtin_shufflevector(left, right, 2, 3, 6, 7);
    for (int r = 0; r < 4; ++r) products[r] = all[r];
  } else {
    for (int r = 0; r < Rows; ++r) {
      products[r] = (quarter[r][0] + quarter[r][2]) + (quarter[r][1] + quarter[r][3]);
    }
  }
}

TUSK_HD float inner_product(const float* a, const float* b, int vectors) {
  float product;
  inner_products<1>(&a, b, vectors, &product);
  return product;
}

// sum += factor[0] row[0] + factor[1] row[1] + ...
template <int Rows>
TUSK_HD void add_rows(const float* const* row, const float* factor, int vectors, float* sum) {
  Vector by[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) by[r] = factor[r] - Vector{};
  for (int place = 0; place < vectors * kParts; ++place) {
    Vector all = at(sum)[place];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) all = kMultiplyAdd(by[r], at(row[r])[place], all);
    at(sum)[place] = all;
  }
}

TUSK_HD void fetch(const float* row, int vectors) {
  for (int v = 0; v < vectors; ++v) __builtin_prefetch(row + v * kLanes);
}

// What a pass over the rows computes.
enum class Pass { residual, product };

// Adds weight[k] (1 - <row[k], x>) row[k] for Rows rows from `first` to `sum`, or of a product
// weight[k] <row[k], x> row[k]. Returns the sum of weight[k] (1 - <row[k], x>)^2.
template <Pass kPass, int Rows>
TUSK_HD double visit_rows(const AlsRow& problem, std::size_t first, const float* x, float* sum) {
  const float* const* const row = problem.row + first;
  if (problem.far) {
    for (int r = 0; r < Rows; ++r) fetch(row[kAlsLookahead + r], problem.vectors);
  }
  float factor[Rows];
  inner_products<Rows>(row, x, problem.vectors, factor);
  double squares = 0;
  for (int r = 0; r < Rows; ++r) {
    const float weight = problem.weight[first + static_cast<std::size_t>(r)];
    if constexpr (kPass == Pass::residual) {
      const float error = 1 - factor[r];
      factor[r] = weight * error;
      squares += static_cast<double>(factor[r]) * static_cast<double>(error);
    } else {
      factor[r] *= weight;
    }
  }
  add_rows<Rows>(row, factor, problem.vectors, sum);
  return squares;
}

// out = (gram + regularization I) x, with the sign given.
TUSK_HD void multiply_gram(const AlsRow& problem, const float* x, float sign, float* out) {
  constexpr int kRows = 8;
  const int size = problem.vectors * kLanes;
  const float diagonal = sign * problem.regularization;
  for (int v = 0; v < problem.vectors * kParts; ++v) at(out)[v] = diagonal * at(x)[v];
  for (int j = 0; j < size; j += kRows) {
    const float* row[kRows];
    float factor[kRows];
    for (int r = 0; r < kRows; ++r) {
      row[r] = problem.gram + static_cast<std::ptrdiff_t>(j + r) * size;
      factor[r] = sign * x[j + r];
    }
    add_rows<kRows>(row, factor, problem.vectors, out);
  }
}

// The residual of the normal equations at x, which is minus half the gradient of f, or the product
// of their matrix with x. Returns the value of f at x with the residual.
template <Pass kPass>
TUSK_HD double visit(const AlsRow& problem, const float* x, float* out) {
  constexpr int kRows = 4;
  multiply_gram(problem, x, kPass == Pass::residual ? -1.0f : 1.0f, out);
  double value = 0;
  if constexpr (kPass == Pass::residual) {
    value = -static_cast<double>(inner_product(out, x, problem.vectors));
  }
  std::size_t k = 0;
  for (; k + kRows <= problem.count; k += kRows) {
    value += visit_rows<kPass, kRows>(problem, k, x, out);
  }
  for (; k < problem.count; ++k) value += visit_rows<kPass, 1>(problem, k, x, out);
  return value;
}

// Adds to rows j .. j + kGramRows - 1 of gram, columns from `column` on.
TUSK_HD void add_gram_tile(const float* rows, std::size_t count, int size, int j, int column,
                           float* gram) {
  Vector sum[kGramRows][kParts] = {};
  const float* row = rows;
  for (std::size_t k = 0; k < count; ++k, row += size) {
#pragma GCC unroll 8
    for (int r = 0; r < kGramRows; ++r) {
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        sum[r][part] = kMultiplyAdd(row[j + r], at(row + column)[part], sum[r][part]);
      }
    }
  }
  for (int r = 0; r < kGramRows; ++r) {
    Vector* const to = at(gram + static_cast<std::ptrdiff_t>(j + r) * size + column);
    for (int part = 0; part < kParts; ++part) to[part] = to[part] + sum[r][part];
  }
}

// The upper triangle U of a matrix [n, n] with U' U = matrix, in its place, with its diagonal
// inverted. What is below the diagonal is only changed in the diagonal's vector, to 0.
TUSK_HD void decompose(int vectors, float* matrix) {
  constexpr int kRows = 8;
  const int size = vectors * kLanes;
  for (int j = 0; j < size; ++j) {
    float* const pivot = matrix + static_cast<std::ptrdiff_t>(j) * size;
    const int skipped = j / kLanes;  // vectors left of the diagonal
    const auto subtract = [&](auto rows, int i) __attribute__((always_inline)) {
      constexpr int kCount = decltype(rows)::value;
      const float* row[kCount];
      float factor[kCount];
      for (int r = 0; r < kCount; ++r) {
        const float* const above = matrix + static_cast<std::ptrdiff_t>(i + r) * size;
        row[r] = above + skipped * kLanes;
        factor[r] = -above[j];
      }
      add_rows<kCount>(row, factor, vectors - skipped, pivot + skipped * kLanes);
    };
    int i = 0;
    for (; i + kRows <= j; i += kRows) subtract(std::integral_constant<int, kRows>(), i);
    for (; i < j; ++i) subtract(std::integral_constant<int, 1>(), i);
    const float inverse = 1 / __builtin_sqrtf(pivot[j]);
    for (int v = skipped * kParts; v < vectors * kParts; ++v) {
      at(pivot)[v] = inverse * at(pivot)[v];
    }
    for (int left = skipped * kLanes; left < j; ++left) pivot[left] = 0;
    pivot[j] = inverse;
  }
}

// Solves U' U x = right, with what decompose() made; `right` is changed.
TUSK_HD void solve(int vectors, const float* matrix, float* right, float* x) {
  const int size = vectors * kLanes;
  for (int j = 0; j < size; ++j) {
    const float* const pivot = matrix + static_cast<std::ptrdiff_t>(j) * size;
    const float solved = right[j] * pivot[j];
    const float factor = -solved;
    const int skipped = j / kLanes;
    const float* const row = pivot + skipped * kLanes;
    add_rows<1>(&row, &factor, vectors - skipped, right + skipped * kLanes);
    x[j] = solved;
  }
  float* const known = right;
  for (int v = 0; v < vectors * kParts; ++v) at(known)[v] = Vector{};
  for (int j = size - 1; j >= 0; --j) {
    const float* const pivot = matrix + static_cast<std::ptrdiff_t>(j) * size;
    const int skipped = j / kLanes;
    const float sum =
        inner_product(pivot + skipped * kLanes, known + skipped * kLanes, vectors - skipped);
    known[j] = (x[j] - sum) * pivot[j];
  }
  for (int v = 0; v < vectors * kParts; ++v) at(x)[v] = at(known)[v];
}

void add_gram(const float* rows, std::size_t count, int vectors, float* gram) {
  const int size = vectors * kLanes;
  for (std::size_t first = 0; first < count; first += kGramBlock) {
    const std::size_t left = count - first;
    const std::size_t block = left < kGramBlock ? left : kGramBlock;
    const float* const row = rows + first * static_cast<std::size_t>(size);
    for (int j = 0; j < size; j += kGramRows) {
      for (int column = j / kLanes * kLanes; column < size; column += kLanes) {
        add_gram_tile(row, block, size, j, column, gram);
      }
    }
  }
}

double conjugate_gradient(const AlsRow& problem, int steps, float* x, float* scratch) {
  const int vectors = problem.vectors;
  const int size = vectors * kLanes;
  float* const residual = scratch;
  float* const direction = residual + size;
  float* const product = direction + size;
  double value = visit<Pass::residual>(problem, x, residual);
  float square = inner_product(residual, residual, vectors);
  for (int v = 0; v < vectors * kParts; ++v) at(direction)[v] = at(residual)[v];
  for (int step = 0; step < steps && square > kAlsLeastSquare; ++step) {
    visit<Pass::product>(problem, direction, product);
    const float length = square / inner_product(direction, product, vectors);
    const float back = -length;
    add_rows<1>(&direction, &length, vectors, x);
    add_rows<1>(&product, &back, vectors, residual);
    value -= static_cast<double>(length) * static_cast<double>(square);
    const float next = inner_product(residual, residual, vectors);
    const float keep = next / square;
    for (int v = 0; v < vectors * kParts; ++v) {
      at(direction)[v] = kMultiplyAdd(keep, at(direction)[v], at(residual)[v]);
    }
    square = next;
  }
  return value;
}

double cholesky(const AlsRow& problem, float* x, float* scratch) {
  const int vectors = problem.vectors;
  const int size = vectors * kLanes;
  float* const matrix = scratch;
  float* const right = matrix + static_cast<std::ptrdiff_t>(size) * size;
  float* const packed = right + size;
  for (int v = 0; v < size * vectors * kParts; ++v) at(matrix)[v] = at(problem.gram)[v];
  for (int j = 0; j < size; ++j) {
    matrix[static_cast<std::ptrdiff_t>(j) * size + j] += problem.regularization;
  }
  for (int v = 0; v < vectors * kParts; ++v) at(right)[v] = Vector{};
  double value = 0;
  for (std::size_t first = 0; first < problem.count; first += kGramBlock) {
    const std::size_t left = problem.count - first;
    const std::size_t block = left < kGramBlock ? left : kGramBlock;
    for (std::size_t k = 0; k < block; ++k) {
      const float* const row = problem.row[first + k];
      const float weight = problem.weight[first + k];
      const float root = __builtin_sqrtf(weight);
      if (problem.far) fetch(problem.row[first + k + kAlsLookahead], vectors);
      value += static_cast<double>(weight);
      add_rows<1>(&row, &weight, vectors, right);
      Vector* const to = at(packed + k * static_cast<std::size_t>(size));
      for (int v = 0; v < vectors * kParts; ++v) to[v] = root * at(row)[v];
    }
    add_gram(packed, block, vectors, matrix);
  }
  // At the minimum f is the sum of the weights less <right, x>.
  for (int v = 0; v < vectors * kParts; ++v) at(packed)[v] = at(right)[v];
  decompose(vectors, matrix);
  solve(vectors, matrix, packed, x);
  return value - static_cast<double>(inner_product(right, x, vectors));
}

}  // namespace

extern const AlsKernel kAlsKernel = {add_gram, conjugate_gradient, cholesky};

}  // namespace tusk::TUSK_ISA
