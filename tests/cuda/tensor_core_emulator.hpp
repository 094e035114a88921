// What kernels/tensor_core.cuh gives to device code, for device code on the CPU. After
// warp_emulator.hpp.
#pragma once

#include <cuda_fp16.h>

#include "tests/cuda/warp_emulator.hpp"

namespace tusk {

// By the tables of the PTX ISA for mma.m16n8k16.
inline void multiply_tile(float (&sum)[4], const uint4& a, unsigned b0, unsigned b1) {
  constexpr unsigned kLanes = test::EmulatedWarp::kLanes;
  const auto pair = [](unsigned low, unsigned high) { return std::uint64_t{high} << 32 | low; };
  const auto value = [](std::uint64_t word, unsigned at) {
    const auto bits = static_cast<unsigned short>(word >> (16 * at));
    return __half2float(test::from_word<__half>(bits));
  };
  float left[16][16];
  float right[16][8];
  for (unsigned part = 0; part < 2; ++part) {  // columns 8 * part and on
    const auto* const words =
        test::EmulatedWarp::meet("multiply_a", part == 0 ? pair(a.x, a.y) : pair(a.z, a.w));
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      for (unsigned at = 0; at < 4; ++at) {
        left[lane / 4 + 8 * (at / 2)][lane % 4 * 2 + at % 2 + 8 * part] = value(words[lane], at);
      }
    }
  }
  const auto* const words = test::EmulatedWarp::meet("multiply_b", pair(b0, b1));
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    for (unsigned at = 0; at < 4; ++at) {
      right[lane % 4 * 2 + at % 2 + 8 * (at / 2)][lane / 4] = value(words[lane], at);
    }
  }
  const unsigned lane = threadIdx.x;
  for (unsigned i = 0; i < 4; ++i) {
    for (unsigned k = 0; k < 16; ++k) {
      sum[i] += left[lane / 4 + 8 * (i / 2)][k] * right[k][lane % 4 * 2 + i % 2];
    }
  }
}

}  // namespace tusk
