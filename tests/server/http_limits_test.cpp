// The server on a port, with clients that do not behave.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "tests/server/fixture.hpp"
#include "tests/server/running_server.hpp"

namespace tusk::test {
namespace {

using namespace std::chrono_literals;
using server::HttpOptions;

TEST(HttpLimits, RefusesWhatIsNoGoodRequest) {
  RunningServer server;
  const auto ask = [&](const std::string& bytes) { return HttpClient(server.port()).ask(bytes); };
  const std::string host = "Host: localhost\r\n";
  const std::string json = host + "Content-Type: application/json\r\n";
  expect_problem(ask("hello\r\n\r\n"), 400, "bad-request");
  expect_problem(ask("GET / HTTP/1.1\r\n\r\n"), 400, "bad-request");
  expect_problem(ask("GET / HTTP/1.1\r\n" + host + host + "\r\n"), 400, "bad-request");
  expect_problem(ask("GET / HTTP/2.0\r\n" + host + "\r\n"), 505, "bad-request");
  expect_problem(ask("GET /../etc/passwd HTTP/1.1\r\n" + host + "\r\n"), 400, "bad-request");
  expect_problem(ask("GET /%2e%2e/x HTTP/1.1\r\n" + host + "\r\n"), 400, "bad-request");
  expect_problem(ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421, "foreign-host");
  expect_problem(ask("GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n"), 421, "foreign-host");
  expect_problem(ask("GET / HTTP/1.1\r\n" + host + "Origin: http://evil.example\r\n\r\n"), 403,
                 "foreign-origin");
  expect_problem(ask("GET / HTTP/1.1\r\n" + host + "Origin: null\r\n\r\n"), 403, "foreign-origin");
  expect_problem(ask("BREW / HTTP/1.1\r\n" + host + "\r\n"), 501, "bad-request");
  expect_problem(ask("PUT / HTTP/1.1\r\n" + host + "\r\n"), 405, "method-not-allowed");
  expect_problem(ask("POST /api/predict HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}"), 415,
                 "unsupported-media-type");
  expect_problem(ask("POST /api/predict HTTP/1.1\r\n" + host +
                     "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
                 415, "unsupported-media-type");
  expect_problem(ask("POST /api/predict HTTP/1.1\r\n" + json +
                     "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
                 415, "unsupported-media-type");
  expect_problem(ask("POST /api/predict HTTP/1.1\r\n" + json + "\r\n"), 400, "bad-json");
  expect_problem(
      ask("POST /api/predict HTTP/1.1\r\n" + json + "Expect: tea\r\nContent-Length: 2\r\n\r\n{}"),
      417, "bad-request");
  expect_problem(ask("GET / HTTP/1.1\r\n" + host + " folded\r\n\r\n"), 421, "foreign-host");
  expect_problem(ask("GET / HTTP/1.1\r\n" + host + "a b: c\r\n\r\n"), 400, "bad-request");
  expect_serves(server);
}

// What a proxy in front could take for another request.
TEST(HttpLimits, RefusesBodiesOfTwoLengths) {
  RunningServer server;
  const std::string begin =
      "POST /api/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  for (const char* headers :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: -1\r\n",
        "Content-Length: 2x\r\n", "Content-Length: 99999999999999999999\r\n",
        "Content-Length: +2\r\n", "Content-Length: 2, 2\r\n"}) {
    HttpClient client(server.port());
    const HttpAnswer answer = client.ask(begin + headers + "\r\n{}");
    EXPECT_EQ(answer.status, 400) << headers << answer.body;
    EXPECT_TRUE(client.is_closed()) << headers;
  }
  for (const char* coding : {"gzip, chunked", "identity", "gzip", "chunked, chunked"}) {
    HttpClient client(server.port());
    const HttpAnswer answer = client.ask(
        fmt::format("{}Transfer-Encoding: {}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n", begin, coding));
    EXPECT_TRUE(answer.status == 400 || answer.status == 501) << coding << answer.status;
    EXPECT_TRUE(client.is_closed()) << coding;
  }
}

TEST(HttpLimits, HasLimits) {
  HttpOptions options;
  options.limits.body_bytes = 1000;
  RunningServer server(options);
  const std::string host = "Host: localhost\r\n";
  std::string lines;
  for (int n = 0; n < 101; ++n) lines += fmt::format("a{}: b\r\n", n);
  expect_problem(HttpClient(server.port()).ask("GET / HTTP/1.1\r\n" + host + lines + "\r\n"), 431,
                 "headers-too-large");
  for (int n = 0; n < 10'000; ++n) lines += fmt::format("a{}: b\r\n", n);
  expect_problem(HttpClient(server.port()).ask("GET / HTTP/1.1\r\n" + host + lines + "\r\n"), 431,
                 "headers-too-large");
  expect_problem(HttpClient(server.port()).get("/" + std::string(5000, 'a')), 414,
                 "target-too-long");
  expect_problem(HttpClient(server.port()).get("/" + std::string(100'000, 'a')), 414,
                 "target-too-long");
  expect_problem(HttpClient(server.port())
                     .ask("POST /api/predict HTTP/1.1\r\n" + host +
                          "Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{"),
                 413, "too-large");
  HttpClient chunked(server.port());
  chunked.send("POST /api/predict HTTP/1.1\r\n" + host +
               "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int n = 0; n < 1000; ++n) {
    if (!chunked.send("A\r\n0123456789\r\n")) break;
  }
  expect_problem(chunked.receive(), 413, "too-large");
  expect_serves(server);
}

TEST(HttpLimits, SlowClientsAreTimedOut) {
  HttpOptions options;
  options.limits.header_time = 300ms;
  options.limits.body_time = 300ms;
  options.limits.idle_time = 600ms;
  RunningServer server(options);
  HttpClient idle(server.port());
  HttpClient slow(server.port());
  HttpClient slow_body(server.port());
  slow_body.send(
      "POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 100\r\n\r\n{");
  const auto began = std::chrono::steady_clock::now();
  slow.send("GET / HTTP/1.1\r\n");
  for (int n = 0; n < 20 && slow.send("a: b\r\n"); ++n) {
    if (slow.is_closed(20ms)) break;
    if (std::chrono::steady_clock::now() - began > 350ms) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  expect_problem(slow_body.receive(), 408, "too-slow");
  EXPECT_TRUE(slow_body.is_closed());
  EXPECT_TRUE(idle.is_closed());
  expect_serves(server);
}

TEST(HttpLimits, ASlowHeaderIsToldSo) {
  HttpOptions options;
  options.limits.header_time = 200ms;
  RunningServer server(options);
  HttpClient slow(server.port());
  slow.send("GET / HTTP/1.1\r\nHost: localhost\r\na:");
  expect_problem(slow.receive(), 408, "too-slow");
  EXPECT_TRUE(slow.is_closed());
}

TEST(HttpLimits, AConnectionTooManyTakesTheOldestIdleOnesPlace) {
  HttpOptions options;
  options.limits.connections = 8;
  RunningServer server(options);
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int n = 0; n < 30; ++n) {
    clients.push_back(std::make_unique<HttpClient>(server.port()));
    EXPECT_EQ(clients.back()->get("/health/live").status, 200) << n;
  }
  EXPECT_TRUE(clients[0]->is_closed());
  EXPECT_EQ(clients.back()->get("/health/live").status, 200);
}

TEST(HttpLimits, TooManyWaitingRequestsAreRefused) {
  HttpOptions options;
  options.limits.waiting = 1;
  RunningServer server(options);
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int n = 0; n < 40; ++n) clients.push_back(std::make_unique<HttpClient>(server.port()));
  for (auto& client : clients)
    client->send(
        "GET /api/users/3/recommendations?explain=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
  int served = 0;
  for (auto& client : clients) {
    const HttpAnswer answer = client->receive();
    if (answer.status == 200) {
      ++served;
    } else {
      expect_problem(answer, 503, "busy");
      EXPECT_EQ(answer.header("retry-after"), "1");
    }
  }
  EXPECT_GT(served, 0);
  expect_serves(server);
}

TEST(HttpLimits, RefusesPlacesWhereItCannotListen) {
  HttpOptions options;
  options.address = "not an address";
  EXPECT_THROW(RunningServer{options}, UsageError);
  RunningServer first;
  options.address = "127.0.0.1";
  options.port = first.port();
  EXPECT_THROW(RunningServer{options}, Error);
}

}  // namespace
}  // namespace tusk::test
