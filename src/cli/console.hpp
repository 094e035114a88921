// Where output goes: results to stdout, as text or as one JSON object a line; everything else to
// stderr.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include <tusk/json.hpp>

namespace tusk::cli {

struct OutputOptions {
  bool json = false;
  bool quiet = false;
  bool no_color = false;
  std::string progress = "auto";  // auto | plain | none
};

class Console {
 public:
  // `command` is what the user typed, as a shell would take it.
  explicit Console(const OutputOptions& options, std::string command = {});

  const std::string& command() const { return command_; }

  // Since the command began.
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  bool json() const { return options_.json; }

  // A line of a result, unless results are JSON. What is not printable is escaped: titles and ids
  // come from files that anybody may have written.
  template <class... Arguments>
  void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) const {
    if (!json()) print_line(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  // A result as JSON, if results are JSON.
  void event(const Json& object) const;

  // What the user may like to know; not with --quiet.
  void note(std::string_view message) const;
  // What the user should know.
  void warn(std::string_view message) const;
  void error(std::string_view message) const;

  enum class Progress { none, plain, line };
  Progress progress() const { return progress_; }
  // Replaces the progress line on a terminal. It stays away from other messages.
  void progress_line(std::string_view text);
  void end_progress_line();
  // A line of progress where there is no terminal.
  void progress_plain(std::string_view text) const;

  // Of several processes that do one job the first speaks; another says only what went wrong with
  // it alone.
  static void speak_as(int rank, int size);

  // Throws Error if stdout could not be written.
  void finish();

 private:
  void print_line(std::string_view text) const;
  void write_line(std::string_view text) const;
  void check_stdout() const;
  void message(std::string_view label, const char* color, std::string_view text) const;

  using Clock = std::chrono::steady_clock;

  OutputOptions options_;
  Clock::time_point start_ = Clock::now();
  std::string command_;
  Progress progress_ = Progress::none;
  bool color_ = false;
  mutable bool line_open_ = false;
  mutable int stdout_error_ = 0;  // errno of the first write to stdout that failed
};

}  // namespace tusk::cli
