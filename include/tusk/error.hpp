// Every exception that Tusk throws. The library never prints, exits or aborts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tusk {

// How the name of an option is written where a message is shown: "--columns" for "columns".
using NameWriter = std::function<std::string(std::string_view name)>;

inline std::string plain_name(std::string_view name) { return std::string(name); }

// An option's name as a part of a message, which is written out where the message is shown.
inline std::string option_name(std::string_view name) {
  return '\x01' + std::string(name) + '\x02';
}

// A message with the options in it written out.
inline std::string with_option_names(std::string_view message, const NameWriter& written) {
  std::string text;
  while (true) {
    const auto open = std::min(message.find('\x01'), message.size());
    text += message.substr(0, open);
    if (open == message.size()) return text;
    message.remove_prefix(open + 1);
    const auto close = std::min(message.find('\x02'), message.size());
    text += written(message.substr(0, close));
    message.remove_prefix(std::min(close + 1, message.size()));
  }
}

// The base of all of them. what() says what went wrong, where, and what to do next, with the plain
// names of options.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message)
      : std::runtime_error(with_option_names(message, plain_name)), message_(message) {}

  // what() with the names of options as they are written where it is shown.
  std::string what_with(const NameWriter& written) const {
    return with_option_names(message_, written);
  }

 private:
  std::string message_;
};

// A call or a command line that asks for something that makes no sense.
class UsageError : public Error {
 public:
  using Error::Error;
};

// Where in a text file something was found; line and column count from 1, 0 means "not known".
struct TextPosition {
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;
};

// Input data that cannot be used: what() is "file:line:column: found ..., expected ...".
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(message) {}
  InputError(TextPosition where, std::string found, std::string expected);

  const TextPosition& where() const { return where_; }
  const std::string& found() const { return found_; }
  const std::string& expected() const { return expected_; }

 private:
  TextPosition where_;
  std::string found_;
  std::string expected_;
};

// A model file that is damaged, hostile, or of a kind that this version cannot read.
class FormatError : public Error {
 public:
  using Error::Error;
};

// A device that was asked for and cannot be had, or that failed.
class DeviceError : public Error {
 public:
  using Error::Error;
};

// Work that was asked to stop, by a `should_stop`, and that has nothing to show for what was done.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
};

// Training whose error grew without bound. Names the parameter to lower.
class DivergedError : public Error {
 public:
  // `option` sets the rate.
  DivergedError(int epoch, const std::string& option, float rate);

  int epoch() const { return epoch_; }

 private:
  int epoch_;
};

}  // namespace tusk
