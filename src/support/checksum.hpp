// Checksums against damage by accident; they are no protection against intent.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tusk {

inline constexpr std::size_t kChecksumDigits = 16;

// XXH3 with 64 bits over the parts that are added, one after another.
class RunningChecksum {
 public:
  RunningChecksum();
  ~RunningChecksum();

  void add(std::string_view part);
  std::string digits() const;  // 16 lower-case hexadecimal digits
  // What it goes on from, for another process of the same build.
  std::span<std::byte> state();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string checksum(std::span<const std::string_view> parts);
std::string checksum(std::string_view bytes);

}  // namespace tusk
