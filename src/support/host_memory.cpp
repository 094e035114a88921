#include "support/host_memory.hpp"

#include <fstream>
#include <limits>
#include <string>

namespace tusk {

std::uint64_t available_host_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kilobytes = 0;
  for (std::string unit; file >> key >> kilobytes >> unit;) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace tusk
