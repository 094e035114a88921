// Arguments of the kernels of Gibbs sampling. Pointers are to the GPU's memory.
#pragma once

#include <cstdint>

#include "cuda/bayes_plan.hpp"
#include "device_rows.hpp"
#include "support/philox.hpp"

namespace tusk {

// Rows of all chains side by side, [rows, chains, stride]: `width` numbers each, then zeros.
struct BayesLayout {
  int chains = 0;
  int stride = 0;
  int width = 0;  // d: factors and the bias, which is the last
};

// Fills rows with normal random numbers, or adds such numbers to them.
struct BayesNormals {
  BayesLayout layout;
  float* to = nullptr;
  Index rows = 0;
  int count = 0;  // how many of a row's numbers are drawn; the others are 0
  double deviation = 1;
  const float* deviations = nullptr;  // by chain; null: `deviation` is that of all
  bool add = false;
  std::uint64_t seed = 0;
  RandomUse use{};
  bool of_items = false;
  Index first = 0;  // the number of the first row, which chooses its random stream
  std::uint64_t counter = 0;
};

// For each chain the sum over its rows x of [x, 1]' [x, 1], in tiles.
struct BayesMoments {
  BayesLayout layout;
  const float* from = nullptr;
  const float* less = nullptr;          // rows that are subtracted; null: none
  const std::uint8_t* known = nullptr;  // by row; others are left out. Null: all are
  Index rows = 0;
  float* partial = nullptr;  // [chunks of kMomentRows, chains, tiles, 32 * 32]
  double* sums = nullptr;    // [chains, tiles, 32 * 32]
};

// A batch of rows, of users or of items, whose vectors are drawn given those of the other side.
struct BayesArguments {
  BayesLayout layout;
  DeviceRows ratings;
  const float* others = nullptr;
  float* vectors = nullptr;
  const float* linked = nullptr;     // X B; null: there are no links
  const float* precision = nullptr;  // [chains, stride, stride]: L
  const float* mean = nullptr;       // [chains, stride]: L m
  const float* alpha = nullptr;      // by chain
  std::uint64_t seed = 0;
  bool of_items = false;
  std::uint64_t counter = 0;

  // The rows' ratings in pieces; see AlsPieces.
  const std::int64_t* piece_begin = nullptr;
  const std::int64_t* row_piece = nullptr;
  std::int64_t first_piece = 0;  // of the batch
  std::int64_t pieces = 0;
  Index first_row = 0;
  Index rows = 0;
  // [pieces, chains, tiles, 32 * 32]: the sum over a piece's ratings of v' v, with v = [the other's
  // factors, 1, the value less the other's bias].
  float* gram = nullptr;
  double* error =
      nullptr;  // [all rows, chains]: the sum of the squared errors; null: not asked for

  // Where a vector is not drawn in shared memory, by row of the batch and chain.
  float* matrix = nullptr;  // [rows, chains, width, stride]: the upper triangle
  float* right = nullptr;   // [rows, chains, stride]
  const int* info = nullptr;
};

// to = sign * X from, or to += sign * X from.
struct BayesProduct {
  DeviceRows matrix;
  const std::int64_t* piece_begin = nullptr;
  const Index* piece_row = nullptr;
  const std::int64_t* row_piece = nullptr;
  std::int64_t pieces = 0;
  int width = 0;                // of rows: chains * stride
  const float* from = nullptr;  // [columns, width]
  float* to = nullptr;          // [rows, width]
  float* partial = nullptr;     // [pieces, width]
  float sign = 1;
  bool add = false;
};

// A row's numbers less the chain's, times the chain's lower triangle; to may be from. 0 for rows
// that are not known.
struct BayesLowerProduct {
  BayesLayout layout;
  const float* from = nullptr;
  const float* less = nullptr;          // [chains, stride]; null: nothing
  const std::uint8_t* known = nullptr;  // by row; null: all are
  const float* lower = nullptr;         // [chains, stride, stride], 0 above the diagonal
  Index rows = 0;
  float* to = nullptr;
};

// Conjugate gradients for (X'X + b I) B = right, of all columns side by side; all that has rows is
// [rows, width].
struct BayesGradients {
  Index rows = 0;
  int width = 0;
  int stride = 0;                      // a chain's columns
  const float* precision = nullptr;    // by chain: b
  const std::uint8_t* done = nullptr;  // by chain: it stays as it is
  const float* diagonal = nullptr;     // by row: of X'X
  float* solution = nullptr;
  const float* right = nullptr;
  float* residual = nullptr;
  float* scaled = nullptr;  // the residual, preconditioned
  float* direction = nullptr;
  float* product = nullptr;             // (X'X + b I) times the direction
  const double* square = nullptr;       // by column: residual * scaled before the step
  const double* curvature = nullptr;    // direction * product
  const double* next_square = nullptr;  // residual * scaled after it
};

// For each column the sum of the products of a's and b's numbers.
struct BayesColumnSums {
  Index rows = 0;
  int width = 0;
  const float* a = nullptr;
  const float* b = nullptr;
  double* partial = nullptr;  // [chunks of kMomentRows, width]
  double* sums = nullptr;     // [width]
};

}  // namespace tusk
