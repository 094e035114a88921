// Many short texts in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

class TextTable {
 public:
  TextTable() = default;
  // `count` empty texts.
  explicit TextTable(std::size_t count) : offset_(count + 1, 0) {}
  // Text t is bytes[offset[t]] .. bytes[offset[t + 1] - 1]. The offsets rise from 0 to
  // bytes.size().
  TextTable(std::vector<char> bytes, std::vector<std::int64_t> offset)
      : bytes_(std::move(bytes)), offset_(std::move(offset)) {}

  std::size_t size() const { return offset_.size() - 1; }

  std::string_view operator[](std::size_t t) const {
    const auto begin = static_cast<std::size_t>(offset_[t]);
    return {bytes_.data() + begin, static_cast<std::size_t>(offset_[t + 1]) - begin};
  }

  void push_back(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    offset_.push_back(static_cast<std::int64_t>(bytes_.size()));
  }

  const std::vector<char>& bytes() const { return bytes_; }
  const std::vector<std::int64_t>& offset() const { return offset_; }

  bool operator==(const TextTable&) const = default;

 private:
  std::vector<char> bytes_;
  std::vector<std::int64_t> offset_ = {0};
};

}  // namespace tusk
