// A client of a server in this process that sends exactly what it is told to.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tusk::test {

struct HttpAnswer {
  int status = 0;  // 0: the connection was closed without one
  std::string head;
  std::string body;

  // The value of a header, whose name is in any case; "" if there is none.
  std::string header(std::string name) const;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False if the server has closed the connection.
  bool send(std::string_view bytes);
  // The next answer, within ten seconds. That of HEAD has no body, whatever its header says.
  HttpAnswer receive(bool of_head = false);
  // Whether the server closes the connection within this time, without an answer.
  bool is_closed(std::chrono::milliseconds within = std::chrono::seconds(10));

  HttpAnswer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  HttpAnswer get(const std::string& target, const std::string& headers = "");
  HttpAnswer post(const std::string& target, const std::string& body,
                  const std::string& headers = "");

 private:
  // Whether there is more before the time is over.
  bool read_more(std::chrono::steady_clock::time_point until);

  int socket_ = -1;
  std::string received_;
};

}  // namespace tusk::test
