// A request and its answer, without a socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::server {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // "GET"
  std::string target;  // path and query as they came, for logs
  // Of the path, decoded: {"api", "users", "196"}; empty for "/".
  std::vector<std::string> segments;
  TextPairs query;    // names and values, decoded, in their order
  TextPairs headers;  // names in lower case, in their order
  std::string body;

  // The first header of this name, which is in lower case.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

struct Response {
  int status = 200;
  std::string type = "application/json";  // of the body
  std::string body;
  TextPairs headers = {};    // beside those that every answer has
  std::string problem = {};  // of a problem, its type
  std::string warning = {};  // for who runs the server; it is not sent
};

}  // namespace tusk::server
