// Dot products with items that are rounded to bytes. Compiled several times, see isa_kernels.hpp.

#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {

// Written as loops that the compiler vectorises: GCC 12 converts vectors of bytes one by one.
void score_bytes(const ByteRow* items, const float* user, int factors, std::size_t panels,
                 float* scores) {
  for (std::size_t p = 0; p < panels; ++p, items += factors, scores += kPanelItems) {
    alignas(kVectorBytes) float sum[kPanelItems] = {};
    for (int f = 0; f < factors; ++f) {
      const float factor = user[f];
      const signed char* const row = items[f].item;
#pragma omp simd
      for (int l = 0; l < kPanelItems; ++l) {
        sum[l] = kMultiplyAdd(factor, static_cast<float>(row[l]), sum[l]);
      }
    }
    for (int l = 0; l < kPanelItems; ++l) scores[l] = sum[l];
  }
}

}  // namespace tusk::TUSK_ISA
