// What kernels of iALS are called with.
#pragma once

#include <cstdint>

#include "cuda/als_plan.hpp"
#include "device_rows.hpp"

namespace tusk {

// A batch of rows, of users or of items, whose factors x are solved for; y are those of the other
// side. A row minimizes f(x) = sum of weight (1 - <y, x>)^2 + x' (gram + regularization I) x, see
// AlsRow. Rows of factors have `stride` floats, zeros behind the last factor.
struct AlsArguments {
  DeviceRows weights;
  const float* others = nullptr;          // [columns, stride]: y
  float* factors = nullptr;               // [rows, stride]: x
  const float* regularization = nullptr;  // by row
  const float* gram = nullptr;            // [stride, stride]
  int stride = 0;
  int factors_per_lane = 0;  // times the lanes of a warp that is `stride`

  Index first_row = 0;
  Index rows = 0;           // of the batch
  double* value = nullptr;  // by row of the batch: f(x)

  // Conjugate gradients; see AlsPieces.
  const std::int64_t* piece_begin = nullptr;
  const Index* piece_row = nullptr;
  const std::int64_t* row_piece = nullptr;  // by row, its first piece
  std::int64_t first_piece = 0;             // of the batch
  std::int64_t pieces = 0;
  float* partial = nullptr;       // [pieces, stride]: what the piece adds
  double* piece_value = nullptr;  // by piece
  float* residual = nullptr;      // [rows, stride], as are the next
  float* direction = nullptr;
  float* product = nullptr;  // first the Gram matrix's with x or the direction, by the caller
  float* square = nullptr;   // by row: of the residual

  // The normal equations A x = b.
  float* matrix = nullptr;  // [rows, stride, stride]: A, the upper triangle
  float* right = nullptr;   // [rows, stride]: b
  float* solution = nullptr;
  const int* info = nullptr;  // by row: 0 where A is positive definite
};

}  // namespace tusk
