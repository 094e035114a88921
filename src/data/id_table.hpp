// Files of ids: pairs of a user and an item, lists of users or items.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/table_format.hpp"

namespace tusk {

// Kinds of tables of ids.
extern const TableKind kUserItemPairs;
extern const TableKind kUserList;
extern const TableKind kItemList;

struct IdTable {
  TableLayout layout;
  std::vector<std::vector<std::string>> column;  // [required columns][rows], ids as ratings have
  std::vector<std::int64_t> line;                // of each row, from 1
};

// Reads a file as ratings are read: header, quotes, byte order mark, ends of lines, delimiter.
// Throws InputError with the line of the first bad row, and if there is no row at all.
IdTable read_id_table(const std::filesystem::path& path, const TableKind& kind,
                      const TableOptions& options);

}  // namespace tusk
