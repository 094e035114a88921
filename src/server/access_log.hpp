// A line for each answer.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace tusk::server {

enum class LogFormat { none, text, json };

struct LogEntry {
  std::chrono::system_clock::time_point time;  // of the answer
  std::string address;                         // of the client
  std::string method;
  std::string target;  // as it came; tokens are in no target
  int status = 0;
  std::size_t bytes = 0;
  double seconds = 0;
  std::string problem;  // the type of a problem; else empty
};

// Without its end. Hidden characters are escaped: a line is one line, whatever was asked for.
std::string log_line(LogFormat format, const LogEntry& entry);

}  // namespace tusk::server
