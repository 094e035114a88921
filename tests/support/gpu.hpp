// For tests that need a GPU.
#pragma once

#include <gtest/gtest.h>

#include <tusk/device.hpp>

// Skips the test, saying why, where no GPU can be used.
#define TUSK_SKIP_WITHOUT_GPU() \
  if (const auto status = ::tusk::probe_cuda(); !status.usable) GTEST_SKIP() << status.reason
