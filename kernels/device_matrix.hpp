// A sparse matrix in the GPU's memory.
#pragma once

#include <cstdint>
#include <span>

#include "cuda_handles.hpp"
#include "device_rows.hpp"

namespace tusk {

// A CsrView; `value` may be other than the view's.
struct DeviceMatrix {
  DeviceMatrix() = default;
  DeviceMatrix(const CsrView& matrix, std::span<const float> values, cudaStream_t stream)
      : offset(matrix.offset, stream),
        column(matrix.column, stream),
        value(values, stream),
        columns(matrix.columns) {}
  DeviceMatrix(const CsrView& matrix, cudaStream_t stream)
      : DeviceMatrix(matrix, matrix.value, stream) {}

  DeviceRows rows() const {
    const auto count = static_cast<Index>(offset.size() == 0 ? 0 : offset.size() - 1);
    return {offset.data(), column.data(), value.data(), count, columns};
  }

  DeviceBuffer<std::int64_t> offset;
  DeviceBuffer<Index> column;
  DeviceBuffer<float> value;
  Index columns = 0;
};

}  // namespace tusk
