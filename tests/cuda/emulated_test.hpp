// What tests on an emulated GPU share: that memory and handles are given back.
#pragma once

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
