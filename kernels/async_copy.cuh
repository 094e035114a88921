// Device code: copies into shared memory that go on beside computation. Compute capability 8.0 and
// later.
#pragma once

#include <cstdint>

namespace tusk {

#ifdef __CUDACC__

// Starts copying 4, 8 or 16 bytes to shared memory. The thread that started it sees the copy after
// wait_for_copies. Only 16 bytes can pass the first-level cache by.
template <class Word>
__device__ __forceinline__ void start_copy(Word* to, const Word* from) {
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  if constexpr (sizeof(Word) == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(address), "l"(from),
                 "n"(sizeof(Word))
                 : "memory");
  }
}

// Ends a group of copies, of which there may be none.
__device__ __forceinline__ void end_copy_group() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most so many groups of this thread, the last ones, are not there yet.
template <int Groups>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}

#endif

}  // namespace tusk
