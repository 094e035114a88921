// Walking over the lines of a text in memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tusk {

// The lines of a text without their ends, "\n" or "\r\n".
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // False at the end of the text.
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const auto* end = static_cast<const char*>(std::memchr(rest_.data(), '\n', rest_.size()));
    ended_ = end != nullptr;
    const auto length = ended_ ? static_cast<std::size_t>(end - rest_.data()) : rest_.size();
    line = rest_.substr(0, length);
    if (line.ends_with('\r')) line.remove_suffix(1);
    rest_.remove_prefix(length + (ended_ ? 1 : 0));
    ++number_;
    return true;
  }

  std::int64_t number() const { return number_; }  // of the last line, from 1
  bool ended() const { return ended_; }            // whether that line had an end
  std::string_view rest() const { return rest_; }  // the text behind it

 private:
  std::string_view rest_;
  std::int64_t number_ = 0;
  bool ended_ = true;
};

}  // namespace tusk
