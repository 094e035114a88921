// What kernels/async_copy.cuh gives to device code, for device code on the CPU: a copy has what it
// copies from the moment it is started, and arrives when it is waited for, so that a row that is
// changed after its copy began and a wait that is missing both show. After warp_emulator.hpp.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "tests/cuda/warp_emulator.hpp"

namespace tusk {
namespace test {

struct StartedCopy {
  void* to = nullptr;
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;
};

// A lane's groups of copies on their way, and the copies since the last.
struct LaneCopies {
  std::deque<std::vector<StartedCopy>> groups;
  std::vector<StartedCopy> open;
};

inline LaneCopies& lane_copies() {
  static std::array<LaneCopies, EmulatedWarp::kLanes> copies;
  return copies[threadIdx.x];
}

}  // namespace test

template <class Word>
void start_copy(Word* to, const Word* from) {
  static_assert(sizeof(Word) == 4 || sizeof(Word) == 8 || sizeof(Word) == 16);
  test::check_aligned(to);
  test::check_aligned(from);
  test::StartedCopy copy{to, {}, sizeof(Word)};
  std::memcpy(copy.bytes.data(), from, sizeof(Word));
  test::lane_copies().open.push_back(copy);
}

inline void end_copy_group() {
  test::LaneCopies& copies = test::lane_copies();
  copies.groups.push_back(std::move(copies.open));
  copies.open.clear();
}

template <int Groups>
void wait_for_copies() {
  auto& groups = test::lane_copies().groups;
  for (; groups.size() > std::size_t{Groups}; groups.pop_front()) {
    for (const test::StartedCopy& copy : groups.front()) {
      std::memcpy(copy.to, copy.bytes.data(), copy.size);
    }
  }
}

}  // namespace tusk
