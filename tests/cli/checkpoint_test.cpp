// Training that is killed and goes on.
#include <filesystem>

#include <fmt/format.h>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class CliCheckpointTest : public CliTest {
 protected:
  Words train(const std::string& out, const Words& more = {}) const {
    Words words = {"train", data(),    "--model",    "bayes",     "--factors",
                   "3",     "--split", "random:0.2", "--sweeps",  "60",
                   "--out", out,       "--json",     "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CliCheckpointTest, KilledAtAnyMomentItEndsWithTheBytesOfOneThatWasNot) {
  ASSERT_EQ(run_tusk(train(file("whole"))).code, 0);
  const std::string whole = read_file(file("whole"));
  const Words checkpoint = {"--checkpoint", file("c"), "--every", "3"};
  int going_on = 0;
  for (const int at : {7, 23, 24, 41, 58}) {
    RunOptions options;
    options.kill_at = fmt::format("\"epoch\":{},", at);
    const Outcome killed = run_tusk(train(file("m"), checkpoint), options);
    EXPECT_EQ(killed.code, 128 + SIGKILL);
    EXPECT_FALSE(std::filesystem::exists(file("m")));
    const auto reports = killed.objects("epoch");
    if (!reports.empty() && reports.front()["epoch"] > 1) ++going_on;
  }
  EXPECT_EQ(going_on, 4) << "each went on from the one before";
  const Outcome last = run_tusk(train(file("m"), checkpoint));
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_GT(last.objects("epoch").front()["epoch"], 50);
  EXPECT_EQ(read_file(file("m")), whole);
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"c", "m", "whole"})) << "no left-overs";
}

// While the number of epochs is chosen, while the model is trained for it, and without a choice.
TEST_F(CliCheckpointTest, FactorizationEndsWithTheBytesOfOneThatWasNotKilled) {
  for (const Words& more :
       {Words{}, Words{"--epochs", "40", "--schedule", "inverse", "--decay", "0.01"},
        Words{"--after-stop", "best"}}) {
    const auto words = [&](const std::string& out, const Words& kept) {
      Words all = {"train", data(), "--factors", "8", "--out", out, "--overwrite", "--json"};
      all.insert(all.end(), more.begin(), more.end());
      all.insert(all.end(), kept.begin(), kept.end());
      return all;
    };
    const Outcome whole = run_tusk(words(file("whole"), {}));
    ASSERT_EQ(whole.code, 0) << whole.err;
    std::filesystem::remove(file("c"));
    const Words checkpoint = {"--checkpoint", file("c"), "--every", "2"};
    int going_on = 0;
    for (const char* phase : {"\"phase\":\"select\"", "\"phase\":\"fit\""}) {
      if (whole.out.find(phase) == std::string::npos) continue;
      for (const int at : {5, 6, 13}) {
        RunOptions options;
        options.kill_at = fmt::format("{},\"epoch\":{},", phase, at);
        const Outcome killed = run_tusk(words(file("m"), checkpoint), options);
        EXPECT_EQ(killed.code, 128 + SIGKILL);
        const auto reports = killed.objects("epoch");
        if (!reports.empty() && reports.front()["epoch"] > 1) ++going_on;
      }
    }
    const Outcome last = run_tusk(words(file("m"), checkpoint));
    ASSERT_EQ(last.code, 0) << last.err;
    EXPECT_GT(going_on, 1);
    EXPECT_EQ(read_file(file("m")), read_file(file("whole")));
    EXPECT_EQ(last.objects("result").at(0)["validation_rmse"],
              whole.objects("result").at(0)["validation_rmse"]);
  }
}

TEST_F(CliCheckpointTest, AnInterruptedTrainingGoesOn) {
  RunOptions options;
  options.interrupt_at = "\"epoch\":31,";
  const Words checkpoint = {"--checkpoint", file("c"), "--every", "4"};
  EXPECT_EQ(run_tusk(train(file("part"), checkpoint), options).code, 130);
  ASSERT_EQ(run_tusk(train(file("m"), checkpoint)).code, 0);
  ASSERT_EQ(run_tusk(train(file("whole"))).code, 0);
  EXPECT_EQ(read_file(file("m")), read_file(file("whole")));
}

TEST_F(CliCheckpointTest, WrongUseIsRefusedByName) {
  const Words checkpoint = {"--checkpoint", file("c")};
  ASSERT_EQ(run_tusk(train(file("m"), checkpoint)).code, 0);
  const auto refused = [&](const Words& words, const char* why) {
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(why), std::string::npos) << run.err;
  };
  refused(train(file("m2"), {"--checkpoint", file("c"), "--burn-in", "7"}),
          "--burn-in was 50 and is 7");
  refused(train(file("m2"), {"--checkpoint", file("c"), "--seed", "4"}), "--seed was 1 and is 4");
  refused(train(file("m2"), {"--every", "3"}), "--every has no effect without --checkpoint");
  refused({"train", data(), "--optimizer", "adam", "--epochs", "3", "--checkpoint", file("adam")},
          "--checkpoint is for training by stochastic gradient descent");
  refused({"train", data(), "--model", "bias", "--checkpoint", file("c")},
          "--checkpoint is for mf and bayes");
  EXPECT_NE(run_tusk(train(file("m2"), {"--checkpoint", file("m")})).err.find("is no checkpoint"),
            std::string::npos);
}

}  // namespace
}  // namespace tusk::test
