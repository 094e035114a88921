// What a command leaves if a call of the system fails: each call on its files in turn, with each
// error, in a process of its own. tests/support/faulty_io.cpp makes the call fail.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;  // content by name

struct Fault {
  const char* call;
  int error;  // 0: it does half of what it is asked to
};

std::string text_of(const Fault& fault, int number) {
  return std::string(fault.call) + " number " + std::to_string(number) + " with " +
         (fault.error == 0 ? "a short count" : std::strerror(fault.error));
}

// What a program gets over.
bool is_harmless(const Fault& fault) { return fault.error == 0 || fault.error == EINTR; }

const std::vector<Fault> kWriteFaults = {
    {"write", EIO},       {"write", ENOSPC},  {"write", EINTR},   {"write", 0},
    {"fsync", EIO},       {"fsync", ENOSPC},  {"fsync", EINTR},   {"fdatasync", EIO},
    {"fdatasync", EINTR}, {"linkat", EIO},    {"linkat", ENOSPC}, {"fchmod", EPERM},
    {"close", EIO},       {"close", EINTR},   {"rename", EIO},    {"rename", ENOSPC},
    {"renameat2", EIO},   {"ftruncate", EIO}, {"open", EMFILE},   {"open", EACCES},
    {"flock", ENOLCK}};
const std::vector<Fault> kReadFaults = {{"read", EIO},    {"read", EINTR},  {"read", 0},
                                        {"pread", EIO},   {"pread", EINTR}, {"pread", 0},
                                        {"open", EMFILE}, {"open", EACCES}, {"mmap", ENOMEM}};

class FaultTest : public CliTest {
 protected:
  void SetUp() override {
    if (sanitized()) GTEST_SKIP() << "a sanitizer has to be the first library that is loaded";
    fs::create_directory(out_);
    std::ostringstream ratings;
    ratings << "user,item,rating\n";
    for (int user = 1; user <= 8; ++user) {
      for (int item = 1; item <= 6; ++item) {
        if ((user + item) % 4 != 0) {
          ratings << user << ',' << item << ',' << 1 + user * item % 5 << '\n';
        }
      }
    }
    folder_.write("ratings.csv", ratings.str());
  }

  Outcome run(Words words) const {
    words.insert(words.end(), {"--threads", "1", "--quiet"});
    return run_tusk(words);
  }

  // The outcome; nothing if there is no such call.
  std::optional<Outcome> run_with(const Fault& fault, int number, const std::string& path,
                                  Words words) const {
    words.insert(words.end(), {"--threads", "1", "--quiet"});
    const std::string mark = file("mark");
    fs::remove(mark);
    RunOptions options;
    options.environment = {{"LD_PRELOAD", faulty_io_library()},
                           {"FAULT_CALL", fault.call},
                           {"FAULT_NUMBER", std::to_string(number)},
                           {"FAULT_ERROR", std::to_string(fault.error)},
                           {"FAULT_PATH", path},
                           {"FAULT_MARK", mark}};
    const Outcome outcome = run_tusk(words, options);
    if (!fs::exists(mark)) return std::nullopt;
    return outcome;
  }

  Files files() const {
    Files content;
    for (const auto& entry : fs::directory_iterator(out_)) {
      content[entry.path().filename().string()] = read_file(entry.path());
    }
    return content;
  }

  void restore(const Files& before) const {
    fs::remove_all(out_);
    fs::create_directory(out_);
    for (const auto& [name, content] : before) {
      folder_.write("out/" + name, content);
    }
  }

  // Pages and models of a search hold times.
  static bool is_whole(const std::string& path, const std::string& content, const Files& after) {
    if (path.ends_with(".html")) return content.ends_with("</html>\n");
    if (!path.ends_with(".safetensors")) return content == after.at(fs::path(path).filename());
    try {
      load_model(path);
      return true;
    } catch (const FormatError&) {
      return false;
    }
  }

