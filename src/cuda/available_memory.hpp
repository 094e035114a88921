#pragma once

#include <cstdint>
#include <string_view>

#include <tusk/device.hpp>

namespace tusk {

// Bytes that a plan may count on where so many are free: the rest is for what the driver allocates
// and for small buffers.
constexpr std::uint64_t available_memory(std::uint64_t free) {
  constexpr std::uint64_t kReserve = std::uint64_t{128} << 20;
  return free > kReserve ? free - kReserve : 0;
}

// Throws DeviceError, which says how many bytes are needed, if fewer are available. `gpu` is the
// name of the GPU.
void check_training_memory(const MfMemory& memory, std::string_view gpu);

}  // namespace tusk
