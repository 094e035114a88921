// The JSON of a request's body.
#pragma once

#include <nlohmann/json.hpp>

#include "server/message.hpp"
#include "support/untrusted_json.hpp"

namespace tusk::server {

// The body of a request. Throws Problem unless it is JSON in UTF-8, not nested too deeply, whose
// objects name each field once; it says at which byte what is wrong.
nlohmann::json parse_body(const Request& request);

}  // namespace tusk::server