  // Lines are only ever added to a state, and those with an end are whole.
  static void expect_state_kept(const std::string& before, const std::string& now) {
    ASSERT_TRUE(now.starts_with(before)) << now.size() << " bytes of " << before.size();
    std::istringstream lines(now.substr(0, now.rfind('\n') + 1));
    for (std::string line; std::getline(lines, line);) EXPECT_TRUE(Json::accept(line)) << line;
  }

  // Runs the command with each fault at each call on the files in out/.
  void expect_no_harm(const Words& words, const Files& before) {
    restore(before);
    const Outcome reference = run(words);
    ASSERT_EQ(reference.code, 0) << reference.err;
    const Files after = files();
    int tries = 0;
    for (const Fault& fault : kWriteFaults) {
      for (int number = 1;; ++number) {
        restore(before);
        const auto outcome = run_with(fault, number, "/out/", words);
        if (!outcome) break;
        ++tries;
        SCOPED_TRACE(text_of(fault, number));
        expect_all_or_nothing(*outcome, before, after);
        if (is_harmless(fault)) {
          EXPECT_EQ(outcome->code, 0) << outcome->err;
        }
        if (outcome->code == 0) {
          EXPECT_EQ(lines(outcome->out), lines(reference.out));
        }
        ASSERT_LT(number, 200);
      }
    }
    EXPECT_GT(tries, 5) << "the library was not loaded";
  }

  void expect_all_or_nothing(const Outcome& outcome, const Files& before, const Files& after) {
    EXPECT_LT(outcome.code, 7) << "died";
    if (outcome.code != 0) {
      EXPECT_NE(outcome.err.find("error: "), std::string::npos) << outcome.err;
    }
    const Files now = files();
    std::set<bool> replaced;
    for (const auto& [name, content] : now) {
      ASSERT_TRUE(after.contains(name)) << "left behind: " << name;
      const auto old = before.find(name);
      if (name.ends_with(".jsonl")) {
        expect_state_kept(old == before.end() ? "" : old->second, content);
        continue;
      }
      const bool is_old = old != before.end() && old->second == content;
      replaced.insert(!is_old);
      EXPECT_TRUE(is_old || is_whole((out_ / name).string(), content, after)) << "torn: " << name;
    }
    for (const auto& [name, content] : before) EXPECT_TRUE(now.contains(name)) << "lost: " << name;
    if (outcome.code == 0) {
      EXPECT_EQ(now.size(), after.size());
      EXPECT_FALSE(replaced.contains(false)) << "exit code 0, and a file is the old one";
    }
    // A failure between two renames is the only one that may leave some of the files replaced.
    const bool renaming = outcome.err.find("(written: ") != std::string::npos ||
                          outcome.err.find("cannot be synced") != std::string::npos;
    EXPECT_TRUE(replaced.size() <= 1 || renaming) << outcome.err;
  }

  static std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  std::string out(const std::string& name) const { return (out_ / name).string(); }

  // A model to be replaced.
  std::string old_model() const {
    const std::string path = file("old.safetensors");
    EXPECT_EQ(run({"train", file("ratings.csv"), "--model", "mean", "--out", path}).code, 0);
    return read_file(path);
  }

  const fs::path out_ = folder_.path() / "out";
};

TEST_F(FaultTest, Train) {
  expect_no_harm({"train", file("ratings.csv"), "--model", "bias", "--out", out("m.safetensors"),
                  "--report", out("r.html"), "--overwrite"},
                 {{"m.safetensors", old_model()}, {"r.html", "old"}});
}

TEST_F(FaultTest, TrainOfNewFiles) {
  expect_no_harm({"train", file("ratings.csv"), "--model", "bias", "--out", out("m.safetensors"),
                  "--report", out("r.html")},
                 {});
}

TEST_F(FaultTest, Recommend) {
  const std::string model = file("m.safetensors");
  ASSERT_EQ(run({"train", file("ratings.csv"), "--model", "bias", "--out", model}).code, 0);
  expect_no_harm({"recommend", model, "--all", "--out", out("r.csv"), "--overwrite"},
                 {{"r.csv", "old"}});
}

