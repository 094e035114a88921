// Device code: what a kernel asks of the tensor cores. Compute capability 8.0 and later.
#pragma once

#include <cstdint>

namespace tusk {

#ifdef __CUDACC__

// sum += a * b for 16 x 16 values of fp16 by 16 x 8, in fp32. Every lane holds the parts that the
// PTX ISA gives it for mma.m16n8k16.
__device__ __forceinline__ void multiply_tile(float (&sum)[4], const uint4& a, unsigned b0,
                                              unsigned b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

#endif

}  // namespace tusk
