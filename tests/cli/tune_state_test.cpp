// What is left of a tusk tune that ends before its time.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/tune_fixture.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

// Killed wherever it is, the same command makes the table that it would have made.
TEST_F(TuneTest, GoesOnAfterKill9) {
  Words words = {"--random",     "60",    "factors=2..40", "learning-rate=0.005..20:log",
                 "--threads",    "2",     "--folds",       "3",
                 "--early-stop", "3",     "--csv",         "{}",
                 "--overwrite",  "--json"};
  const auto with_csv = [&](const std::string& name) {
    Words all = words;
    std::replace(all.begin(), all.end(), std::string("{}"), file(name));
    return all;
  };
  ASSERT_EQ(tune(with_csv("whole.csv")).code, 0);
  Words resumed = with_csv("resumed.csv");
  resumed.insert(resumed.end(), {"--state", file("state.jsonl")});
  int kills = 0;
  for (const char* at : {"\"trial\":3,", "\"trial\":20,", "\"trial\":41,"}) {
    RunOptions options;
    options.kill_at = at;
    const Outcome run = tune(resumed, options);
    kills += run.code == 128 + 9 ? 1 : 0;
  }
  EXPECT_GE(kills, 1) << "it was always faster";
  // A line that was being written, and what a power failure may leave of one.
  for (const std::string& torn :
       {std::string(R"({"part":0,"seconds":1,"tri)"), std::string("\0\0\n", 3)}) {
    std::ofstream(file("state.jsonl"), std::ios::app) << torn;
    ASSERT_EQ(tune(resumed).code, 0) << torn;
    EXPECT_EQ(read_file(file("resumed.csv")), read_file(file("whole.csv")));
  }
  const Outcome last = tune(resumed);
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(last.objects("trial").size(), 60u);
  EXPECT_GT(last.objects("result").at(0)["diverged"], 0) << "such trials are known, too";
  EXPECT_EQ(read_file(file("resumed.csv")), read_file(file("whole.csv")));
  // And once more, with nothing left to do.
  ASSERT_EQ(tune(resumed).code, 0);
  EXPECT_EQ(read_file(file("resumed.csv")), read_file(file("whole.csv")));
}

TEST_F(TuneTest, AStateIsOfOneSearch) {
  const std::string state = file("s.jsonl");
  const Words search = {"--random", "3", "factors=2..9", "--epochs", "2", "--state", state};
  ASSERT_EQ(tune(search).code, 0);
  const auto differs = [&](const Words& words, const std::string& what) {
    Words all = search;
    for (std::size_t w = 0; w < words.size(); w += 2) {
      const auto at = std::find(all.begin(), all.end(), words[w]);
      if (at != all.end()) {
        *(at + 1) = words[w + 1];
      } else {
        all.insert(all.end(), {words[w], words[w + 1]});
      }
    }
    const Outcome run = tune(all);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find("is of another search: " + what), std::string::npos) << run.err;
  };
  differs({"--seed", "2"}, "folds");
  differs({"--folds", "3"}, "folds");
  differs({"--metric", "mae"}, "metric");
  differs({"--epochs", "3"}, "options");
  differs({"--scale", "0:9"}, "scale");
  // More trials of a random search are the same search.
  Words more = search;
  more[1] = "5";
  more.push_back("--json");
  const Outcome run = tune(more);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("trial").size(), 5u);
}

// Folds by time are others where times are, though the ratings are the same.
TEST_F(TuneTest, AStateIsOfOneDivision) {
  std::string early = "userId,movieId,rating,timestamp\n";
  std::string late = early;
  for (int user = 1; user <= 20; ++user) {
    for (int item = 1; item <= 6; ++item) {
      const std::string row = std::to_string(user) + ',' + std::to_string(item) + ',' +
                              std::to_string(1 + (user * item) % 5) + ',';
      early += row + std::to_string(item) + '\n';
      late += row + std::to_string(100 - item) + '\n';
    }
  }
  const auto search = [&](const std::string& data) {
    return run_tusk({"tune", folder_.write("times.csv", data).string(), "--grid", "factors=2,3",
                     "--epochs", "2", "--folds", "time", "--state", file("s.jsonl"), "--quiet"});
  };
  ASSERT_EQ(search(early).code, 0);
  ASSERT_EQ(search(early).code, 0);
  const Outcome other = search(late);
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("is of another search: division"), std::string::npos) << other.err;
}

TEST_F(TuneTest, AnAlteredDigitOfAStateIsRefused) {
  const Words search = {"--random", "3",       "factors=2..9", "--epochs",
                        "2",        "--state", file("s.jsonl")};
  ASSERT_EQ(tune(search).code, 0);
  const std::string good = read_file(file("s.jsonl"));
  ASSERT_EQ(tune(search).code, 0);
  EXPECT_EQ(read_file(file("s.jsonl")), good);
  // A digit of the first trial's error, of the last trial's, and of the search's description.
  for (const std::size_t near :
       {good.find("\"squared\":"), good.rfind("\"squared\":"), good.find("\"seed\":")}) {
    std::string bad = good;
    char& digit = bad[bad.find_first_of("0123456789", near)];
    digit = digit == '5' ? '6' : '5';
    folder_.write("s.jsonl", bad);
    const Outcome run = tune(search);
    EXPECT_EQ(run.code, 3) << run.err;
    EXPECT_NE(run.err.find("altered or damaged"), std::string::npos) << run.err;
    EXPECT_EQ(read_file(file("s.jsonl")), bad) << "it was changed";
  }
}

