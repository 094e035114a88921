// Results as JSON, of nlohmann::json.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <tusk/dataset.hpp>

namespace tusk {

using Json = nlohmann::ordered_json;

// The object in one line; bytes that are not UTF-8 are replaced, hidden characters escaped.
std::string json_line(const Json& object);

// The shortest decimal that is this float, so that JSON shows 3.97 and not 3.9700000286102295.
double json_number(float value);

// A JSON number where all ids are numbers, else a string. An id that is unknown stays as given.
Json json_id(const IdMap& ids, std::string_view id);

}  // namespace tusk
