// Ids that a file lists, one a line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// The indices of the ids in the file, in its order and as often as they come; empty lines do not
// count. An id that is unknown, or that `usable` refuses, is an InputError with its line that asks
// for `expected`, "a user that ..."; with `skip` such ids are counted in a warning, and it is an
// error only if there is no other.
std::vector<Index> read_ids(const std::string& file, const IdMap& ids,
                            const std::function<bool(Index)>& usable, const std::string& expected,
                            bool skip, Console& console);

}  // namespace tusk::cli
