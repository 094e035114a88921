// Running the tusk program.
#pragma once

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tusk::test {

using Json = nlohmann::json;

struct Outcome {
  int code = -1;  // exit code, or 128 + the signal that ended it
  std::string out;
  std::string err;

  // The objects that stdout holds, one a line.
  std::vector<Json> objects() const;
  // Those with this "event".
  std::vector<Json> objects(const std::string& event) const;
};

struct RunOptions {
  std::map<std::string, std::string> environment = {};
  // Sends `signal` when stdout or stderr first holds this text; "" sends none.
  std::string interrupt_at = {};
  int signal = SIGINT;
  int times = 1;  // one right after the other
  // Sends SIGKILL when stdout first holds this text; "" sends none.
  std::string kill_at = {};
  // The file that is its standard input.
  std::string input = "/dev/null";
  // Gives the program a terminal for stderr.
  bool terminal = false;
};

// Whether this machine has pseudo-terminals; some containers have none.
bool has_terminals();

// Runs the program of this build.
Outcome run_tusk(const std::vector<std::string>& arguments, const RunOptions& options = {});

}  // namespace tusk::test
