#pragma once

#include <cstdint>
#include <filesystem>

namespace tusk {

// Bytes of memory that this process can still have without swapping: those that the machine has
// available, or those that its control group (cgroup, version 1 or 2) or one around it leaves, if
// these are fewer. The most there can be where the system does not say. `root` is where /proc and
// /sys are.
std::uint64_t available_host_memory(const std::filesystem::path& root = "/");

}  // namespace tusk
