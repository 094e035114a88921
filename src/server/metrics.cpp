#include "server/metrics.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

namespace tusk::server {
namespace {

constexpr std::array<std::string_view, 4> kMethods = {"GET", "HEAD", "POST", "OPTIONS"};

// Bytes of the program in memory; 0 where the system does not say.
std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void describe(std::string& text, std::string_view name, std::string_view type,
              std::string_view help) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

template <class Value>
void add(std::string& text, std::string_view name, std::string_view type, std::string_view help,
         Value value) {
  describe(text, name, type, help);
  fmt::format_to(std::back_inserter(text), "{} {}\n", name, value);
}

}  // namespace

void Metrics::count(std::string_view route, std::string_view method, int status, double seconds,
                    std::size_t bytes) {
  // A client may send any word for a method.
  const bool known = std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
  ++answers_[{std::string(route), std::string(known ? method : "other"), status}];
  auto found = durations_.find(route);
  if (found == durations_.end()) found = durations_.emplace(route, Durations()).first;
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++found->second.count[static_cast<std::size_t>(bound - kBounds.begin())];
  found->second.seconds += seconds;
  bytes_ += static_cast<std::int64_t>(bytes);
}

void Metrics::count_refused(std::string_view type) {
  auto found = refused_.find(type);
  if (found == refused_.end()) found = refused_.emplace(type, 0).first;
  ++found->second;
}

void Metrics::count_reload(bool loaded) { ++reloads_[loaded ? 1 : 0]; }

std::string Metrics::text(std::int64_t feedback) const {
  std::string text;
  const auto out = std::back_inserter(text);
  describe(text, "tusk_http_requests_total", "counter", "Answers by route, method and status.");
  for (const auto& [answers, count] : answers_) {
    fmt::format_to(out, "tusk_http_requests_total{{route=\"{}\",method=\"{}\",code=\"{}\"}} {}\n",
                   answers.route, answers.method, answers.status, count);
  }
  describe(text, "tusk_http_request_seconds", "histogram",
           "Time from the whole request to its answer, by route.");
  for (const auto& [route, durations] : durations_) {
    std::int64_t sum = 0;
    for (std::size_t b = 0; b < kBounds.size(); ++b) {
      sum += durations.count[b];
      fmt::format_to(out, "tusk_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route,
                     kBounds[b], sum);
    }
    sum += durations.count.back();
    fmt::format_to(out, "tusk_http_request_seconds_bucket{{route=\"{}\",le=\"+Inf\"}} {}\n", route,
                   sum);
    fmt::format_to(out, "tusk_http_request_seconds_sum{{route=\"{}\"}} {}\n", route,
                   durations.seconds);
    fmt::format_to(out, "tusk_http_request_seconds_count{{route=\"{}\"}} {}\n", route, sum);
  }
  describe(text, "tusk_http_refused_total", "counter",
           "Requests and connections that were refused before they reached a route.");
  for (const auto& [type, count] : refused_) {
    fmt::format_to(out, "tusk_http_refused_total{{type=\"{}\"}} {}\n", type, count);
  }
  add(text, "tusk_http_answered_bytes_total", "counter", "Bytes of the bodies of answers.", bytes_);
  add(text, "tusk_http_connections_total", "counter", "Connections that were accepted.", accepted_);
  add(text, "tusk_http_connections", "gauge", "Connections that are open.", open_);
  add(text, "tusk_http_waiting_requests", "gauge", "Requests that wait for a thread.", waiting_);
  describe(text, "tusk_model_reloads_total", "counter", "Model files that were read again.");
  for (const std::size_t loaded : {0, 1}) {
    fmt::format_to(out, "tusk_model_reloads_total{{result=\"{}\"}} {}\n",
                   loaded == 1 ? "loaded" : "failed", reloads_[loaded]);
  }
  add(text, "tusk_feedback_total", "counter", "Ratings that were kept.", feedback);
  add(text, "process_resident_memory_bytes", "gauge", "Memory of the program.", resident_bytes());
  return text;
}

}  // namespace tusk::server
