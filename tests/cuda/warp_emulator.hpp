// Runs device code on the CPU, so that what a kernel computes is tested on machines without a GPU:
// one warp at a time, its 32 lanes as fibers that meet at every warp-wide operation. To be included
// before device code, which the host compiler then compiles. It shows wrong indices, lanes and
// formulas, lanes that do not meet, and accesses that are not aligned; it knows nothing of races
// between warps, of caches, and of what nvcc makes of the code.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <math.h>
#include <vector_functions.h>
#include <vector_types.h>

#include "tests/cuda/fiber.hpp"

#undef __launch_bounds__
#define __launch_bounds__(...)

struct EmulatedIndex {
  unsigned x = 0;
};
inline thread_local EmulatedIndex threadIdx;
inline thread_local EmulatedIndex blockIdx;
inline thread_local EmulatedIndex gridDim;

namespace tusk::test {

class EmulatedWarp {
 public:
  static constexpr unsigned kLanes = 32;

  // Runs `kernel` as block number `block` of `blocks`, which are one warp each.
  static void run(unsigned block, unsigned blocks, const std::function<void()>& kernel) {
    gridDim.x = blocks;
    blockIdx.x = block;
    EmulatedWarp warp(kernel);
    current() = &warp;
    warp.run();
    current() = nullptr;
  }

  // Gives every lane's value to all lanes, once all have come to the operation of this name.
  static const std::uint64_t* meet(const char* operation, std::uint64_t value) {
    return current()->meet_others(operation, value);
  }

 private:
  struct Lane {
    bool done = false;
    std::uint64_t meetings = 0;
    const char* operation = nullptr;
  };

  using Fibers = std::vector<std::unique_ptr<Fiber>>;

  // One warp after another has the same.
  static Fibers& fibers() {
    static thread_local Fibers fibers;
    while (fibers.size() < kLanes) fibers.push_back(std::make_unique<Fiber>(run_lane));
    return fibers;
  }

  static EmulatedWarp*& current() {
    static thread_local EmulatedWarp* warp = nullptr;
    return warp;
  }

  explicit EmulatedWarp(const std::function<void()>& kernel) : kernel_(kernel) {}

  // One kernel after another.
  static void run_lane() {
    while (true) {
      current()->kernel_();
      current()->lanes_[threadIdx.x].done = true;
      Fiber::give_way();
    }
  }

  // Each lane in turn runs up to its next meeting, or to its end.
  void run() {
    for (bool running = true; running;) {
      unsigned done = 0;
      for (unsigned l = 0; l < kLanes; ++l) {
        if (!lanes_[l].done) {
          threadIdx.x = l;
          fibers_[l]->resume();
        }
        done += lanes_[l].done ? 1 : 0;
      }
      for (const Lane& lane : lanes_) {
        if (lane.done != lanes_[0].done || lane.meetings != lanes_[0].meetings ||
            (!lane.done && std::strcmp(lane.operation, lanes_[0].operation) != 0)) {
          fibers_.clear();
          throw std::logic_error("the lanes of a warp do not meet");
        }
      }
      running = done < kLanes;
    }
  }

  const std::uint64_t* meet_others(const char* operation, std::uint64_t value) {
    Lane& lane = lanes_[threadIdx.x];
    // A lane may have gone on to the next meeting before another has read this one.
    std::uint64_t* const values = values_[lane.meetings % 2];
    values[threadIdx.x] = value;
    ++lane.meetings;
    lane.operation = operation;
    Fiber::give_way();
    return values;
  }

  const std::function<void()>& kernel_;
  Fibers& fibers_ = fibers();
  std::array<Lane, kLanes> lanes_;
  std::uint64_t values_[2][kLanes] = {};
};

template <class T>
std::uint64_t to_word(T value) {
  std::uint64_t word = 0;
  std::memcpy(&word, &value, sizeof value);
  return word;
}

template <class T>
T from_word(std::uint64_t word) {
  T value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

template <class T>
void check_aligned(const T* address) {
  if (reinterpret_cast<std::uintptr_t>(address) % sizeof(T) != 0) {
    throw std::logic_error("an access is not aligned");
  }
}

}  // namespace tusk::test

template <class T>
T __shfl_sync(unsigned, T value, int from) {
  const auto* const values = tusk::test::EmulatedWarp::meet("shfl", tusk::test::to_word(value));
  return tusk::test::from_word<T>(values[from]);
}

template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  const unsigned lane = threadIdx.x;
  const auto* const values = tusk::test::EmulatedWarp::meet("shfl_xor", tusk::test::to_word(value));
  return tusk::test::from_word<T>(values[lane ^ static_cast<unsigned>(mask)]);
}

template <class T>
T __shfl_up_sync(unsigned, T value, unsigned offset) {
  const unsigned lane = threadIdx.x;
  const auto* const values = tusk::test::EmulatedWarp::meet("shfl_up", tusk::test::to_word(value));
  return tusk::test::from_word<T>(values[lane < offset ? lane : lane - offset]);
}

inline void __syncwarp() { tusk::test::EmulatedWarp::meet("syncwarp", 0); }

inline unsigned __ballot_sync(unsigned, bool predicate) {
  const auto* const values = tusk::test::EmulatedWarp::meet("ballot", predicate ? 1 : 0);
  unsigned bits = 0;
  for (unsigned l = 0; l < tusk::test::EmulatedWarp::kLanes; ++l) {
    bits |= static_cast<unsigned>(values[l]) << l;
  }
  return bits;
}

inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

template <class T>
T __ldcg(const T* from) {
  tusk::test::check_aligned(from);
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void __stcg(T* to, T value) {
  tusk::test::check_aligned(to);
  std::memcpy(to, &value, sizeof value);
}

// A block is one warp.
inline void __syncthreads() { tusk::test::EmulatedWarp::meet("syncthreads", 0); }

inline int __float_as_int(float value) {
  return tusk::test::from_word<int>(tusk::test::to_word(value));
}
inline float __int_as_float(int value) {
  return tusk::test::from_word<float>(tusk::test::to_word(value));
}
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a < b ? b : a; }

inline int atomicMax(int* to, int value) {
  const int before = *to;
  *to = max(before, value);
  return before;
}

template <class T>
T atomicAdd(T* to, T value) {
  tusk::test::check_aligned(to);
  const T before = *to;
  *to = before + value;
  return before;
}
