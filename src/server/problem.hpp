// Errors of requests, as RFC 9457 has them.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "server/message.hpp"

namespace tusk::server {

// What is wrong with a request, or why it cannot be answered. Handlers throw it.
class Problem : public std::runtime_error {
 public:
  // `type` is one of those in docs/api.md, "unknown-user". `detail` is for people.
  Problem(int status, std::string type, const std::string& detail)
      : std::runtime_error(detail), status_(status), type_(std::move(type)) {}

  // The place in the body, a JSON pointer; "" is the whole of it.
  Problem at(std::string pointer) &&;
  // The query parameter.
  Problem in_query(std::string parameter) &&;
  Problem with_header(std::string name, std::string value) &&;

  int status() const { return status_; }
  const std::string& type() const { return type_; }

  Response response() const;

 private:
  int status_;
  std::string type_;
  std::optional<std::string> pointer_;
  std::string parameter_;
  TextPairs headers_;
};

// For requests that come, or are cut off, when the server stops.
Problem stopping_problem();

// "Not Found"; "" for a status that the server never sends.
std::string_view reason_phrase(int status);

}  // namespace tusk::server
