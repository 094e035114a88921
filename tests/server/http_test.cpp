// The server on a port, with clients that behave.
#include <atomic>
#include <string>
#include <thread>
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

TEST(Http, AnswersOneRequestAfterAnother) {
  RunningServer server;
  HttpClient client(server.port());
  for (int n = 0; n < 3; ++n) {
    const HttpAnswer list = client.get("/api/users/3/recommendations?k=4");
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(list.json()["items"].size(), 4u);
    EXPECT_EQ(list.header("tusk-model"), "v1");
    EXPECT_EQ(list.header("cache-control"), "no-store");
    EXPECT_EQ(list.header("x-content-type-options"), "nosniff");
    EXPECT_FALSE(list.header("date").empty());
    EXPECT_EQ(list.header("connection"), "");
    EXPECT_EQ(list.header("access-control-allow-origin"), "");
  }
  EXPECT_EQ(
      client.post("/api/recommendations", R"({"likes": ["1"], "k": 2})").json()["items"].size(),
      2u);
  EXPECT_EQ(client.get("/nothing").status, 404);
  EXPECT_EQ(client.get("/health/live").status, 200) << "after an error the connection goes on";
  EXPECT_EQ(client.get("/", "Connection: close\r\n").header("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Http, HasAPolicyForThePage) {
  RunningServer server;
  const HttpAnswer page = HttpClient(server.port()).get("/");
  EXPECT_NE(page.header("content-security-policy").find("script-src 'self'"), std::string::npos);
  EXPECT_EQ(page.header("content-security-policy").find("unsafe"), std::string::npos);
  EXPECT_EQ(page.header("cache-control"), "no-cache");
  const HttpAnswer again =
      HttpClient(server.port()).get("/", "If-None-Match: " + page.header("etag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST(Http, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  HttpClient client(server.port());
  std::string all;
  for (int user = 0; user < 20; ++user) {
    all += fmt::format("GET /api/users/{}/recommendations?k=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                       user);
    all += "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  client.send(all);
  for (int user = 0; user < 20; ++user) {
    EXPECT_EQ(client.receive().json()["user"], std::to_string(user));
    EXPECT_EQ(client.receive().json()["status"], "live");
  }
}

TEST(Http, HeadIsGetWithoutItsBody) {
  RunningServer server;
  HttpClient client(server.port());
  const HttpAnswer whole = client.get("/api/items/popular");
  client.send("HEAD /api/items/popular HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const HttpAnswer head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), whole.header("content-length"));
  EXPECT_EQ(client.get("/health/live").json()["status"], "live") << "nothing of a body came";
}

TEST(Http, TakesRequestsInPieces) {
  RunningServer server;
  HttpClient client(server.port());
  const std::string request =
      "POST /api/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; "
      "charset=utf-8\r\n"
      "Transfer-Encoding: "
      "chunked\r\n\r\n8\r\n{\"k\":\n2,\r\n9\r\n\"likes\":[\r\n5\r\n\"1\"]}\r\n0\r\n\r\n";
  for (const char c : request) client.send({&c, 1});
  EXPECT_EQ(client.receive().json()["items"].size(), 2u);
  client.send(
      "POST /api/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 7\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("{\"k\":3}").json()["items"].size(), 3u);
}

TEST(Http, WantsTheTokenWhereThereIsOne) {
  HttpOptions options;
  options.access.token = "0123456789abcdef";
  RunningServer server(options);
  HttpClient client(server.port());
  const HttpAnswer without = client.get("/api/model");
  expect_problem(without, 401, "unauthorized");
  EXPECT_EQ(without.header("www-authenticate"), "Bearer");
  expect_problem(client.get("/metrics"), 401, "unauthorized");
  expect_problem(client.get("/api/model", "Authorization: Bearer 0123456789abcdeF\r\n"), 401,
                 "unauthorized");
  EXPECT_EQ(client.get("/api/model", "Authorization: Bearer 0123456789abcdef\r\n").status, 200);
  for (const char* open : {"/", "/openapi.json", "/health/live", "/health/ready"}) {
    EXPECT_EQ(client.get(open).status, 200) << open;
  }
  for (const std::string& line : server.log()) {
    EXPECT_EQ(line.find("0123456789abcde"), std::string::npos) << line;
  }
}

TEST(Http, OtherSitesMayUseItOnlyIfTheyAreNamed) {
  HttpOptions options;
  options.access.origins = {"https://shop.example"};
  RunningServer server(options);
  HttpClient client(server.port());
  const std::string shop = "Origin: https://shop.example\r\n";
  EXPECT_EQ(client.get("/api/model", shop).header("access-control-allow-origin"),
            "https://shop.example");
  const HttpAnswer before = client.ask("OPTIONS /api/predict HTTP/1.1\r\nHost: localhost\r\n" +
                                       shop + "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(before.status, 204);
  EXPECT_EQ(before.header("access-control-allow-methods"), "POST, OPTIONS");
  EXPECT_EQ(before.header("access-control-allow-headers"), "Authorization, Content-Type");
  const HttpAnswer plain = client.ask("OPTIONS /api/items HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.status, 204);
  EXPECT_EQ(plain.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(plain.header("access-control-allow-methods"), "");
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
}

TEST(Http, OldClientsAreServed) {
  RunningServer server;
  HttpClient once(server.port());
  const HttpAnswer answer = once.ask("GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(once.is_closed());
  HttpClient kept(server.port());
  for (int n = 0; n < 2; ++n) {
    const HttpAnswer one =
        kept.ask("GET /health/live HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(one.header("connection"), "keep-alive");
  }
}

TEST(Http, StopsWhenAllHaveTheirAnswers) {
  RunningServer server;
  HttpClient idle(server.port());
  EXPECT_EQ(idle.get("/health/live").status, 200);
  HttpClient busy(server.port());
  busy.send("GET /health/live HTTP/1.1\r\nHost: loc");
  std::this_thread::sleep_for(100ms);
  server.server().stop();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(HttpClient{server.port()}, std::runtime_error);
  const HttpAnswer last = busy.ask("alhost\r\n\r\n");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.header("connection"), "close");
  server.join();
}

TEST(Http, StopsInSomeTimeWhateverClientsDo) {
  HttpOptions options;
  options.limits.stop_time = 200ms;
  RunningServer server(options);
  HttpClient busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: loc");
  std::this_thread::sleep_for(50ms);
  const auto began = std::chrono::steady_clock::now();
  server.server().stop();
  server.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(Http, AnswersFromTheNewModelWithoutAGap) {
  RunningServer server;
  std::atomic<bool> done = false;
  std::atomic<int> asked = 0;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> clients;
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&] {
      HttpClient client(server.port());
      while (!done) {
        ++asked;
        if (client.get("/api/users/3/recommendations").status != 200) ++failed;
      }
    });
  }
  for (int n = 2; n < 6; ++n) {
    auto model = trained_served(n % 2 == 0 ? "bias" : "mf");
    server.server().replace(std::move(model));
    server.server().count_reload(true);
  }
  std::this_thread::sleep_for(50ms);
  done = true;
  clients.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(asked, 0);
  HttpClient client(server.port());
  EXPECT_EQ(client.get("/api/model").json()["algorithm"], "mf");
  const std::string metrics = client.get("/metrics").body;
  EXPECT_NE(metrics.find("tusk_model_reloads_total{result=\"loaded\"} 4\n"), std::string::npos)
      << metrics;
}

TEST(Http, LogsEachAnswer) {
  RunningServer server;
  HttpClient client(server.port());
  client.get("/health/live?a=%0A");
  client.get("/api/users/nobody/recommendations");
  std::this_thread::sleep_for(50ms);
  const auto log = server.log();
  ASSERT_EQ(log.size(), 2u);
  const auto first = nlohmann::json::parse(log[0]);
  EXPECT_EQ(first["status"], 400);
  EXPECT_EQ(first["address"], "127.0.0.1");
  const auto second = nlohmann::json::parse(log[1]);
  EXPECT_EQ(second["target"], "/api/users/nobody/recommendations");
  EXPECT_EQ(second["problem"], "unknown-user");
}

}  // namespace
}  // namespace tusk::test
