// An HTTP server on the loopback that answers as a test says, right or wrong.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

namespace tusk::test {

struct ScriptedRequest {
  std::string head;  // "POST /v1/embeddings HTTP/1.1\r\n..."
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  bool is_for(std::string_view path) const { return head.find(path) != std::string::npos; }
};

class ScriptedServer {
 public:
  class Client {
   public:
    Client(int socket, const std::atomic<bool>& ended) : socket_(socket), ended_(ended) {}
    // False if the client or the server is gone.
    bool send(std::string_view bytes) const;
    // Until the client or the server is gone.
    void wait() const;

   private:
    int socket_;
    const std::atomic<bool>& ended_;
  };
  using Answer = std::function<void(const ScriptedRequest&, const Client&)>;

  enum class State { open, refusing };
  // Connections are closed when they are answered, one after another.
  explicit ScriptedServer(Answer answer, State state = State::open);
  // Sends the same to everybody.
  explicit ScriptedServer(const std::string& bytes, State state = State::open)
      : ScriptedServer([bytes](const ScriptedRequest&, const Client& to) { to.send(bytes); },
                       state) {}
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // Once, if it refuses connections.
  void open();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<ScriptedRequest> requests() const;
  int connections() const { return connections_; }

 private:
  void run();
  void serve(int socket);

  Answer answer_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<ScriptedRequest> requests_;
  std::thread thread_;
};

std::string http_answer(const std::string& body, const std::string& status = "200 OK",
                        const std::string& more_headers = "");
// As a chat completion with this text.
std::string completion(const std::string& content);
std::string embeddings(const std::vector<std::vector<double>>& vectors);

}  // namespace tusk::test
