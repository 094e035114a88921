// Trials as JSON: all of one, for the state of a search, to the last bit.
#pragma once

#include <tusk/search.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

Json trial_state(const Trial& trial);
// Throws Json::exception for what trial_state() did not write.
Trial trial_from_state(const Json& json);

}  // namespace tusk::cli
