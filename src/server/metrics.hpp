// What the server counts, in Prometheus' text format.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::server {

// One thread uses it.
class Metrics {
 public:
  // An answer. `route` is the path of a route, or another word for the rest: not the path that was
  // asked for, of which there are any number.
  void count(std::string_view route, std::string_view method, int status, double seconds,
             std::size_t bytes);
  // A request or a connection that was refused before it reached a route, by the problem's type.
  void count_refused(std::string_view type);
  void count_connection() { ++accepted_; }
  void count_reload(bool loaded);

  void set_connections(std::size_t open) { open_ = open; }
  void set_waiting(std::size_t requests) { waiting_ = requests; }

  // `feedback`: how many ratings were kept.
  std::string text(std::int64_t feedback) const;

 private:
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                         0.1,   0.25,   0.5,   1.0,  2.5,   5.0};
  struct Durations {
    std::array<std::int64_t, kBounds.size() + 1> count{};  // not above each bound, and all others
    double seconds = 0;
  };
  struct Answers {
    std::string route;
    std::string method;
    int status = 0;
    auto operator<=>(const Answers&) const = default;
  };

  std::map<Answers, std::int64_t> answers_;
  std::map<std::string, Durations, std::less<>> durations_;  // by route
  std::map<std::string, std::int64_t, std::less<>> refused_;
  std::int64_t accepted_ = 0;
  std::int64_t bytes_ = 0;
  std::array<std::int64_t, 2> reloads_{};  // that failed, that loaded
  std::size_t open_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace tusk::server
