// Trials as JSON: all of one, to the last bit, for the state of a search and between processes.
#pragma once

#include <tusk/json.hpp>
#include <tusk/search.hpp>

namespace tusk {

Json trial_state(const Trial& trial);
// Throws Json::exception for what trial_state() did not write.
Trial trial_from_state(const Json& json);

}  // namespace tusk
