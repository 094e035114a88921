// How a GPU samples Bayesian matrix factorization: what its memory holds, and how rows are divided.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "algebra/tridiagonal.hpp"
#include "backend/bayes_session.hpp"
#include "cuda/als_plan.hpp"
#include "cuda/gram_tiles.hpp"

namespace tusk {

// A row's ratings in pieces of at most so many, whose Gram matrices are summed at the same time.
inline constexpr std::int64_t kBayesPieceEntries = 2048;

// Rows whose scatter matrix is summed in single precision; these sums are added up in double.
inline constexpr std::int64_t kMomentRows = 1024;

// Gram and scatter matrices are there in tiles.
inline constexpr std::int64_t kBayesTileFloats = kGramTile * kGramTile;
// Tiles of a matrix [stride, stride].
constexpr int bayes_tiles(int stride) { return tile_pairs(stride / kGramTile); }

// Floats of a chain's vector in a row, in which the vectors of all chains are side by side: factors
// and bias, then zeros. There is room for the one column more that Gram matrices of ratings have.
constexpr int bayes_stride(int factors) {
  return (factors + 2 + kGramTile - 1) / kGramTile * kGramTile;
}

// Floats of shared memory that a warp takes to draw a vector of d = `width` numbers: the upper
// triangle of a matrix with a column more; see draw_rows.
constexpr int drawn_floats(int width, int stride) { return width * (width + 3) / 2 + stride; }

// Whether a warp draws a vector by itself, in what shared memory a block has on every GPU. Else
// cuSOLVER decomposes its matrix.
constexpr bool draws_in_shared_memory(int factors) {
  constexpr int kSharedBytes = 48 << 10;
  return drawn_floats(factors + 1, bayes_stride(factors)) * static_cast<int>(sizeof(float)) <=
         kSharedBytes;
}

// Features of users or items as LinkFeatures has them, which are borrowed.
struct BayesLinkWork {
  CsrView features;
  CsrView transposed;  // of rows with ratings
  bool dual = false;
  bool only_known = false;
  Index size = 0;
  const float* basis = nullptr;  // [size, size]
  Tridiagonal matrix;
};

// Sizes of what links are drawn in: the larger of users' and items'.
struct BayesLinkSizes {
  std::int64_t rows = 0;
  std::int64_t decomposed = 0;  // rows of the matrix that is decomposed
  std::int64_t iterated = 0;    // columns of what is not
  std::int64_t pieces = 0;      // of a sparse product
};

struct BayesPlan {
  MfMemory memory;
  BayesLinkSizes links;
  AlsBatchLimits batch;
  std::function<void()> check_stop = [] {};  // called between batches; what it throws ends the work
};

// Everything but the plan is borrowed while a session is opened.
struct CudaBayesWork {
  BayesProblem problem;
  std::optional<BayesLinkWork> users;
  std::optional<BayesLinkWork> items;
  BayesPlan plan;
};

// `most_dense` as for LinkFeatures. `free` has the bytes that are free now. Throws DeviceError,
// which says how many are needed, if they are too few. `gpu` is its name.
BayesPlan plan_gpu_bayes(const BayesProblem& problem, Index most_dense, std::uint64_t free,
                         std::string_view gpu);

}  // namespace tusk
