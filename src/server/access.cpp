#include "server/access.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "server/problem.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

struct HostAndPort {
  std::string host;  // in lower case, without the brackets of an IPv6 address
  std::string port;
  bool bracketed = false;
};

std::optional<HostAndPort> parse_host(std::string_view text) {
  HostAndPort parsed;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parsed.host = lower_case(text.substr(1, close - 1));
    parsed.bracketed = true;
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    parsed.host = lower_case(text.substr(0, colon));
    rest = text.substr(colon);
  }
  if (parsed.host.empty()) return std::nullopt;
  if (rest.empty()) return parsed;
  parsed.port = rest.substr(1);
  const bool digits = std::all_of(parsed.port.begin(), parsed.port.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!rest.starts_with(':') || parsed.port.empty() || parsed.port.size() > 5 || !digits) {
    return std::nullopt;
  }
  return parsed;
}

bool is_address(const HostAndPort& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(host.bracketed ? AF_INET6 : AF_INET, host.host.c_str(), address.data()) == 1;
}

// Whether two texts are equal, in a time that depends on their lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned differing = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && !b.empty(); ++i) {
    differing |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i % b.size()]);
  }
  return differing == 0;
}

}  // namespace

bool is_own_host(const AccessRules& rules, std::string_view host) {
  const auto parsed = parse_host(host);
  if (!parsed) return false;
  if (is_address(*parsed)) return true;
  return !parsed->bracketed &&
         (parsed->host == "localhost" ||
          std::find(rules.hosts.begin(), rules.hosts.end(), parsed->host) != rules.hosts.end());
}

void check_host(const AccessRules& rules, const Request& request, std::string_view authority) {
  const auto hosts = std::count_if(request.headers.begin(), request.headers.end(),
                                   [](const auto& header) { return header.first == "host"; });
  if (hosts != 1) throw Problem(400, "bad-request", "a request must have one Host header");
  std::vector<std::string_view> asked = {*request.header("host")};
  if (!authority.empty()) asked.push_back(authority);
  for (const std::string_view host : asked) {
    if (is_own_host(rules, host)) continue;
    throw Problem(421, "foreign-host",
                  fmt::format("{} is not a host of this server; it answers to localhost, addresses "
                              "and the names that it is started with",
                              in_quotes(host)));
  }
}

std::optional<std::string> normal_origin(std::string_view origin) {
  const std::string text = lower_case(origin);
  const std::size_t colon = std::min(text.find("://"), text.size());
  const std::string scheme = text.substr(0, colon);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const auto host = parse_host(std::string_view(text).substr(colon + 3));
  if (!host || host->host.find_first_of("/?#@") != std::string::npos) return std::nullopt;
  const bool usual = host->port.empty() || host->port == (scheme == "http" ? "80" : "443");
  return fmt::format("{}://{}{}{}{}", scheme, host->bracketed ? "[" : "", host->host,
                     host->bracketed ? "]" : "", usual ? "" : ":" + host->port);
}

std::optional<std::string> check_origin(const AccessRules& rules, const Request& request) {
  const auto given = request.header("origin");
  if (!given) return std::nullopt;
  const auto origin = normal_origin(*given);
  const std::string host(request.header("host").value_or(""));
  for (const char* const scheme : {"http://", "https://"}) {
    // A server behind a proxy for TLS has https origins.
    if (origin && origin == normal_origin(scheme + host)) return std::nullopt;
  }
  if (origin &&
      std::find(rules.origins.begin(), rules.origins.end(), *origin) != rules.origins.end()) {
    return origin;
  }
  throw Problem(403, "foreign-origin",
                fmt::format("pages of {} may not use this server", in_quotes(*given)));
}

void check_token(const AccessRules& rules, const Request& request) {
  if (rules.token.empty()) return;
  constexpr std::string_view kScheme = "bearer ";
  std::string_view given = request.header("authorization").value_or("");
  const bool bearer = lower_case(given.substr(0, kScheme.size())) == kScheme;
  given = bearer ? trimmed(given.substr(kScheme.size())) : std::string_view();
  if (equal_in_constant_time(given, rules.token)) return;
  throw Problem(401, "unauthorized", "the request needs the header Authorization: Bearer TOKEN")
      .with_header("WWW-Authenticate", "Bearer");
}

}  // namespace tusk::server
