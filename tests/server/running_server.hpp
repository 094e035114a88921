// A server on a port of this process.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/http_server.hpp"
#include "tests/server/http_client.hpp"

namespace tusk::test {

// Runs as long as it lives, with two threads that compute and this model, or else trained_served().
class RunningServer {
 public:
  explicit RunningServer(server::HttpOptions options = {},
                         std::shared_ptr<const server::ServedModel> model = {});
  ~RunningServer();

  server::HttpServer& server() { return server_; }
  std::uint16_t port() const { return server_.port(); }
  // Waits until it has stopped.
  void join() { thread_.join(); }
  // Its lines so far, in JSON.
  std::vector<std::string> log();
  // Its warnings so far.
  std::vector<std::string> warnings();

 private:
  server::HttpOptions with_log(server::HttpOptions options);

  std::mutex mutex_;
  std::vector<std::string> log_;
  std::vector<std::string> warnings_;
  server::HttpServer server_;
  std::jthread thread_;
};

// Fails unless the answer is a problem of this status and type.
void expect_problem(const HttpAnswer& answer, int status, const std::string& type);

// Fails unless the server answers a new client.
void expect_serves(const RunningServer& server);

}  // namespace tusk::test
