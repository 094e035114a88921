// The leading singular vectors of a sparse matrix.
#pragma once

#include <cstdint>
#include <vector>

#include <tusk/types.hpp>

#include "backend/backend.hpp"

namespace tusk {

// The right singular vectors of the largest singular values, [columns, count] by column of the
// matrix; those that the matrix has not are 0. By subspace iteration from random vectors (Halko,
// Martinsson, Tropp: "Finding Structure with Randomness", 2011, algorithm 4.4 with 10 vectors more
// than asked for), whose result depends on the seed by less than rounding once there are enough
// iterations. Throws Interrupted.
std::vector<float> leading_right_vectors(Backend& backend, const CsrView& matrix, int count,
                                         int iterations, std::uint64_t seed);

// The memory that this and rows_times() take.
MfMemory singular_vector_memory(const CsrView& matrix, int count);

// The product of each row with such vectors, [rows, count].
std::vector<float> rows_times(Backend& backend, const CsrView& matrix,
                              const std::vector<float>& vectors, int count);

}  // namespace tusk
