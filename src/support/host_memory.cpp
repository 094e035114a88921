#include "support/host_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "support/text.hpp"

namespace tusk {
namespace {

constexpr auto kUnlimited = std::numeric_limits<std::uint64_t>::max();

// What the whole machine has, in bytes.
std::uint64_t machine_memory(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string key;
  std::uint64_t kilobytes = 0;
  for (std::string unit; file >> key >> kilobytes >> unit;) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return kUnlimited;
}

// The first number in a file; none where there is none, as in "max".
std::optional<std::uint64_t> number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;
}

// The number that follows a word in a file of such lines.
std::uint64_t value_in(const std::filesystem::path& path, const std::string& key) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  for (std::string word; file >> word >> value;) {
    if (word == key) return value;
  }
  return 0;
}

// What the two versions of control groups call what they say of memory.
struct Files {
  const char* limit;
  const char* usage;
  const char* reclaimable;  // in memory.stat: cached files, which make room when it is needed
};
constexpr Files kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                             "total_inactive_file"};
constexpr Files kVersion2 = {"memory.max", "memory.current", "inactive_file"};

std::uint64_t left_in(const std::filesystem::path& group, const Files& files) {
  const auto limit = number_in(group / files.limit);
  if (!limit) return kUnlimited;
  const std::uint64_t usage = number_in(group / files.usage).value_or(0);
  const std::uint64_t held =
      usage - std::min(usage, value_in(group / "memory.stat", files.reclaimable));
  return *limit - std::min(*limit, held);
}

// The least that is left in a group and all that it is in. In a container the group's own folder
// may not be there; its mount point then stands for it.
std::uint64_t left_up_from(const std::filesystem::path& mount, std::string_view group,
                           const Files& files) {
  std::uint64_t least = kUnlimited;
  for (std::filesystem::path path(group);; path = path.parent_path()) {
    least = std::min(least, left_in(mount / path.relative_path(), files));
    if (!path.has_relative_path()) return least;
  }
}

// Lines of /proc/self/cgroup are NUMBER:CONTROLLERS:GROUP; version 2 has number 0 and no
// controllers.
std::uint64_t group_memory(const std::filesystem::path& root) {
  const std::filesystem::path mounts = root / "sys/fs/cgroup";
  std::uint64_t least = kUnlimited;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    const std::string_view group = std::string_view(line).substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, left_up_from(mounts, group, kVersion2));
      continue;
    }
    const auto names = split_text(controllers, ",");
    if (std::find(names.begin(), names.end(), "memory") != names.end()) {
      least = std::min(least, left_up_from(mounts / "memory", group, kVersion1));
    }
  }
  return least;
}

}  // namespace

std::uint64_t available_host_memory(const std::filesystem::path& root) {
  return std::min(machine_memory(root), group_memory(root));
}

}  // namespace tusk
