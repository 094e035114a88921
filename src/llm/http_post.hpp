// Requests to a server that is not trusted.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <tusk/error.hpp>

namespace tusk::llm {

struct HttpLimits {
  std::chrono::milliseconds connect{5000};
  std::chrono::milliseconds total{30000};
  std::size_t body_bytes = 0;
  std::size_t header_bytes = std::size_t{64} << 10;
  std::function<bool()> stop = {};  // asked 20 times a second
};

struct HttpUrl {
  std::string text;  // "https://host:8080/v1", without a slash at the end
  bool encrypted = false;
  bool loopback = false;  // localhost or an address of this machine alone
};
// Throws UsageError unless it is a URL by http or https without a user, a query and a fragment; a
// message shows nothing that may be a password or a key.
HttpUrl parse_http_url(std::string_view text);

// There is no connection to the server, or its name or certificate is wrong.
class ConnectError : public Error {
 public:
  using Error::Error;
};

// Posts JSON and returns the body of an answer of status 200. A redirect is not followed, nothing
// compressed is asked for, and a proxy is used for https to other machines alone. Throws
// Interrupted when told to stop and Error for all else; messages contain neither the key nor the
// answer.
std::string post_json(const HttpUrl& server, std::string_view path, const std::string& body,
                      const std::string& key, const HttpLimits& limits);

}  // namespace tusk::llm
