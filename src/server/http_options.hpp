// Where and how HTTP is served.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "server/access.hpp"
#include "server/access_log.hpp"

namespace tusk::server {

struct Limits {
  std::size_t header_bytes = 16 << 10;  // of the first line and the headers
  std::size_t header_lines = 100;
  std::uint64_t body_bytes = 1 << 20;
  std::size_t connections = 512;
  std::size_t waiting = 1024;  // requests that wait for a thread
  // From the first byte of a request to the end of its header; the body; until an answer is taken;
  // between requests; and for requests that run when the server stops.
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{20'000};
  std::chrono::milliseconds write_time{30'000};
  std::chrono::milliseconds idle_time{60'000};
  std::chrono::milliseconds stop_time{10'000};
};

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: one that is free
  int threads = 0;         // that compute; 0 takes as many as the machine has
  AccessRules access;
  Limits limits;
  LogFormat log = LogFormat::none;
  // Takes lines of the log, without their ends.
  std::function<void(std::string_view)> write_log = {};
  // Takes the warnings of answers, each text once.
  std::function<void(const std::string&)> on_warning = {};
};

}  // namespace tusk::server
