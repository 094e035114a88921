// Factor vectors laid out for the CPU kernels.
#pragma once

#include <cstddef>
#include <vector>

#include <tusk/types.hpp>

#include "cpu/kernels.hpp"
#include "support/huge_pages.hpp"

namespace tusk {

// Rows padded with zeros to whole vectors and aligned to 64 bytes. Training keeps the padding zero.
class FactorRows {
 public:
  FactorRows() = default;
  FactorRows(Index rows, int factors)
      : factors_(factors),
        vectors_((factors + kLanes - 1) / kLanes),
        data_(vector_in_huge_pages<Vector>(static_cast<std::size_t>(rows) *
                                           static_cast<std::size_t>(vectors_))) {
    data_.resize(data_.capacity());
  }

  int factors() const { return factors_; }
  int vectors() const { return vectors_; }  // of a row
  float* data() { return data_.empty() ? nullptr : data_.front().lane; }
  const float* data() const { return data_.empty() ? nullptr : data_.front().lane; }
  float* row(Index r) { return data() + static_cast<std::size_t>(r) * stride(); }
  const float* row(Index r) const { return data() + static_cast<std::size_t>(r) * stride(); }

 private:
  struct alignas(64) Vector {
    float lane[kLanes] = {};
  };

  std::size_t stride() const { return static_cast<std::size_t>(vectors_) * kLanes; }

  int factors_ = 0;
  int vectors_ = 0;
  std::vector<Vector> data_;
};

}  // namespace tusk
