// For tests of every set of CPU kernels.
#pragma once

#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "cpu/kernels.hpp"

// Skips the test, naming the set, where this processor cannot run it.
#define TUSK_SKIP_WITHOUT_KERNELS(set) \
  if (!(set).runs) GTEST_SKIP() << (set).kernels->name << ": this processor lacks " << (set).needs

namespace tusk {

inline std::ostream& operator<<(std::ostream& out, const KernelSet& set) {
  return out << set.kernels->name;
}

namespace test {

// Those that must give the same bits, this processor's first.
inline std::vector<KernelSet> fused_kernel_sets() {
  std::vector<KernelSet> sets;
  for (const KernelSet& set : kernel_sets()) {
    if (set.kernels->fused) sets.push_back(set);
  }
  return sets;
}

}  // namespace test
}  // namespace tusk
