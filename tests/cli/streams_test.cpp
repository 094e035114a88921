// Streams, progress, terminals and signals.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/cli/cli_test.hpp"
#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

class StreamsTest : public CliTest {};

TEST_F(StreamsTest, ResultsGoToStdoutAndTheRestToStderr) {
  const Outcome run =
      run_tusk({"train", data(), "--epochs", "3", "--factors", "4", "--out", file("m")});
  EXPECT_EQ(run.out.find("epoch 1"), std::string::npos);
  EXPECT_NE(run.out.find("saved " + file("m")), std::string::npos);
  EXPECT_EQ(run.err.find("saved"), std::string::npos);
  for (const char* epoch : {"epoch 1 of 3", "epoch 2 of 3", "epoch 3 of 3 (100%)"}) {
    EXPECT_NE(run.err.find(epoch), std::string::npos) << run.err;
  }
  EXPECT_EQ(run.err.find('\r'), std::string::npos);
  EXPECT_EQ(run.err.find('\x1b'), std::string::npos);
}

TEST_F(StreamsTest, QuietSaysNothingOnStderr) {
  const Outcome run = run_tusk({"train", data(), "--epochs", "3", "--factors", "4", "--quiet"});
  EXPECT_EQ(run.err, "");
  EXPECT_NE(run.out, "");
  const Outcome plain =
      run_tusk({"train", data(), "--epochs", "3", "--progress", "none", "--factors", "4"});
  EXPECT_EQ(plain.err.find("epoch 1"), std::string::npos);
}

TEST_F(StreamsTest, ATerminalGetsALineThatMoves) {
  if (!has_terminals()) GTEST_SKIP() << "no pseudo-terminals here";
  RunOptions options;
  options.terminal = true;
  const Outcome run = run_tusk({"train", data(), "--epochs", "200", "--factors", "4"}, options);
  EXPECT_NE(run.err.find("\r\x1b[Ktraining, epoch"), std::string::npos) << run.err;
  EXPECT_TRUE(run.err.find("left\r\x1b[K") != std::string::npos) << "the line goes in the end";
  const Outcome plain = run_tusk(
      {"train", data(), "--epochs", "20", "--factors", "4", "--progress", "plain"}, options);
  EXPECT_EQ(plain.err.find("\x1b[K"), std::string::npos);
}

TEST_F(StreamsTest, ColorsAreForTerminalsThatWantThem) {
  if (!has_terminals()) GTEST_SKIP() << "no pseudo-terminals here";
  RunOptions options;
  options.terminal = true;
  const auto red = [](const Outcome& run) { return run.err.find("\x1b[31m") != std::string::npos; };
  EXPECT_TRUE(red(run_tusk({"train", "/nowhere"}, options)));
  EXPECT_FALSE(red(run_tusk({"train", "/nowhere", "--no-color"}, options)));
  EXPECT_FALSE(red(run_tusk({"train", "/nowhere"})));
  options.environment = {{"NO_COLOR", "1"}};
  EXPECT_FALSE(red(run_tusk({"train", "/nowhere"}, options)));
}

