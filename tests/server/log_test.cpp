#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "server/access_log.hpp"
#include "server/metrics.hpp"

namespace tusk::server {
namespace {

LogEntry entry() {
  LogEntry one;
  one.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
  one.address = "127.0.0.1";
  one.method = "GET";
  one.target = "/api/items?query=a\nb\x1b[31m\xff";
  one.status = 422;
  one.bytes = 12;
  one.seconds = 0.0034;
  one.problem = "invalid-value";
  return one;
}

TEST(AccessLog, ALineIsALine) {
  const std::string text = log_line(LogFormat::text, entry());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_TRUE(text.starts_with("2023-11-14T22:13:20.123Z 127.0.0.1 422 GET /api/items?query=a"))
      << text;
  EXPECT_TRUE(text.ends_with(" 12 B 3.4 ms invalid-value")) << text;
}

TEST(AccessLog, JsonIsJson) {
  const std::string line = log_line(LogFormat::json, entry());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["status"], 422);
  EXPECT_EQ(json["seconds"], 0.0034);
  EXPECT_EQ(json["problem"], "invalid-value");
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.123Z");
}

TEST(AccessLog, ALongTargetIsCut) {
  LogEntry one = entry();
  one.target = "/" + std::string(100'000, 'a');
  EXPECT_LT(log_line(LogFormat::json, one).size(), 2000u);
}

TEST(Metrics, CountByRouteMethodAndStatus) {
  Metrics metrics;
  metrics.count("/api/items", "GET", 200, 0.0009, 10);
  metrics.count("/api/items", "GET", 200, 0.003, 10);
  metrics.count("/api/items", "GET", 422, 99, 10);
  metrics.count("none", "EVIL\"\n", 501, 0, 0);
  metrics.count_refused("bad-request");
  metrics.count_reload(true);
  metrics.set_connections(3);
  const std::string text = metrics.text(7);
  for (const char* line :
       {"tusk_http_requests_total{route=\"/api/items\",method=\"GET\",code=\"200\"} 2\n",
        "tusk_http_requests_total{route=\"none\",method=\"other\",code=\"501\"} 1\n",
        "tusk_http_request_seconds_bucket{route=\"/api/items\",le=\"0.001\"} 1\n",
        "tusk_http_request_seconds_bucket{route=\"/api/items\",le=\"0.005\"} 2\n",
        "tusk_http_request_seconds_bucket{route=\"/api/items\",le=\"5\"} 2\n",
        "tusk_http_request_seconds_bucket{route=\"/api/items\",le=\"+Inf\"} 3\n",
        "tusk_http_request_seconds_count{route=\"/api/items\"} 3\n",
        "tusk_http_refused_total{type=\"bad-request\"} 1\n", "tusk_http_answered_bytes_total 30\n",
        "tusk_http_connections 3\n", "tusk_model_reloads_total{result=\"loaded\"} 1\n",
        "tusk_model_reloads_total{result=\"failed\"} 0\n", "tusk_feedback_total 7\n",
        "# TYPE tusk_http_request_seconds histogram\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("EVIL"), std::string::npos);
}

}  // namespace
}  // namespace tusk::server
