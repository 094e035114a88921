#include "tests/server/running_server.hpp"

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "tests/server/fixture.hpp"

namespace tusk::test {
namespace {

std::shared_ptr<const server::ServedModel> shared_model() {
  static const auto served = trained_served();
  return served;
}

}  // namespace

RunningServer::RunningServer(server::HttpOptions options,
                             std::shared_ptr<const server::ServedModel> model)
    : server_(with_log(std::move(options)), model ? std::move(model) : shared_model(), nullptr),
      thread_([this] { server_.run(); }) {}

RunningServer::~RunningServer() { server_.stop(); }

std::vector<std::string> RunningServer::log() {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::vector<std::string> RunningServer::warnings() {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

server::HttpOptions RunningServer::with_log(server::HttpOptions options) {
  options.threads = 2;
  options.log = server::LogFormat::json;
  options.write_log = [this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
  };
  options.on_warning = [this](const std::string& text) {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(text);
  };
  return options;
}

void expect_problem(const HttpAnswer& answer, int status, const std::string& type) {
  EXPECT_EQ(answer.status, status) << answer.head << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(json.is_object()) << answer.body;
  EXPECT_EQ(json["type"], "urn:tusk:" + type);
}

void expect_serves(const RunningServer& server) {
  EXPECT_EQ(HttpClient(server.port()).get("/api/users/1/recommendations").status, 200);
}

}  // namespace tusk::test
