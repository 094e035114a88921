// Times as files of ratings write them.
#pragma once

#include <cstdint>
#include <string_view>

namespace tusk {

enum class TimeField { read, missing, unreadable };

// Reads seconds, milliseconds, microseconds or nanoseconds since 1970 (with a fraction or not), a
// date (2005-09-01, 2005/09/01) or a date and a time of day (2005-09-01T10:00:00.5+02:00; UTC
// without an offset) as whole seconds since 1970, rounded down. An empty field, "null", "none",
// "nan", "nat", "na" and "\N" are a missing time. `seconds` is set if the time is read.
TimeField parse_time(std::string_view text, std::int64_t& seconds);

// A number of seconds, milliseconds, microseconds or nanoseconds as seconds, rounded down. Seconds
// reach to the year 5138.
inline std::int64_t whole_seconds(std::int64_t since_1970) {
  constexpr std::int64_t kMostSeconds = 100'000'000'000;
  if (since_1970 < kMostSeconds && since_1970 > -kMostSeconds) return since_1970;
  std::int64_t divisor = 1;
  while (since_1970 / divisor >= kMostSeconds || since_1970 / divisor <= -kMostSeconds) {
    divisor *= 1000;
  }
  const std::int64_t quotient = since_1970 / divisor;
  return quotient - (since_1970 < 0 && quotient * divisor != since_1970 ? 1 : 0);
}

}  // namespace tusk
