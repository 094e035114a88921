// TUSK_HD marks a formula that the host compiler and nvcc both compile, so that it stands in one
// place. It is always inlined, so that a copy compiled for one instruction set never serves code
// compiled for another.
#pragma once

#ifdef __CUDACC__
#define TUSK_HD __host__ __device__ __forceinline__
#else
#define TUSK_HD [[gnu::always_inline]] inline
#endif
