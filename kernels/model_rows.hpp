// What kernels are given of a model and what they give back: plain data for both compilers.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tusk/types.hpp>

#include "cuda/row_layout.hpp"

namespace tusk {

// A model's parameters in the GPU's memory, rows as RowLayout says.
struct ModelRows {
  unsigned char* user = nullptr;
  unsigned char* item = nullptr;
  float* user_bias = nullptr;  // every kBiasSpacing-th float
  float* item_bias = nullptr;
  std::size_t stride = 0;  // bytes from row to row
  int factors_per_lane = 0;
  float mean = 0;
};

// Labels as a kernel can look them up.
struct LabelMask {
  std::uint32_t word[8] = {};
};

inline LabelMask label_mask(const LabelSet& labels) {
  LabelMask mask;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (labels.test(label)) mask.word[label / 32] |= 1u << (label % 32);
  }
  return mask;
}

}  // namespace tusk
