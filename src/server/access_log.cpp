#include "server/access_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tusk/json.hpp>

#include "support/text.hpp"

namespace tusk::server {
namespace {

constexpr std::size_t kLongestShown = 1000;  // bytes of a target

std::string log_time_text(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)),
                     milliseconds % 1000);
}

}  // namespace

std::string log_line(LogFormat format, const LogEntry& entry) {
  const std::string target = entry.target.substr(0, kLongestShown);
  if (format == LogFormat::json) {
    Json json = {{"time", log_time_text(entry.time)},
                 {"address", entry.address},
                 {"method", entry.method},
                 {"target", target},
                 {"status", entry.status},
                 {"bytes", entry.bytes},
                 {"seconds", entry.seconds}};
    if (!entry.problem.empty()) json["problem"] = entry.problem;
    return json_line(json);
  }
  return fmt::format("{} {} {} {} {} {} B {:.1f} ms{}{}", log_time_text(entry.time), entry.address,
                     entry.status, printable(entry.method), printable(target), entry.bytes,
                     entry.seconds * 1e3, entry.problem.empty() ? "" : " ", entry.problem);
}

}  // namespace tusk::server
