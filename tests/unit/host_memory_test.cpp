#include "support/host_memory.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace tusk::test {
namespace {

constexpr std::uint64_t kMega = 1 << 20;

// A root folder of a machine with 1,000 MiB available.
class HostMemory : public testing::Test {
 protected:
  HostMemory() { write("proc/meminfo", "MemTotal: 4096000 kB\nMemAvailable: 1024000 kB\n"); }

  void write(const std::string& name, const std::string& text) { root_.write(name, text); }

  std::uint64_t available() const { return available_host_memory(root_.path()); }

  TempFolder root_;
};

TEST_F(HostMemory, IsTheMachinesWhereNoGroupLimitsIt) {
  EXPECT_EQ(available(), 1000 * kMega);
  write("proc/self/cgroup", "0::/user/job\n");
  EXPECT_EQ(available(), 1000 * kMega) << "a group without files";
  write("sys/fs/cgroup/user/job/memory.max", "max\n");
  write("sys/fs/cgroup/user/job/memory.current", "5000\n");
  EXPECT_EQ(available(), 1000 * kMega);
  write("sys/fs/cgroup/user/job/memory.max", std::to_string(5000 * kMega));
  EXPECT_EQ(available(), 1000 * kMega) << "a limit beyond the machine";
}

TEST_F(HostMemory, IsWhatTheSmallestGroupOfVersion2Leaves) {
  write("proc/self/cgroup", "0::/user/job\n");
  write("sys/fs/cgroup/user/job/memory.max", std::to_string(600 * kMega));
  write("sys/fs/cgroup/user/job/memory.current", std::to_string(100 * kMega));
  EXPECT_EQ(available(), 500 * kMega);
  write("sys/fs/cgroup/user/memory.max", std::to_string(300 * kMega));
  write("sys/fs/cgroup/user/memory.current", std::to_string(200 * kMega));
  EXPECT_EQ(available(), 100 * kMega) << "the group around it";
  write("sys/fs/cgroup/user/memory.stat",
        "anon 7\ninactive_file " + std::to_string(150 * kMega) + "\nactive_file 9\n");
  EXPECT_EQ(available(), 250 * kMega) << "cached files make room";
  write("sys/fs/cgroup/user/memory.current", std::to_string(500 * kMega));
  EXPECT_EQ(available(), 0u) << "more is used than allowed";
}

TEST_F(HostMemory, InAContainerTheMountPointStandsForItsGroup) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", std::to_string(64 * kMega));
  write("sys/fs/cgroup/memory.current", std::to_string(4 * kMega));
  EXPECT_EQ(available(), 60 * kMega);
  write("proc/self/cgroup", "0::/../elsewhere\n");
  EXPECT_EQ(available(), 60 * kMega);
}

TEST_F(HostMemory, IsWhatAGroupOfVersion1Leaves) {
  write("proc/self/cgroup", "12:cpu,cpuacct:/other\n7:memory:/docker/abc\n0::/x\n");
  const std::string group = "sys/fs/cgroup/memory/docker/abc/";
  write(group + "memory.limit_in_bytes", std::to_string(200 * kMega));
  write(group + "memory.usage_in_bytes", std::to_string(80 * kMega));
  write(group + "memory.stat", "cache 1\ntotal_inactive_file " + std::to_string(30 * kMega) + "\n");
  EXPECT_EQ(available(), 150 * kMega);
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", std::to_string(9 * kMega));
  EXPECT_EQ(available(), 9 * kMega);
}

TEST(HostMemoryOfAnything, IsUnlimitedWhereNothingSays) {
  const TempFolder empty;
  EXPECT_EQ(available_host_memory(empty.path()), std::numeric_limits<std::uint64_t>::max());
  EXPECT_GT(available_host_memory(), 0u);
}

}  // namespace
}  // namespace tusk::test
