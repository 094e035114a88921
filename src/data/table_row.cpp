#include "data/table_row.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/id_dictionary.hpp"
#include "support/text.hpp"

namespace tusk {

std::optional<BadRow> TableRow::split(std::string_view line, bool line_ended) {
  line_ = line;
  if (!split_fields(line, delimiter_, fields_)) {
    return BadRow{1, in_quotes(line), "quotes closed before the next delimiter"};
  }
  if (static_cast<int>(fields_.size()) != count_) {
    return BadRow{1,
                  fmt::format("{}{}", count_text(std::ssize(fields_), "field"),
                              line_ended ? "" : " in a last line without an end (cut off?)"),
                  count_text(count_, "field")};
  }
  return std::nullopt;
}

BadRow TableRow::bad_field(int number, std::string_view name, std::string expected) const {
  const auto text = field(number);
  return {text.data() - line_.data() + 1, fmt::format("{} {}", name, in_quotes(text)),
          std::move(expected)};
}

std::optional<BadRow> TableRow::id(int number, std::string_view name, std::string& storage,
                                   std::string_view& id) const {
  id = field(number);
  if (id.find('"') != std::string_view::npos) {
    storage = field_text(line_, id);
    id = storage;
  }
  std::string expected = expected_id(id);
  if (expected.empty()) return std::nullopt;
  if (!is_utf8(id) && expected.find("UTF-8") != std::string::npos) {
    expected += " (convert the file first: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW)";
  }
  return bad_field(number, name, std::move(expected));
}

}  // namespace tusk
