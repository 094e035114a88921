#include "cli/console.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <unistd.h>

#include <tusk/error.hpp>

#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// See Console::speak_as().
int own_rank = 0;
int ranks = 1;

constexpr const char* kRed = "\x1b[31m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kPlain = "\x1b[0m";
constexpr const char* kClearLine = "\r\x1b[K";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A stderr that cannot be written is no reason to stop.
void say(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

Console::Console(const OutputOptions& options, std::string command)
    : options_(options), command_(std::move(command)) {
  const bool terminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
  color_ = terminal && !options.no_color && environment("NO_COLOR").empty();
  if (!options.quiet && options.progress != "none") {
    progress_ = terminal && options.progress == "auto" ? Progress::line : Progress::plain;
  }
}

void Console::print_line(std::string_view text) const { write_line(printable(text)); }

void Console::speak_as(int rank, int size) {
  own_rank = rank;
  ranks = size;
}

void Console::write_line(std::string_view text) const {
  if (own_rank > 0) return;
  if (line_open_) {
    std::fputs(kClearLine, stderr);
    line_open_ = false;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  check_stdout();
}

// errno is that of the write that failed only until the next call.
void Console::check_stdout() const {
  if (stdout_error_ == 0 && std::ferror(stdout) != 0) stdout_error_ = errno;
}

void Console::event(const Json& object) const {
  if (json()) {
    write_line(json_line(object));
    std::fflush(stdout);
    check_stdout();
  }
}

void Console::message(std::string_view label, const char* color, std::string_view text) const {
  if (own_rank > 0 && color != kRed) return;
  std::fflush(stdout);
  check_stdout();
  if (line_open_) std::fputs(kClearLine, stderr);
  line_open_ = false;
  const bool colored = color_ && color != nullptr;
  say(fmt::format("{}{}{}{}\n", colored ? color : "", label, colored ? kPlain : "",
                  printable(with_option_names(text, with_dashes))));
}

void Console::note(std::string_view text) const {
  if (!options_.quiet) message("", nullptr, text);
}

void Console::warn(std::string_view text) const { message("warning: ", kYellow, text); }

void Console::error(std::string_view text) const {
  if (own_rank == 0) return message("error: ", kRed, text);
  // What went wrong with all of them the first says, and ends the others.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  message("error: ", kRed, fmt::format("process {} of {}: {}", own_rank + 1, ranks, text));
}

void Console::progress_line(std::string_view text) {
  if (own_rank > 0) return;
  say(fmt::format("{}{}", kClearLine, text));
  line_open_ = true;
}

void Console::end_progress_line() {
  if (!line_open_) return;
  std::fputs(kClearLine, stderr);
  line_open_ = false;
}

void Console::progress_plain(std::string_view text) const {
  if (own_rank == 0) say(fmt::format("{}\n", text));
}

void Console::finish() {
  end_progress_line();
  std::fflush(stdout);
  check_stdout();
  if (stdout_error_ != 0) {
    throw Error(
        fmt::format("stdout cannot be written: {}; results are missing there, but files "
                    "that the command writes are whole",
                    std::strerror(stdout_error_)));
  }
}

}  // namespace tusk::cli
