#include "cli/terminal_keys.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <tusk/error.hpp>

namespace tusk::cli {
namespace {

constexpr char kEscape = 27;
constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;

enum class Input { byte, none, ended };

// The next byte, or none within a tenth of a second.
Input read_byte(char& byte) {
  constexpr int kTenth = 100;  // milliseconds
  pollfd terminal{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&terminal, 1, kTenth);
  if (ready == 0 || (ready < 0 && errno == EINTR)) return Input::none;
  const auto count = ready < 0 ? -1 : ::read(STDIN_FILENO, &byte, 1);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Input::none;
  return count == 1 ? Input::byte : Input::ended;
}

// What comes behind an Escape: an arrow, another key that counts for nothing, or nothing at all if
// it was the key itself. A sequence is read to its last byte: "[C" is an arrow, "[15~" is F5.
KeyPress escape_sequence() {
  char byte = 0;
  if (read_byte(byte) != Input::byte) return {Key::leave};
  if (byte != '[' && byte != 'O') return {};
  std::string sequence;
  constexpr std::size_t kLongest = 32;
  do {
    if (sequence.size() == kLongest || read_byte(byte) != Input::byte) return {};
    sequence += byte;
  } while (byte < '@' || byte > '~');
  if (sequence.size() > 1) return {};
  switch (byte) {
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
  keys.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

TerminalKeys::~TerminalKeys() { tcsetattr(STDIN_FILENO, TCSANOW, &before_->terminal); }

KeyPress TerminalKeys::next() {
  char byte = 0;
  const Input input = read_byte(byte);
  if (input == Input::none) return {};
  if (input == Input::ended) return {Key::leave};
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
