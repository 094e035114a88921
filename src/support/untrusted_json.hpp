// JSON of somebody who may mean harm.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace tusk {

inline constexpr int kDeepestJson = 16;

// Takes time and memory in proportion to the text, up to a logarithm. Throws InputError for what is
// nested too deeply and for an object that names a field twice, which it quotes, and
// nlohmann::json::exception for what is no JSON.
nlohmann::json parse_untrusted_json(std::string_view text);

}  // namespace tusk
