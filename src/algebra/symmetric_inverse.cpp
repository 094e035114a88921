#include "algebra/symmetric_inverse.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

namespace tusk {
namespace {

constexpr std::size_t kLeaf = 64;          // rows of what Eigen inverts
constexpr std::size_t kLargestTile = 512;  // 1 MiB of floats: three are in the second-level cache

std::size_t tile_of(std::size_t size) {
  const std::size_t wanted = (size / 16 + kLeaf - 1) / kLeaf * kLeaf;
  return std::clamp(wanted, kLeaf, kLargestTile);
}

// Of a small matrix, whose rows are `distance` apart, both triangles.
template <class T>
bool invert_leaf(T* matrix, std::size_t size, std::size_t distance) {
  using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(size);
  Eigen::Map<Rows, 0, Eigen::OuterStride<>> all(
      matrix, n, n, Eigen::OuterStride<>(static_cast<Eigen::Index>(distance)));
  const Eigen::LLT<Rows, Eigen::Lower> factor(all);
  if (factor.info() != Eigen::Success) return false;
  all = factor.solve(Rows::Identity(n, n));
  return all.allFinite();
}

template <class T>
class Sweep {
 public:
  // The rows of the matrix are `distance` apart.
  Sweep(T* matrix, std::size_t size, std::size_t distance, const MatrixProducts& products,
        const ParallelFor& parallel_for)
      : matrix_(matrix),
        size_(size),
        distance_(distance),
        tile_(tile_of(size)),
        tiles_((size + tile_ - 1) / tile_),
        products_(products),
        multiply_(products.of(T())),
        parallel_for_(parallel_for),
        pivot_(tile_ * tile_),
        panel_(size * tile_),
        scaled_(size * tile_) {}

  bool run() {
    for (std::size_t k = 0; k < tiles_; ++k) {
      if (!eliminate(k)) return false;
    }
    each_tile([&](std::size_t i, std::size_t j) {
      for (std::size_t r = first(i); r < end(i); ++r) {
        for (std::size_t c = first(j); c < end(j); ++c) at(r, c) = -at(r, c);
      }
    });
    return true;
  }

 private:
  std::size_t first(std::size_t tile) const { return tile * tile_; }
  std::size_t end(std::size_t tile) const { return std::min(size_, (tile + 1) * tile_); }
  std::size_t height(std::size_t tile) const { return end(tile) - first(tile); }
  T& at(std::size_t row, std::size_t column) const { return matrix_[row * distance_ + column]; }

  // visit(i, j) of all tiles of the lower triangle.
  template <class Visit>
  void each_tile(const Visit& visit) const {
    parallel_for_(static_cast<std::int64_t>(tiles_ * (tiles_ + 1) / 2), [&](std::int64_t task) {
      auto left = static_cast<std::size_t>(task);
      std::size_t i = 0;
      while (left > i) left -= ++i;
      visit(i, left);
    });
  }

  bool eliminate(std::size_t k) {
    parallel_for_(static_cast<std::int64_t>(tiles_),
                  [&](std::int64_t i) { copy_panel(static_cast<std::size_t>(i), k); });
    if (!invert_pivot(k)) return false;
    const auto depth = static_cast<int>(height(k));
    const auto width = static_cast<int>(tile_);
    parallel_for_(static_cast<std::int64_t>(tiles_), [&](std::int64_t task) {
      const auto i = static_cast<std::size_t>(task);
      if (i == k) return;
      multiply_(static_cast<int>(height(i)), depth, depth, 1, &panel_[first(i) * tile_], width,
                pivot_.data(), width, 0, &scaled_[first(i) * tile_], width);
    });
    each_tile([&](std::size_t i, std::size_t j) {
      if (i == k || j == k) {
        store_panel(i, j, k);
        return;
      }
      multiply_(static_cast<int>(height(i)), static_cast<int>(height(j)), depth, -1,
                &scaled_[first(i) * tile_], width, &panel_[first(j) * tile_], width, 1,
                &at(first(i), first(j)), static_cast<int>(distance_));
    });
    return true;
  }

  // The rows of tile i in the columns of tile k.
  void copy_panel(std::size_t i, std::size_t k) {
    for (std::size_t r = first(i); r < end(i); ++r) {
      T* const row = &panel_[r * tile_];
      for (std::size_t c = first(k); c < end(k); ++c) {
        row[c - first(k)] = r >= c ? at(r, c) : at(c, r);
      }
    }
  }

  bool invert_pivot(std::size_t k) {
    const std::size_t n = height(k);
    std::copy_n(&panel_[first(k) * tile_], n * tile_, pivot_.data());
    if (n <= kLeaf) return invert_leaf(pivot_.data(), n, tile_);
    const ParallelFor here = [](std::int64_t count, const auto& task) {
      for (std::int64_t i = 0; i < count; ++i) task(i);
    };
    if (!Sweep(pivot_.data(), n, tile_, products_, here).run()) return false;
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = r + 1; c < n; ++c) pivot_[r * tile_ + c] = pivot_[c * tile_ + r];
    }
    return true;
  }

  // Tile (i, j), one of which is k.
  void store_panel(std::size_t i, std::size_t j, std::size_t k) {
    for (std::size_t r = first(i); r < end(i); ++r) {
      for (std::size_t c = first(j); c < end(j); ++c) {
        if (i == j) {
          at(r, c) = -pivot_[(r - first(k)) * tile_ + c - first(k)];
        } else {
          at(r, c) = j == k ? scaled_[r * tile_ + c - first(k)] : scaled_[c * tile_ + r - first(k)];
        }
      }
    }
  }

  T* const matrix_;
  const std::size_t size_;
  const std::size_t distance_;
  const std::size_t tile_;
  const std::size_t tiles_;
  const MatrixProducts& products_;
  const MatrixProduct<T> multiply_;
  const ParallelFor& parallel_for_;
  std::vector<T> pivot_;   // [tile, tile]: P
  std::vector<T> panel_;   // [size, tile]: all rows of column k
  std::vector<T> scaled_;  // [size, tile]: that times P
};

}  // namespace

template <class T>
bool invert_symmetric(std::span<T> matrix, std::size_t size, const MatrixProducts& products,
                      const ParallelFor& parallel_for) {
  return Sweep(matrix.data(), size, size, products, parallel_for).run();
}

std::uint64_t inverse_panel_bytes(std::size_t size, std::size_t number) {
  return 2 * static_cast<std::uint64_t>(size) * tile_of(size) * number;
}

template <class T>
void mirror_lower(std::span<T> matrix, std::size_t size, const ParallelFor& parallel_for) {
  constexpr std::size_t kTile = 64;
  const std::size_t tiles = (size + kTile - 1) / kTile;
  parallel_for(static_cast<std::int64_t>(tiles), [&](std::int64_t task) {
    const std::size_t top = static_cast<std::size_t>(task) * kTile;
    for (std::size_t left = 0; left <= top; left += kTile) {
      for (std::size_t r = top; r < std::min(size, top + kTile); ++r) {
        for (std::size_t c = left; c < std::min(r, left + kTile); ++c) {
          matrix[c * size + r] = matrix[r * size + c];
        }
      }
    }
  });
}

template bool invert_symmetric(std::span<float>, std::size_t, const MatrixProducts&,
                               const ParallelFor&);
template bool invert_symmetric(std::span<double>, std::size_t, const MatrixProducts&,
                               const ParallelFor&);
template void mirror_lower(std::span<float>, std::size_t, const ParallelFor&);
template void mirror_lower(std::span<double>, std::size_t, const ParallelFor&);

}  // namespace tusk
