// Ctrl-C and the other requests to end, in every phase of the commands. Phases are told by what the
// program says when they begin.
#include <csignal>

#include <fmt/format.h>

#include <tusk/synthetic.hpp>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class InterruptTest : public CliTest {
 protected:
  // As large as MovieLens 100K, with a row that comes twice: a note says so when all is read.
  static const std::string& twin() {
    static const TempFolder folder;
    static const std::string path = [] {
      write_synthetic(synthetic_spec("ml-100k"), 1, folder.path());
      const std::string text = read_file(folder.path() / "ratings.csv");
      const std::size_t row = text.find('\n') + 1;
      folder.write("ratings.csv", text + text.substr(row, text.find('\n', row) + 1 - row));
      return folder.path().string();
    }();
    return path;
  }
  static constexpr const char* kRead = "the same user rated in another row";

  static const std::string& knn_model() {
    static const TempFolder folder;
    static const std::string path = [] {
      const std::string out = (folder.path() / "knn.safetensors").string();
      run_tusk({"train", twin(), "--model", "item-knn", "--out", out});
      return out;
    }();
    return path;
  }

  // Runs the program, which must end with 130 and show no result.
  static Outcome expect_interrupted(const std::vector<std::string>& arguments,
                                    const std::string& at, int signal = SIGINT) {
    RunOptions options;
    options.interrupt_at = at;
    options.signal = signal;
    Outcome run = run_tusk(arguments, options);
    EXPECT_EQ(run.code, 130) << run.out << run.err;
    EXPECT_NE(run.err.find("interrupted"), std::string::npos) << run.err;
    EXPECT_EQ(run.out.find("\"result\""), std::string::npos) << run.out;
    return run;
  }
};

TEST_F(InterruptTest, EndsWhateverIsGoingOn) {
  expect_interrupted({"train", twin(), "--model", "user-knn", "--split", "random:0.1", "--json"},
                     kRead);
  expect_interrupted(
      {"train", twin(), "--model", "item-knn", "--neighbour-policy", "table", "--json"},
      "\"done\"");
  expect_interrupted({"cv", twin(), "--model", "item-knn", "--json"}, kRead);
  expect_interrupted({"cv", twin(), "--factors", "64", "--json"}, "\"epoch\":2,");
  expect_interrupted({"compare", twin(), "--models", "mean,item-knn", "--json"}, "item-knn:");
  expect_interrupted({"tune", twin(), "--json"}, kRead);
  expect_interrupted({"evaluate", knn_model(), twin(), "--ratings", "all", "--json"}, kRead);
}

TEST_F(InterruptTest, EndsReading) {
  if (!has_terminals()) GTEST_SKIP() << "no pseudo-terminals here";
  std::string text;
  for (int row = 0; row < 1'000'000; ++row) {
    text += fmt::format("\"u{}\",\"i{}\",3\n", row / 100, row % 100);
  }
  const auto ratings = folder_.write("ratings.csv", text).string();
  RunOptions options;
  options.terminal = true;
  options.interrupt_at = "reading, ";
  const Outcome run = run_tusk({"data", "stats", ratings}, options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_EQ(run.out, "");
}

TEST_F(InterruptTest, EndsRecommendingAndLeavesNoFile) {
  const auto candidates = folder_.write("candidates.txt", "none\n1\n2\n3\n4\n5\n6\n7\n").string();
  const std::vector<std::string> recommend = {"recommend", knn_model(),    "--all", "--candidates",
                                              candidates,  "--on-unknown", "skip"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), recommend.begin(), recommend.end());
    return more;
  };
  const Outcome run = expect_interrupted(with({"--json"}), "skipped");
  EXPECT_EQ(run.out, "");
  expect_interrupted(with({"--out", file("lists.csv")}), "skipped");
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"candidates.txt"});
}

TEST_F(InterruptTest, EverySignalSavesWhatTrainingHadReached) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    RunOptions options;
    options.interrupt_at = "epoch 20 ";
    options.signal = signal;
    options.times = 3;  // a shell and the system both say that a terminal is closed
    const std::string out = file(std::to_string(signal));
    const Outcome run = run_tusk(
        {"train", data(), "--split", "random:0.1", "--epochs", "100000", "--out", out}, options);
    EXPECT_EQ(run.code, 130) << run.err;
    EXPECT_EQ(run.out.find("test part"), std::string::npos) << "it is not measured";
    const Json metadata = run_tusk({"info", out, "--json"}).objects().at(0)["metadata"];
    EXPECT_EQ(metadata["interrupted"], "true");
    EXPECT_FALSE(metadata.contains("test_rmse"));
  }
}

TEST_F(InterruptTest, AModelThatIsBeingMeasuredIsSaved) {
  RunOptions options;
  options.interrupt_at = kRead;
  const Outcome run = run_tusk({"train", twin(), "--model", "item-knn", "--split", "random:0.1",
                                "--out", file("m"), "--json"},
                               options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_NE(run.err.find("not measured"), std::string::npos) << run.err;
  const Json result = run.objects("result").at(0);
  EXPECT_EQ(result["interrupted"], true);
  EXPECT_TRUE(result["rmse"].is_null());
  EXPECT_TRUE(result["ranking"].is_null());
  const Json metadata = run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  EXPECT_FALSE(metadata.contains("test_rmse"));
  EXPECT_FALSE(metadata.contains("interrupted")) << "training had ended";
}

}  // namespace
}  // namespace tusk::test
