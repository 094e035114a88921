#include "data/tags_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 2> kTagNames = {"tag", "tags"};

// Where item and tag are in the rows of a file.
struct TagColumns {
  std::string_view delimiter = "::";
  std::size_t item = 1;
  std::size_t tag = 2;
};

TextTable read(const std::filesystem::path& file, bool has_header, const IdMap& items) {
  const std::string text = read_text(file, "a text file of tags");
  std::vector<std::string> tags(static_cast<std::size_t>(items.size()));
  TagColumns columns;
  Lines lines(text);
  std::string_view line;
  Fields fields;
  if (has_header && lines.next(line)) {
    split_fields(line, ",", fields);
    const int item = find_column(fields, kItemNames);
    const int tag = find_column(fields, kTagNames);
    if (item < 0 || tag < 0) {
      throw InputError({file.string(), 1, 0}, in_quotes(line), "a header with movieId and tag");
    }
    columns = {",", static_cast<std::size_t>(item), static_cast<std::size_t>(tag)};
  }
  while (lines.next(line)) {
    if (!split_fields(line, columns.delimiter, fields)) continue;
    if (fields.size() <= std::max(columns.item, columns.tag)) continue;
    const auto item = items.find(trimmed(fields[columns.item]));
    if (!item) continue;
    std::string& all = tags[static_cast<std::size_t>(*item)];
    if (!all.empty()) all += '|';
    all += to_utf8(field_text(line, fields[columns.tag]));
  }
  TextTable table;
  for (const std::string& all : tags) table.push_back(all);
  return table;
}

}  // namespace

TextTable read_tags(const std::filesystem::path& folder, const IdMap& items, TitlesReport& report) {
  for (const char* name : {"tags.csv", "tags.dat"}) {
    const auto file = folder / name;
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) continue;
    try {
      return read(file, name == std::string_view("tags.csv"), items);
    } catch (const InputError& problem) {
      report.problems.emplace_back(problem.what());
    }
  }
  return {};
}

}  // namespace tusk
