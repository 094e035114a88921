// Ids that a file lists, one a line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>

#include "cli/console.hpp"
#include "data/id_table.hpp"

namespace tusk::cli {

struct IdListOptions {
  const TableKind& kind;
  TableOptions table;
  std::string expected;  // "a user that ...", for messages
  bool skip = false;     // ids that are unknown, or that are not usable, and count them
};

// The indices of the ids in the file, in its order, each once: a warning counts those that come
// again. An id that is unknown, or that `usable` refuses, is an InputError with its line; with
// options.skip such ids are counted in a warning, and it is an error only if there is no other.
std::vector<Index> read_ids(const std::string& file, const IdMap& ids,
                            const std::function<bool(Index)>& usable, const IdListOptions& options,
                            const Console& console);

// A note of what the columns of a file of ids were taken for.
void note_layout(const Console& console, const std::string& file, const IdTable& table);

}  // namespace tusk::cli
