// Files of ids: pairs of a user and an item, lists of users or items.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

namespace tusk {

// What a row has: ids of a user and an item, or of one of them.
enum class IdRows { pairs, users, items };

struct IdTable {
  std::filesystem::path path;
  IdRows rows = IdRows::pairs;
  TableLayout layout;
  std::vector<std::vector<std::string>> column;  // [ids of a row][rows], ids as ratings have
  std::vector<std::int64_t> line;                // of each row, from 1
};

// Reads a file as ratings are read: header, quotes, byte order mark, ends of lines, delimiter.
// Throws InputError with the line of the first bad row, and if there is no row at all.
IdTable read_id_table(const std::filesystem::path& path, IdRows rows, const TableOptions& options);

// The users or items of a list that a model has training ratings of.
struct IdList {
  std::vector<Index> index;  // in the order of the file, each once; kNone for one that is kept
  std::vector<std::string> unknown;  // the ids of those
  std::int64_t skipped = 0;          // ids without training ratings
  std::string first_skipped;         // the message about the first of them
  std::int64_t repeated = 0;         // rows with an id that is listed above
  std::string first_repeated;        // "\"7\" on line 3"
};

// How to treat an id without training ratings: throw an InputError with its line; leave it out, and
// throw only if there is no other; or keep it as kNone.
enum class OnUnknown { error, skip, keep };
IdList find_ids(const IdTable& table, const Model& model, OnUnknown unknown);

// " (it knows 1 .. 943)", or " (it knows 0001 .. 0943; did you mean 0001?)" if an id differs from
// `id` only in how it is written; nothing if there are no ids.
std::string known_ids_text(const IdMap& ids, std::string_view id);

// "tab-separated, no header; user=1 item=2".
std::string to_string(const TableLayout& layout);

}  // namespace tusk
