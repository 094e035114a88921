// What tests on an emulated GPU share: that memory and handles are given back.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "tests/cuda/emulated_gpu.hpp"

namespace tusk::test {

class EmulatedTest : public testing::Test {
 protected:
  ~EmulatedTest() override {
    EXPECT_EQ(emulated_memory().used, 0u) << "memory that is not given back";
    EXPECT_EQ(emulated_memory().handles, 0) << "handles that are not given back";
    emulated_memory() = {};
    emulated_calls() = {};
  }

  // To within `tolerance` of the largest number that is expected, or of `least_scale`.
  static void expect_near(const std::vector<float>& found, const std::vector<float>& expected,
                          float tolerance, const char* what, float least_scale = 0) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    float worst = 0;
    float largest = least_scale;
    for (std::size_t at = 0; at < found.size(); ++at) {
      ASSERT_TRUE(std::isfinite(found[at])) << what << ' ' << at;
      worst = std::max(worst, std::abs(found[at] - expected[at]));
      largest = std::max(largest, std::abs(expected[at]));
    }
    EXPECT_LE(worst, tolerance * largest) << what;
  }

  // Lets each call of the runtime that run() makes fail in turn. Returns how many there are.
  template <class Run>
  static int fail_everywhere(const Run& run) {
    for (int calls = 0;; ++calls) {
      emulated_calls() = {};
      emulated_calls().before_failure = calls;
      bool failed = true;
      try {
        run();
        failed = false;
      } catch (const DeviceError&) {
      }
      EXPECT_EQ(emulated_calls().freed_in_use, 0) << calls;
      EXPECT_EQ(emulated_memory().used, 0u) << calls;
      EXPECT_EQ(emulated_memory().handles, 0) << calls;
      if (!failed || HasFailure()) return calls;
    }
  }
};

}  // namespace tusk::test
