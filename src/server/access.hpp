// Who may ask: hosts, origins and the token.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.hpp"

namespace tusk::server {

struct AccessRules {
  std::string token;                 // that requests must have; empty: none is needed
  std::vector<std::string> hosts;    // names by which the server may be called
  std::vector<std::string> origins;  // of other sites that may use it, "https://shop.example"
};

// Whether a host, with its port or without, is this server: localhost, an address, or one of the
// names. Another name may have been made to point here by a page that wants to read what the
// server says (DNS rebinding).
bool is_own_host(const AccessRules& rules, std::string_view host);

// Throws Problem unless the request has one Host header, for HTTP/1.1, which is this server's, as
// `authority`, the host of its target, must be if there is one.
void check_host(const AccessRules& rules, const Request& request, std::string_view authority);

// The origin that answers must allow, if a page of an allowed origin asks; nothing for other
// requests. Throws Problem if a page of a foreign origin asks.
std::optional<std::string> check_origin(const AccessRules& rules, const Request& request);

// Throws Problem if a token is needed and the request does not have it. Takes the same time
// whatever the request has.
void check_token(const AccessRules& rules, const Request& request);

// An origin as browsers write it: a scheme, a host in lower case, and a port where that is not the
// scheme's. Nothing for what is no origin.
std::optional<std::string> normal_origin(std::string_view origin);

}  // namespace tusk::server
