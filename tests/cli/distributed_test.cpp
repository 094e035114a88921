// The program started by mpirun. Skips where this build has no MPI.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>

#include "tests/cli/cli_test.hpp"
#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

class CliDistributedTest : public CliTest {
 protected:
  void SetUp() override {
    const std::filesystem::path module =
        std::filesystem::path(tusk_program()).parent_path() / "libtusk_mpi.so";
    if (!std::filesystem::exists(module) || std::system("command -v mpirun >/dev/null") != 0) {
      GTEST_SKIP() << "this build has no MPI: install libopenmpi-dev and openmpi-bin";
    }
  }

  // Exit code, and what was written to stdout and stderr.
  Outcome run_processes(int count, const Words& words) const {
    std::string line =
        fmt::format("mpirun --allow-run-as-root --oversubscribe --bind-to none -n {} '{}'", count,
                    tusk_program());
    for (const std::string& word : words) line += fmt::format(" '{}'", word);
    line += fmt::format(" >'{0}' 2>'{0}.err' </dev/null", file("out"));
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(file("out")),
            read_file(file("out.err"))};
  }

  Words train(const std::string& out, const Words& more = {}) const {
    Words words = {"train", data(), "--epochs",    "4",         "--factors", "7",
                   "--out", out,    "--overwrite", "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CliDistributedTest, OneProcessWritesAndSaysWhatOneAloneDoes) {
  ASSERT_EQ(run_tusk(train(file("alone"))).code, 0);
  const Outcome one = run_processes(1, train(file("m"), {"--distributed", "mpi"}));
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(read_file(file("m")), read_file(file("alone")));
}

TEST_F(CliDistributedTest, TwoProcessesOfAFileOfTheirSizeTrainTheModelOfOne) {
  std::string text;
  for (int row = 0; row < 20'000; ++row) {
    text += fmt::format("{},{},{}\n", (row * 7919) % 611, (row * 7723) % 257, 1 + row % 5);
  }
  const std::string path = folder_.write("ratings.csv", text).string();
  const auto words = [&](const std::string& out, const Words& more) {
    Words all = train(out, more);
    all[1] = path;
    return all;
  };
  ASSERT_EQ(run_tusk(words(file("alone"), {})).code, 0);
  const Outcome two = run_processes(2, words(file("m"), {"--distributed", "mpi", "--json"}));
  ASSERT_EQ(two.code, 0) << two.err;
  EXPECT_EQ(two.objects("result").size(), 1u) << "one process speaks";
  EXPECT_EQ(read_file(file("m")), read_file(file("alone")));
}

TEST_F(CliDistributedTest, WhatIsWrongIsSaidOnceAndEndsAllProcesses) {
  const std::string bad = folder_.write("bad.csv", "1,1,3\n1,2,4\n2,1,x\n2,2,5\n").string();
  Words words = train(file("m"), {"--distributed", "mpi"});
  words[1] = bad;
  const Outcome outcome = run_processes(2, words);
  EXPECT_EQ(outcome.code, 3);
  const std::string expected = "bad.csv:3:5: found rating \"x\"";
  const auto first = outcome.err.find(expected);
  ASSERT_NE(first, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find(expected, first + 1), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(file("m")));
}

TEST_F(CliDistributedTest, WhatItDoesNotDoIsRefused) {
  const Outcome both = run_processes(2, {"train", data(), "--distributed", "mpi"});
  EXPECT_EQ(both.code, 2);
  const std::string advice = "--distributed needs the number of epochs: give --epochs";
  const auto said = both.err.find(advice);
  ASSERT_NE(said, std::string::npos) << both.err;
  EXPECT_EQ(both.err.find(advice, said + 1), std::string::npos) << both.err;
  const auto distributed = [&](Words words, const Words& more) {
    words.insert(words.end(), {"--distributed", "mpi"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  std::vector<Words> refused = {
      distributed({"train", data(), "--model", "bias", "--out", file("m")}, {}),
      distributed({"train", data(), "--out", file("m")}, {})};
  for (const Words& more :
       {Words{"--split", "random:0.1"}, Words{"--report", file("r.html")}, Words{"--dry-run"},
        Words{"--early-stop", "2"}, Words{"--optimizer", "adam"}}) {
    refused.push_back(distributed(train(file("m")), more));
  }
  for (const Words& words : refused) {
    const Outcome outcome = run_tusk(words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find("--distributed"), std::string::npos) << outcome.err;
  }
}

TEST_F(CliDistributedTest, AGpuThatIsMissingIsSaidOnce) {
  if (run_tusk({"doctor", "--json"}).objects().at(0)["cuda_usable"]) {
    GTEST_SKIP() << "there is a GPU";
  }
  const Outcome run =
      run_processes(2, train(file("m"), {"--distributed", "mpi", "--device", "cuda"}));
  EXPECT_EQ(run.code, 5);
  const auto first = run.err.find("error: device cuda:0 cannot be used");
  EXPECT_NE(first, std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("error: ", first + 1), std::string::npos) << run.err;
  EXPECT_FALSE(std::filesystem::exists(file("m")));
}

}  // namespace
}  // namespace tusk::test
