#pragma once

#include <cstdint>

#include <tusk/types.hpp>

namespace tusk {

// A CsrView in the GPU's memory.
struct DeviceRows {
  const std::int64_t* offset = nullptr;
  const Index* column = nullptr;
  const float* value = nullptr;
  Index rows = 0;
  Index columns = 0;
};

}  // namespace tusk
