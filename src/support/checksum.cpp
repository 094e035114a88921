#include "support/checksum.hpp"

#include <cstddef>
#include <type_traits>

#include <fmt/format.h>
#include <xxhash.h>

namespace tusk {

struct RunningChecksum::State {
  XXH3_state_t xxh;
};

RunningChecksum::RunningChecksum() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->xxh);
}

RunningChecksum::~RunningChecksum() = default;

void RunningChecksum::add(std::string_view part) {
  XXH3_64bits_update(&state_->xxh, part.data(), part.size());
}

std::string RunningChecksum::digits() const {
  return fmt::format("{:016x}", XXH3_64bits_digest(&state_->xxh));
}

std::span<std::byte> RunningChecksum::state() {
  static_assert(std::is_trivially_copyable_v<XXH3_state_t>);
  // Up to its last member, a pointer to a constant of this process.
  return std::as_writable_bytes(std::span(&state_->xxh, 1))
      .first(offsetof(XXH3_state_t, extSecret));
}

std::string checksum(std::span<const std::string_view> parts) {
  RunningChecksum sum;
  for (const std::string_view part : parts) sum.add(part);
  return sum.digits();
}

std::string checksum(std::string_view bytes) { return checksum(std::span(&bytes, 1)); }

}  // namespace tusk
