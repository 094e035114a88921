// Single keys from a terminal.
#pragma once

#include <memory>

namespace tusk::cli {

enum class Key { none, up, down, left, right, enter, leave, character };

struct KeyPress {
  Key key = Key::none;
  char character = 0;  // of Key::character
};

// While it is there, keys of standard input come one by one and are not echoed.
class TerminalKeys {
 public:
  // Throws Error if standard input is no terminal.
  TerminalKeys();
  ~TerminalKeys();
  TerminalKeys(const TerminalKeys&) = delete;
  TerminalKeys& operator=(const TerminalKeys&) = delete;

  // The next key; Key::none if none comes within a tenth of a second; Key::leave for q, Escape,
  // Ctrl-C, Ctrl-D and at the end of the input.
  KeyPress next();

 private:
  struct Settings;
  std::unique_ptr<Settings> before_;
};

}  // namespace tusk::cli
