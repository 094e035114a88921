// A sparse matrix in the GPU's memory, with its rows in pieces.
#pragma once

#include "cuda/als_plan.hpp"
#include "device_matrix.hpp"

namespace tusk {

struct DevicePieces {
  // The matrix must stay until the stream has come to this, and so must `divided`.
  DevicePieces(const CsrView& view, const AlsPieces& divided, cudaStream_t stream)
      : matrix(view, stream),
        begin(divided.begin, stream),
        row(divided.row, stream),
        first(divided.first, stream),
        count(std::ssize(divided.row)) {}

  DeviceMatrix matrix;
  DeviceBuffer<std::int64_t> begin;  // by piece
  DeviceBuffer<Index> row;           // by piece
  DeviceBuffer<std::int64_t> first;  // by row
  std::int64_t count = 0;
};

}  // namespace tusk
