#include "server/answer_headers.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tusk::server {
namespace {

// A page may load, and ask, nothing but what this server has.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr const char* kDataPolicy = "default-src 'none'; frame-ancestors 'none'";

}  // namespace

void add_usual_headers(Response& response, const AnswerFacts& facts) {
  const bool cached =
      std::any_of(response.headers.begin(), response.headers.end(),
                  [](const auto& header) { return header.first == "Cache-Control"; });
  const auto add = [&](const char* name, std::string value) {
    response.headers.emplace_back(name, std::move(value));
  };
  const std::time_t now = std::chrono::system_clock::to_time_t(facts.now);
  add("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now)));
  if (!cached) add("Cache-Control", "no-store");
  add("Content-Security-Policy",
      response.type.starts_with("text/html") ? kPagePolicy : kDataPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cross-Origin-Opener-Policy", "same-origin");
  if (!facts.model_version.empty()) add("Tusk-Model", facts.model_version);
  if (facts.allowed_origin.empty()) return;
  add("Access-Control-Allow-Origin", facts.allowed_origin);
  add("Access-Control-Expose-Headers", "Tusk-Model");
  add("Vary", "Origin");
}

}  // namespace tusk::server