TEST_F(TuneTest, AStateOfAnotherVersionIsRefused) {
  const std::string text = "{\"tusk_search\":1,\"search\":{}}\n";
  const auto path = folder_.write("s.jsonl", text);
  const Outcome run = tune({"--grid", "factors=2", "--epochs", "1", "--state", path.string()});
  EXPECT_EQ(run.code, 2) << run.err;
  EXPECT_NE(run.err.find("by another version of tusk"), std::string::npos) << run.err;
  EXPECT_EQ(read_file(path.string()), text);
}

TEST_F(TuneTest, AStateThatIsNoneIsLeftAsItIs) {
  for (const std::string text : {"user,item,rating\n1,2,3\n", "{\"tusk_search\":2}\nx\ny\n", "x"}) {
    const auto path = folder_.write("none.jsonl", text);
    const Outcome run = tune({"--grid", "factors=2", "--epochs", "1", "--state", path.string()});
    EXPECT_EQ(run.code, 3) << run.err;
    EXPECT_EQ(read_file(path.string()), text);
  }
  EXPECT_EQ(tune({"--grid", "factors=2", "--state", file("no/such/folder")}).code, 1);
}

// On a slow machine the first budgets may be used up before a trial has ended.
TEST_F(TuneTest, ABudgetEndsTheSearch) {
  Outcome run;
  double budget = 0.5;
  for (; budget < 1000; budget *= 2) {  // a sanitizer takes long before the first
    run = tune({"--random", "20000", "learning-rate=0.001..0.02", "--folds", "2", "--json",
                "--budget", std::to_string(budget)});
    if (run.code == 0) break;
    ASSERT_EQ(run.code, 2) << run.err;
    ASSERT_NE(run.err.find("the budget is used up"), std::string::npos) << run.err;
  }
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  EXPECT_EQ(result["out_of_time"], true);
  EXPECT_GT(result["trials"], 0);
  EXPECT_LT(result["trials"], 20000);
}

TEST_F(TuneTest, ABudgetMustBeEnoughForATrial) {
  expect_refused({"--budget", "0"}, "--budget");
  expect_refused({"--budget", "0.0000001", "--grid", "factors=4"}, "the budget is used up");
}

TEST_F(TuneTest, AnInterruptKeepsWhatIsKnown) {
  RunOptions options;
  options.interrupt_at = "\"trial\":";
  Words words = {"--random",
                 "20000",
                 "learning-rate=0.001..0.02",
                 "--folds",
                 "2",
                 "--json",
                 "--state",
                 file("i.jsonl"),
                 "--csv",
                 file("i.csv")};
  const Outcome run = tune(words, options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_NE(run.err.find("the same command goes on from here"), std::string::npos) << run.err;
  const auto known = run.objects("trial");
  ASSERT_FALSE(known.empty());
  words.insert(words.end(), {"--budget", "0.001"});
  const Outcome again = tune(words);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.objects("trial"), known);
  EXPECT_EQ(again.objects("result").at(0)["out_of_time"], true);
}

// A search is not lost with what was to be made of it.
TEST_F(TuneTest, ASearchIsShownBeforeItsModelIsSaved) {
  std::filesystem::create_directory(file("gone"));
  // The state is there once the places of results have been checked.
  std::thread vandal([&] {
    while (read_file(file("state")).empty()) std::this_thread::yield();
    std::filesystem::remove_all(file("gone"));
  });
  const Outcome run = tune({"--grid", "factors=4,8", "--epochs", "1000", "--state", file("state"),
                            "--csv", file("kept.csv"), "--out", file("gone/m.safetensors")});
  vandal.join();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_NE(run.out.find("selection score"), std::string::npos) << run.out;
  EXPECT_FALSE(std::filesystem::exists(file("kept.csv"))) << "files are saved together";
}

// Without --overwrite a file that appears while the search runs is kept, and the result, too.
TEST_F(TuneTest, AFileThatAppearsMeanwhileIsKept) {
  std::thread other([&] {
    while (read_file(file("state")).empty()) std::this_thread::yield();
    folder_.write("trials.csv", "precious");
  });
  const Outcome run = tune({"--grid", "factors=4,8", "--epochs", "1000", "--state", file("state"),
                            "--csv", file("trials.csv")});
  other.join();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_EQ(read_file(file("trials.csv")), "precious");
  const auto names = folder_.names();
  ASSERT_EQ(names.size(), 3u);
  EXPECT_NE(run.err.find(names[2]), std::string::npos) << run.err;
  EXPECT_TRUE(read_file(file(names[2])).starts_with("rank,trial,")) << names[2];
}

}  // namespace
}  // namespace tusk::test
