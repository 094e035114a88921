#include "tests/server/http_client.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tusk::test {
namespace {

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return text;
}

}  // namespace

std::string HttpAnswer::header(std::string name) const {
  const std::string all = in_lower_case(head);
  const std::string wanted = "\r\n" + in_lower_case(std::move(name)) + ": ";
  const std::size_t at = all.find(wanted);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

HttpClient::HttpClient(std::uint16_t port)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

HttpClient::~HttpClient() { close(socket_); }

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool HttpClient::read_more(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd one{socket_, POLLIN, 0};
  if (left.count() <= 0 || poll(&one, 1, static_cast<int>(left.count())) <= 0) {
    throw std::runtime_error("nothing came from the server");
  }
  std::array<char, 65536> bytes{};
  const auto count = recv(socket_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

HttpAnswer HttpClient::receive(bool of_head) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  HttpAnswer answer;
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(until)) return answer;
  }
  answer.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  answer.status = std::stoi(answer.head.substr(answer.head.find(' ') + 1));
  const std::string length = answer.header("content-length");
  const std::size_t size = of_head || length.empty() ? 0 : std::stoul(length);
  while (received_.size() < size) {
    if (!read_more(until)) break;
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool HttpClient::is_closed(std::chrono::milliseconds within) {
  try {
    return !read_more(std::chrono::steady_clock::now() + within);
  } catch (const std::runtime_error&) {
    return false;
  }
}

HttpAnswer HttpClient::get(const std::string& target, const std::string& headers) {
  return ask(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, headers));
}

HttpAnswer HttpClient::post(const std::string& target, const std::string& body,
                            const std::string& headers) {
  return ask(fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n{}\r\n{}",
      target, body.size(), headers, body));
}

}  // namespace tusk::test