TEST_F(FaultTest, Tune) {
  const Words search = {"tune",       file("ratings.csv"), "--random", "4",       "factors=2,3",
                        "epochs=1,2", "--folds",           "2",        "--state", out("s.jsonl")};
  Words begun = search;
  begun[3] = "2";
  ASSERT_EQ(run(begun).code, 0);
  Words words = search;
  words.insert(words.end(), {"--csv", out("t.csv"), "--report", out("r.html"), "--out",
                             out("m.safetensors"), "--config-out", out("c.toml"), "--overwrite"});
  expect_no_harm(words, {{"s.jsonl", read_file(out("s.jsonl"))},
                         {"t.csv", "old"},
                         {"r.html", "old"},
                         {"m.safetensors", old_model()},
                         {"c.toml", "old"}});
}

TEST_F(FaultTest, TuneWithATornState) {
  const Words search = {"tune", file("ratings.csv"), "--grid", "factors=2", "--epochs",
                        "1",    "--folds",           "2",      "--state",   out("s.jsonl")};
  ASSERT_EQ(run(search).code, 0);
  const std::string whole = read_file(out("s.jsonl"));
  for (const Fault& fault : {Fault{"ftruncate", EIO}, {"read", EIO}, {"read", EINTR}}) {
    SCOPED_TRACE(text_of(fault, 1));
    restore({{"s.jsonl", whole + "{\"part\":0"}});
    const auto outcome = run_with(fault, 1, "s.jsonl", search);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->code, is_harmless(fault) ? 0 : 1) << outcome->err;
    expect_state_kept(whole, read_file(out("s.jsonl")));
  }
}

// A failure to sync a folder is told, and nothing is torn.
TEST_F(FaultTest, AFolderThatCannotBeSynced) {
  const auto outcome =
      run_with({"fsync", EIO}, 1, "/out\n",
               {"train", file("ratings.csv"), "--model", "bias", "--out", out("m.safetensors")});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->code, 1);
  EXPECT_NE(outcome->err.find("cannot be synced"), std::string::npos) << outcome->err;
  EXPECT_NO_THROW(load_model(out("m.safetensors")));
}

TEST_F(FaultTest, Inputs) {
  const std::string model = file("m.safetensors");
  const std::string ratings = file("ratings.csv");
  ASSERT_EQ(run({"train", ratings, "--model", "bias", "--out", model}).code, 0);
  const std::string state = file("s.jsonl");
  const Words search = {"tune", ratings,   "--grid", "factors=2", "--epochs",
                        "1",    "--folds", "2",      "--state",   state};
  ASSERT_EQ(run(search).code, 0);
  const std::string state_before = read_file(state);
  struct Reading {
    std::string path;
    Words words;
  };
  int tries = 0;
  for (const auto& [path, words] :
       {Reading{model, {"evaluate", model, ratings, "--ratings", "all"}},
        Reading{ratings, {"train", ratings, "--model", "bias"}}, Reading{state, search}}) {
    const Outcome reference = run(words);
    ASSERT_EQ(reference.code, 0) << reference.err;
    for (const Fault& fault : kReadFaults) {
      for (int number = 1;; ++number) {
        const auto outcome = run_with(fault, number, path, words);
        if (!outcome) break;
        ++tries;
        SCOPED_TRACE(path + ": " + text_of(fault, number));
        EXPECT_EQ(outcome->code == 0, is_harmless(fault)) << outcome->code << outcome->err;
        if (outcome->code != 0) {
          EXPECT_NE(outcome->err.find("error: "), std::string::npos) << outcome->err;
          EXPECT_NE(outcome->err.find(path), std::string::npos) << outcome->err;
        }
        EXPECT_EQ(read_file(state), state_before);
        ASSERT_LT(number, 200);
      }
    }
  }
  EXPECT_GT(tries, 20);
}

}  // namespace
}  // namespace tusk::test