TEST_F(StreamsTest, AnInterruptSavesWhatTrainingHadReached) {
  RunOptions options;
  options.interrupt_at = "epoch 20 ";
  const Outcome run =
      run_tusk({"train", data(), "--epochs", "100000", "--out", file("m"), "--json"}, options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_NE(run.err.find("interrupted"), std::string::npos);
  const Json info = run_tusk({"info", file("m"), "--json"}).objects().at(0);
  EXPECT_EQ(info["metadata"]["interrupted"], "true");
  EXPECT_GE(std::stoi(info["metadata"]["epochs"].get<std::string>()), 20);
  options.interrupt_at = "epoch 1,";
  const Outcome cv = run_tusk({"cv", data(), "--json", "--factors", "200"}, options);
  EXPECT_EQ(cv.code, 130);
  EXPECT_TRUE(cv.objects("result").empty());
}

TEST_F(StreamsTest, AnInterruptBeforeTheFirstEpochSavesNothing) {
  folder_.write("r.csv", "user,item,rating\n1,1,3\n1,1,4\n1,2,5\n2,1,4\n");
  const std::string precious = read_file(model());
  const auto old = folder_.write("m.safetensors", precious);
  RunOptions options;
  options.interrupt_at = "counts";  // of the note on the duplicate, before training
  const Outcome run = run_tusk({"train", file("r.csv"), "--epochs", "100000", "--factors", "4096",
                                "--progress", "none", "--out", old.string(), "--overwrite"},
                               options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_TRUE(read_file(old) == precious || run.err.find("had reached") != std::string::npos);
}

// What a shell does with a command line.
std::string shell(const std::string& command) {
  FILE* const output = popen(command.c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(output)) != EOF;) text += static_cast<char>(c);
  pclose(output);
  return text;
}

// Messages must not end in a file that has the number of a closed stream.
TEST_F(StreamsTest, ClosedStreamsDoNoHarm) {
  const std::string recommend = tusk_program() + " recommend " + model() + " --all --out ";
  ASSERT_EQ(shell(recommend + file("good.csv") + " --quiet >/dev/null; echo $?"), "0\n");
  for (const std::string closed : {"<&-", "2>&-", "<&- 2>&-", "1>&-", "<&- 1>&- 2>&-"}) {
    const bool no_stdout = closed.find("1>&-") != std::string::npos;
    const std::string out = file("r.csv");
    const std::string code = shell("( " + recommend + out + " --overwrite " +
                                   (no_stdout ? "" : ">/dev/null ") + closed + " ); echo $?");
    EXPECT_TRUE(code.ends_with(no_stdout ? "1\n" : "0\n")) << closed << code;
    EXPECT_EQ(read_file(out), read_file(file("good.csv"))) << closed;
  }
}

TEST_F(StreamsTest, AStateGetsNoMessagesFromClosedStreams) {
  const std::string tune = tusk_program() + " tune " + data() +
                           " --random 2 factors=2,3 --epochs 1 --folds 2 --state " + file("s");
  EXPECT_TRUE(shell("( " + tune + " --json 1>&- 2>/dev/null ); echo $?").ends_with("1\n"));
  EXPECT_TRUE(shell("( " + tune + " --json 2>&- >/dev/null ); echo $?").ends_with("0\n"));
  EXPECT_TRUE(shell("( " + tune + " 2>/dev/null >/dev/null ); echo $?").ends_with("0\n"));
}

// The model is whole, and the exit code says that the results on stdout are not.
TEST_F(StreamsTest, AReaderThatGoesAwayLeavesNoHalfResult) {
  const std::string train = tusk_program() + " train " + data() +
                            " --factors 4 --epochs 400 --json --quiet --out " + file("m") + " 2>" +
                            file("err");
  shell("( " + train + "; echo $? >" + file("code") + " ) | head -n 3");
  EXPECT_EQ(read_file(file("code")), "1\n");
  EXPECT_NE(read_file(file("err")).find("Broken pipe"), std::string::npos);
  const Outcome info = run_tusk({"info", file("m"), "--json"});
  ASSERT_EQ(info.code, 0) << info.err;
  EXPECT_EQ(info.objects().at(0)["metadata"]["epochs"], "400");
  // Without a file there is nothing to go on for.
  const std::string none =
      tusk_program() + " train " + data() + " --factors 4 --epochs 100000 --json --quiet";
  shell("( " + none + "; echo $? >" + file("code") + " ) | head -n 3");
  EXPECT_EQ(read_file(file("code")), std::to_string(128 + SIGPIPE) + "\n");
}

TEST_F(StreamsTest, StdoutThatCannotBeWrittenIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const std::string command = tusk_program() + " info " + model() + " >/dev/full 2>/dev/null";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace tusk::test
