// Every exception that Tusk throws. The library never prints, exits or aborts.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tusk {

// The base of all of them. what() says what went wrong, where, and what to do next.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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
  // `option` is the option that sets the rate.
  DivergedError(int epoch, const std::string& option, float rate);

  int epoch() const { return epoch_; }

 private:
  int epoch_;
};

}  // namespace tusk
