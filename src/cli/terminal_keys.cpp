#include "cli/terminal_keys.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <termios.h>
#include <unistd.h>

#include <tusk/error.hpp>

namespace tusk::cli {
namespace {

constexpr char kEscape = 27;
constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;

// One byte: 1, none in time: 0, the end or an error: -1.
int read_byte(char& byte) {
  const auto count = ::read(STDIN_FILENO, &byte, 1);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return count < 0 ? -1 : static_cast<int>(count);
}

// What comes behind an Escape: an arrow, or nothing if it was the key itself.
KeyPress escape_sequence() {
  char bracket = 0;
  char letter = 0;
  if (read_byte(bracket) < 1) return {Key::leave};
  if ((bracket != '[' && bracket != 'O') || read_byte(letter) < 1) return {};
  switch (letter) {
    case 'A':
      return {Key::up};
    case 'B':
      return {Key::down};
    case 'C':
      return {Key::right};
    case 'D':
      return {Key::left};
    default:
      return {};
  }
}

}  // namespace

struct TerminalKeys::Settings {
  termios terminal{};
};

TerminalKeys::TerminalKeys() : before_(std::make_unique<Settings>()) {
  if (tcgetattr(STDIN_FILENO, &before_->terminal) != 0) {
    throw Error(std::string("standard input is no terminal: ") + std::strerror(errno));
  }
  termios keys = before_->terminal;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  keys.c_cc[VMIN] = 0;
  keys.c_cc[VTIME] = 1;  // tenths of a second
  tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

TerminalKeys::~TerminalKeys() { tcsetattr(STDIN_FILENO, TCSANOW, &before_->terminal); }

KeyPress TerminalKeys::next() {
  char byte = 0;
  const int count = read_byte(byte);
  if (count == 0) return {};
  if (count < 0) return {Key::leave};
  switch (byte) {
    case kEscape:
      return escape_sequence();
    case kCtrlC:
    case kCtrlD:
    case 'q':
      return {Key::leave};
    case '\n':
    case '\r':
      return {Key::enter};
    default:
      return {Key::character, byte};
  }
}

}  // namespace tusk::cli
