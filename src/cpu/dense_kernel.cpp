// Products of dense matrices. Compiled several times, see isa_kernels.hpp.
//
// A tile of the product is summed in registers: numbers of `a` are spread over a vector, and
// columns of `b` are read side by side, from a copy where many rows are multiplied with them. Of
// the last columns that fill no vector one is computed all the same and stored in part.

#include "algebra/network_kernels.hpp"
#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {
namespace {

static_assert(kDenseMargin >= kVectorFloats);

// What is multiplied at a time: sums go on where those of the numbers before have ended, so that
// the bits do not depend on it.
constexpr int kDepth = 256;

// A vector at any address.
struct __attribute__((packed, may_alias)) Loose {
  Vector value;
};

TUSK_HD Vector load(const float* at) { return reinterpret_cast<const Loose*>(at)->value; }
TUSK_HD void store(float* at, const Vector& value) { reinterpret_cast<Loose*>(at)->value = value; }

// Rows x Vectors vectors at (row, column), of which the last one holds `width` columns; `b` is
// where these columns begin.
template <int Rows, int Vectors>
TUSK_HD void tile(const DenseProduct& p, int row, int column, int width, const float* b) {
  Vector sum[Rows][Vectors] = {};
  float* const c = p.c + row * p.ldc + column;
  const bool whole = width == kVectorFloats;
  constexpr int kLast = (Vectors - 1) * kVectorFloats;
  if (p.add) {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const float* const from = c + r * p.ldc;
      if constexpr (Vectors > 1) sum[r][0] = load(from);
      if (whole) {
        sum[r][Vectors - 1] = load(from + kLast);
      } else {
        for (int l = 0; l < width; ++l) sum[r][Vectors - 1][l] = from[kLast + l];
      }
    }
  }
  const float* a = p.a + row * p.a_row;
  for (int k = 0; k < p.depth; ++k, a += p.a_depth, b += p.ldb) {
    Vector right[Vectors];
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) right[v] = load(b + v * kVectorFloats);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const Vector left = a[r * p.a_row] - Vector{};
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sum[r][v] = kMultiplyAdd(left, right[v], sum[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    float* const to = c + r * p.ldc;
    if constexpr (Vectors > 1) store(to, sum[r][0]);
    if (whole) {
      store(to + kLast, sum[r][Vectors - 1]);
    } else {
      for (int l = 0; l < width; ++l) to[kLast + l] = sum[r][Vectors - 1][l];
    }
  }
}

// The rows from `row` on: kTileUsers at a time, then half as many and so on.
template <int Rows, int Vectors>
TUSK_HD void column_of_tiles(const DenseProduct& p, int row, int column, int width,
                             const float* b) {
  for (; row + Rows <= p.rows; row += Rows) tile<Rows, Vectors>(p, row, column, width, b);
  if constexpr (Rows > 1) column_of_tiles<Rows / 2, Vectors>(p, row, column, width, b);
}

// All rows of the columns from `column` on that one or two vectors hold.
template <int Vectors>
void columns_of(const DenseProduct& given, int column, int width) {
  constexpr int kWide = Vectors * kVectorFloats;
  DenseProduct p = given;
  const float* b = p.b + column;
  alignas(64) float copy[kDepth * kWide];
  if (p.rows >= 2 * kTileUsers) {
    for (int k = 0; k < p.depth; ++k) {
      for (int v = 0; v < Vectors; ++v) {
        store(copy + k * kWide + v * kVectorFloats, load(b + k * p.ldb + v * kVectorFloats));
      }
    }
    b = copy;
    p.ldb = kWide;
  }
  column_of_tiles<kTileUsers, Vectors>(p, 0, column, width, b);
}

}  // namespace

void dense(const DenseProduct& product) {
  constexpr int kWide = 2 * kVectorFloats;
  for (int first = 0; first < product.depth; first += kDepth) {
    DenseProduct p = product;
    p.depth = product.depth - first < kDepth ? product.depth - first : kDepth;
    p.a += first * p.a_depth;
    p.b += first * p.ldb;
    p.add = product.add || first > 0;
    int column = 0;
    for (; column + kVectorFloats < p.columns; column += kWide) {
      const int left = p.columns - column - kVectorFloats;
      columns_of<2>(p, column, left < kVectorFloats ? left : kVectorFloats);
    }
    if (column < p.columns) columns_of<1>(p, column, p.columns - column);
  }
}

}  // namespace tusk::TUSK_ISA
