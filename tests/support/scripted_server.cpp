#include "tests/support/scripted_server.hpp"

#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tusk::test {
namespace {

constexpr int kPause = 20;  // ms

bool has_bytes(int socket) {
  pollfd one{socket, POLLIN, 0};
  return poll(&one, 1, kPause) > 0;
}

std::size_t body_size(const std::string& head) {
  const std::string name = "Content-Length: ";
  const std::size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

bool ScriptedServer::Client::send(std::string_view bytes) const {
  while (!bytes.empty() && !ended_) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return !ended_;
}

void ScriptedServer::Client::wait() const {
  while (!ended_ && !has_bytes(socket_)) {
  }
}

ScriptedServer::ScriptedServer(Answer answer, State state)
    : answer_(std::move(answer)), listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (bind(listening_, any, size) != 0 || getsockname(listening_, any, &size) != 0) {
    throw std::runtime_error("cannot have a port");
  }
  port_ = ntohs(address.sin_port);
  if (state == State::open) open();
}

void ScriptedServer::open() {
  if (listen(listening_, 16) != 0) throw std::runtime_error("cannot listen");
  thread_ = std::thread([this] { run(); });
}

ScriptedServer::~ScriptedServer() {
  ended_ = true;
  if (thread_.joinable()) thread_.join();
  close(listening_);
}

void ScriptedServer::run() {
  while (!ended_) {
    if (!has_bytes(listening_)) continue;
    const int socket = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    serve(socket);
    close(socket);
  }
}

void ScriptedServer::serve(int socket) {
  std::string bytes;
  std::size_t end = std::string::npos;
  while (!ended_ &&
         (end == std::string::npos || bytes.size() < end + body_size(bytes.substr(0, end)))) {
    if (!has_bytes(socket)) continue;
    std::array<char, 65536> buffer{};
    const auto count = recv(socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) return;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
    end = bytes.find("\r\n\r\n");
    if (end != std::string::npos) end += 4;
  }
  if (ended_) return;
  ScriptedRequest request{bytes.substr(0, end), bytes.substr(end)};
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  answer_(request, Client(socket, ended_));
}

std::vector<ScriptedRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string http_answer(const std::string& body, const std::string& status,
                        const std::string& more_headers) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + more_headers + "\r\n" + body;
}

std::string completion(const std::string& content) {
  const nlohmann::json choice = {{"message", {{"role", "assistant"}, {"content", content}}}};
  return http_answer(nlohmann::json{{"choices", nlohmann::json::array({choice})}}.dump());
}

std::string embeddings(const std::vector<std::vector<double>>& vectors) {
  nlohmann::json data = nlohmann::json::array();
  for (const auto& vector : vectors) {
    data.push_back({{"index", data.size()}, {"embedding", vector}});
  }
  return http_answer(nlohmann::json{{"data", data}}.dump());
}

}  // namespace tusk::test
