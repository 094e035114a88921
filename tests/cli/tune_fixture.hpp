// What tests of tusk tune have in common.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class TuneTest : public CliTest {
 protected:
  Outcome tune(Words words, const RunOptions& options = {}) const {
    words.insert(words.begin(), {"tune", data(), "--quiet"});
    return run_tusk(words, options);
  }

  void expect_refused(const Words& words, const std::string& message) const {
    const Outcome run = tune(words);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
    EXPECT_EQ(run.out, "");
  }

  // A grid of six, three of which are one training.
  const Words grid_ = {"--grid", "factors=4,8", "--grid", "epochs=2,4,6", "--folds", "3"};
};

}  // namespace tusk::test
