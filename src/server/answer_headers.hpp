// The headers that every answer has.
#pragma once

#include <chrono>
#include <string>

#include "server/message.hpp"

namespace tusk::server {

struct AnswerFacts {
  std::chrono::system_clock::time_point now;
  std::string allowed_origin;  // of another site that may read the answer; else empty
  std::string model_version;   // of answers that a model gave; else empty
};

// Adds those of time, of security and of caches, which the answer may have already.
void add_usual_headers(Response& response, const AnswerFacts& facts);

}  // namespace tusk::server
