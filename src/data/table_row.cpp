#include "data/table_row.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

#include "data/id_dictionary.hpp"
#include "support/text.hpp"

namespace tusk {

TableRow::TableRow(RowStyle style) : style_(std::move(style)), json_(style_.keys) {
  fields_.reserve(kMostFields);
}

std::optional<BadRow> TableRow::split(std::string_view line, bool line_ended) {
  line_ = line;
  const char* const cut_off = line_ended ? "" : " in a last line without an end (cut off?)";
  if (is_json()) {
    if (!json_.read(line)) return BadRow{1, in_quotes(line) + cut_off, "a JSON object"};
    fields_.clear();
    for (std::size_t f = 0; f < style_.keys.size(); ++f) fields_.push_back(json_.field(f));
    return std::nullopt;
  }
  if (!split_fields(line, style_.delimiter, fields_, style_.quotes)) {
    return BadRow{1, in_quotes(line), "quotes closed before the next delimiter"};
  }
  if (static_cast<int>(fields_.size()) != style_.fields) {
    return BadRow{1, count_text(std::ssize(fields_), "field") + cut_off,
                  count_text(style_.fields, "field")};
  }
  return std::nullopt;
}

BadRow TableRow::bad_field(int number, std::string_view name, std::string expected) const {
  const auto text = field(number);
  const bool null = is_json() && json_.is_null(static_cast<std::size_t>(number));
  return {is_json() ? 0 : text.data() - line_.data() + 1,
          fmt::format("{} {}", name, null ? "null" : in_quotes(text)), std::move(expected)};
}

std::optional<BadRow> TableRow::id(int number, std::string_view name, std::string& storage,
                                   std::string_view& id) const {
  id = field(number);
  if (!is_json() && id.find_first_of("\"\\") != std::string_view::npos) {
    storage = field_text(line_, id, style_.quotes);
    id = storage;
  }
  if (style_.latin1_ids && !is_utf8(id)) {
    storage = to_utf8(id);
    id = storage;
  }
  std::string expected = expected_id(id);
  if (expected.empty()) return std::nullopt;
  if (!is_utf8(id) && expected.find("UTF-8") != std::string::npos) {
    expected += fmt::format(" ({} says in which other encoding the file is, such as latin-1)",
                            option_name("encoding"));
  }
  return bad_field(number, name, std::move(expected));
}

}  // namespace tusk
