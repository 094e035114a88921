#include "support/checksum.hpp"

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

std::string checksum(std::span<const std::string_view> parts) {
  RunningChecksum sum;
  for (const std::string_view part : parts) sum.add(part);
  return sum.digits();
}

std::string checksum(std::string_view bytes) { return checksum(std::span(&bytes, 1)); }

}  // namespace tusk
