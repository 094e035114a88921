// The inverse of a dense symmetric positive definite matrix, in place.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "algebra/matrix_products.hpp"

namespace tusk {

// As Backend::parallel_for(); what it throws ends the work.
using ParallelFor =
    std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& task)>;

// Replaces the lower triangle of `matrix` [size, size], in rows, by that of its inverse; what is
// above the diagonal is neither read nor kept. Of memory it takes little more than `matrix`:
// inverse_panel_bytes(). The bits depend on `products` and the size alone, not on the number of
// threads.
//
// The method is Gauss-Jordan elimination, which is stable for such matrices (Goodnight: "A Tutorial
// on the SWEEP Operator", 1979), by blocks of rows and columns k:
//   P = A_kk^-1, A_ij -= A_ik P A_kj, A_ik = A_ik P, A_kk = -P,
// after all of which A is the inverse with its sign changed. That is size^3 additions and
// multiplications, as many as LAPACK's potrf and potri have together, nearly all of them in
// products of large blocks, each a task of milliseconds.
//
// False if the matrix, as rounding leaves it, is not positive definite; it is lost then.
template <class T>
bool invert_symmetric(std::span<T> matrix, std::size_t size, const MatrixProducts& products,
                      const ParallelFor& parallel_for);

// Bytes that it takes beside the matrix, of numbers of `number` bytes.
std::uint64_t inverse_panel_bytes(std::size_t size, std::size_t number);

// Copies what is below the diagonal to above it.
template <class T>
void mirror_lower(std::span<T> matrix, std::size_t size, const ParallelFor& parallel_for);

}  // namespace tusk
