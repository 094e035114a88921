// Ids and titles of a model as output shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tusk/model.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// The item's title, or "" where the data had none.
std::string title_of(const Model& model, Index item);

}  // namespace tusk::cli
