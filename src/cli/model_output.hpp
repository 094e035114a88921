// Ids and titles of a model as output shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tusk/model.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// A JSON number where all ids are numbers, else a string. An id that is unknown stays as given.
Json json_id(const IdMap& ids, std::string_view id);

// The item's title, or "" where the data had none.
std::string title_of(const Model& model, Index item);

}  // namespace tusk::cli
