#include "data/table_format.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/parameters.hpp>

#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr const char* kKnownDelimiters = "tabs, ',', '::', ';', '|' or blanks";

// The first that gives enough fields, or else any that there is: "1;2;3,5" has semicolons.
std::string recognise_delimiter(std::string_view line, std::size_t enough) {
  std::string any;
  Fields fields;
  for (const char* delimiter : {"::", "\t", ",", ";", "|", " "}) {
    if (!split_fields(line, delimiter, fields)) continue;
    if (fields.size() >= enough) return delimiter;
    if (fields.size() >= 2 && any.empty() && *delimiter != ' ') any = delimiter;
  }
  return any;
}

bool is_number(std::string_view field) { return parse_double(field).has_value(); }

bool knows_a_name(const Fields& first, const TableKind& kind) {
  return std::any_of(kind.columns.begin(), kind.columns.end(), [&](const KnownColumn& known) {
    return find_column(first, known.names) != kNoColumn ||
           first_column(first, known.other_names) != kNoColumn;
  });
}

// The column that --columns names, by header name or by number from 1.
int named_column(const std::string& name, const Fields& first, bool header) {
  if (header) {
    const auto at = std::find(first.begin(), first.end(), name);
    if (std::count(at, first.end(), name) > 1) return kManyColumns;
    if (at != first.end()) return static_cast<int>(at - first.begin());
  }
  const auto number = parse_int(name);
  if (number && *number >= 1 && *number <= static_cast<int>(first.size())) return *number - 1;
  return kNoColumn;
}

bool is_header(const Fields& first, const TableKind& kind, const TableOptions& options) {
  if (options.header) return *options.header;
  const auto place = [&](std::size_t c) { return named_column(options.columns[c], first, false); };
  if (!options.columns.empty() && kind.number != kNoColumn) {
    // Numbers say nothing about the first row; a name must be in it.
    const int column = place(static_cast<std::size_t>(kind.number));
    return column < 0 || !is_number(first[static_cast<std::size_t>(column)]);
  }
  for (std::size_t c = 0; c < options.columns.size(); ++c) {
    if (!options.columns[c].empty() && place(c) < 0) return true;
  }
  // Where ids are all that there is, a row of data may hold the text "book" beside a number.
  const bool row = kind.number == kNoColumn && std::any_of(first.begin(), first.end(), is_number);
  return !row && knows_a_name(first, kind);
}

// The end of a message about a table that may have no column of ratings.
std::string without_ratings() {
  return fmt::format(", or {} if there are no ratings", option_name("implicit"));
}

std::string count_of_columns(const TableKind& kind) {
  std::string names;
  for (std::size_t c = 0; c < kind.columns.size(); ++c) {
    const std::string name(c == 0 ? "" : ",");
    names += c < kind.required ? name + std::string(kind.columns[c].field)
                               : fmt::format("[{}{}]", name, kind.columns[c].field);
  }
  const auto most = kind.columns.size();
  return kind.required == most
             ? fmt::format("{}: {}", count_text(std::ssize(kind.columns), "column"), names)
             : fmt::format("{} or {} columns: {}", kind.required, most, names);
}

class Recogniser {
 public:
  Recogniser(std::string_view text, const std::string& file, const TableKind& kind,
             const TableOptions& options)
      : lines_(text), file_(file), kind_(kind), options_(options) {}

  TableFormat recognise() {
    if (!options_.columns.empty() && (options_.columns.size() < kind_.required ||
                                      options_.columns.size() > kind_.columns.size())) {
      throw ParameterError(std::string(kind_.option), "takes " + count_of_columns(kind_));
    }
    if (!next_row(line_)) {
      throw InputError({file_, 0, 0}, "nothing but blank lines",
                       fmt::format("rows of {}", kind_.row));
    }
    where_ = {file_, lines_.number(), 0};
    refuse_json();
    split_first_line();
    format_.header = is_header(first_, kind_, options_);
    format_.fields = static_cast<int>(first_.size());
    if (format_.header) format_.names.assign(first_.begin(), first_.end());
    format_.column.assign(kind_.columns.size(), kNoColumn);
    if (!options_.columns.empty()) {
      take_given_columns();
    } else if (format_.header) {
      take_known_columns();
    } else {
      if (!options_.header) refuse_unknown_header();
      for (std::size_t c = 0; c < format_.column.size() && c < first_.size(); ++c) {
        format_.column[c] = static_cast<int>(c);
      }
    }
    format_.counting_first_row = !format_.header && !options_.header && counts(first_);
    return format_;
  }

 private:
  bool next_row(std::string_view& line) {
    do {
      if (!lines_.next(line)) return false;
    } while (trimmed(line).empty());
    return true;
  }

  void refuse_json() const {
    const auto line = trimmed(line_);
    if (!line.starts_with("{\"") && !line.starts_with("{ \"")) return;
    throw InputError(where_,
                     "JSON (write it as CSV first, such as: jq -r '[.user, .item] | @csv' "
                     "FILE > NEW)",
                     fmt::format("rows of {}", kind_.row));
  }

  void split_first_line() {
    format_.delimiter = options_.delimiter;
    if (format_.delimiter.empty()) {
      format_.delimiter = recognise_delimiter(line_, std::max<std::size_t>(kind_.required, 2));
    }
    if (kind_.required == 1 && options_.delimiter.empty() && options_.columns.empty()) {
      // A list: its first line is one id, whatever that holds, unless it names columns.
      const bool several = !format_.delimiter.empty() && format_.delimiter != kBlanks &&
                           split_fields(line_, format_.delimiter, first_);
      if (!several || options_.header == false || !knows_a_name(first_, kind_)) {
        format_.delimiter = kWholeLine;
      }
    }
    if (format_.delimiter.empty() && kind_.required == 1) format_.delimiter = kWholeLine;
    if (format_.delimiter.empty()) {
      throw InputError(where_, in_quotes(line_),
                       fmt::format("{} between {}{}", kind_.row, kKnownDelimiters,
                                   kind_.option == kColumnsOption
                                       ? fmt::format(" (or what {} says)", option_name("delimiter"))
                                       : ""));
    }
    if (!split_fields(line_, format_.delimiter, first_)) {
      throw InputError(where_, in_quotes(line_), "quotes closed before the next delimiter");
    }
    if (first_.size() < kind_.required || first_.size() > kMostFields) {
      throw InputError(
          where_,
          fmt::format("{} in {}", count_text(std::ssize(first_), "field"), in_quotes(line_)),
          fmt::format("{} to {} fields: {}{}{}", kind_.required, kMostFields, kind_.row, kind_.also,
                      kind_.number == kNoColumn ? "" : without_ratings()));
    }
  }

  void take_given_columns() {
    auto& column = format_.column;
    for (std::size_t c = 0; c < options_.columns.size(); ++c) {
      if (options_.columns[c].empty()) {
        if (c >= kind_.required) continue;
        throw ParameterError(std::string(kind_.option),
                             fmt::format("leaves out the {}", kind_.columns[c].field));
      }
      column[c] = named_column(options_.columns[c], first_, format_.header);
      if (column[c] < 0) {
        throw InputError(
            where_, found(),
            fmt::format("{} column {} as {} says", column[c] == kNoColumn ? "a" : "one single",
                        in_quotes(options_.columns[c]), option_name(kind_.option)));
      }
      if (std::find(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(c), column[c]) !=
          column.begin() + static_cast<std::ptrdiff_t>(c)) {
        throw ParameterError(std::string(kind_.option),
                             fmt::format("names column {} twice", column[c] + 1));
      }
    }
  }

  void take_known_columns() {
    for (std::size_t c = 0; c < format_.column.size(); ++c) {
      const auto& [field, names, other_names] = kind_.columns[c];
      int& at = format_.column[c];
      at = find_column(first_, names);
      if (at == kNoColumn) at = first_column(first_, other_names);
      // Both a timestamp and a date: the name that is listed first.
      if (at == kManyColumns && c >= kind_.required) at = first_column(first_, names);
      if (at == kNoColumn && kind_.required == 1 && first_.size() == 1) {
        at = 0;  // a header above the only column
      } else if (at == kManyColumns || (at == kNoColumn && c < kind_.required)) {
        throw InputError(where_, found(),
                         fmt::format("one named {} for the {} (or say where it is with {}{})",
                                     fmt::join(names, ", "), field, option_name(kind_.option),
                                     static_cast<int>(c) == kind_.number ? without_ratings() : ""));
      }
    }
  }

  // A first row that is neither known as a header nor one of data.
  void refuse_unknown_header() {
    if (std::any_of(first_.begin(), first_.end(), is_number)) return;
    if (kind_.number == kNoColumn) {
      // Ids may be text; pairs of texts above pairs of numbers are hardly ids.
      if (kind_.required == 1) return;
      Fields second;
      std::string_view line;
      if (!next_row(line) || !split_fields(line, format_.delimiter, second) ||
          !std::all_of(second.begin(), second.end(), is_number)) {
        return;
      }
    }
    throw InputError(
        where_, found(),
        fmt::format("a header that names {} (or say where they are with {}), or rows "
                    "of {} (or say {} no)",
                    kind_.row, option_name(kind_.option),
                    kind_.number == kNoColumn ? "ids" : "ratings", option_name("header")));
  }

  static bool counts(const Fields& first) {
    for (std::size_t c = 0; c < first.size(); ++c) {
      if (first[c] != std::to_string(c)) return false;
    }
    return true;
  }

  std::string found() const { return fmt::format("the columns {}", in_quotes(line_)); }

  Lines lines_;
  const std::string& file_;
  const TableKind& kind_;
  const TableOptions& options_;
  TableFormat format_;
  std::string_view line_;  // the first
  Fields first_;           // and its fields
  TextPosition where_;
};

}  // namespace

TableLayout TableFormat::layout(const TableKind& kind) const {
  TableLayout layout{delimiter, header, {}};
  for (std::size_t c = 0; c < column.size(); ++c) {
    if (column[c] == kNoColumn) continue;
    layout.columns.push_back({std::string(kind.columns[c].field), column[c] + 1,
                              header ? names[static_cast<std::size_t>(column[c])] : ""});
  }
  return layout;
}

TableFormat recognise_table(std::string_view text, const std::string& file, const TableKind& kind,
                            const TableOptions& options) {
  return Recogniser(text, file, kind, options).recognise();
}

TableBody table_body(std::string_view text, bool header) {
  if (!header) return {text, 0};
  Lines lines(text);
  std::string_view line;
  while (lines.next(line) && trimmed(line).empty()) {
  }
  return {lines.rest(), lines.number()};
}

namespace {

// " user=reader item=2": names of the header, or numbers.
std::string columns_text(const TableLayout& layout) {
  std::string text;
  for (const auto& column : layout.columns) {
    text += fmt::format(" {}={}", column.field,
                        column.name.empty() ? fmt::format("{}", column.number) : column.name);
  }
  return text;
}

}  // namespace

std::string to_string(const TableLayout& layout) {
  switch (layout.kind) {
    case FileLayout::table:
      break;
    case FileLayout::json_lines:
      return "JSON lines;" + columns_text(layout);
    case FileLayout::netflix:
      return "blocks of the Netflix Prize;" + columns_text(layout);
    case FileLayout::matrix:
      return "a matrix of users and items";
  }
  struct Named {
    std::string_view delimiter;
    const char* name;
  };
  constexpr std::array<Named, 5> kNames = {{{"\t", "tab-separated"},
                                            {",", "comma-separated"},
                                            {";", "semicolon-separated"},
                                            {kBlanks, "separated by blanks"},
                                            {kWholeLine, "one a line"}}};
  std::string text = fmt::format("separated by '{}'", layout.delimiter);
  for (const auto& [delimiter, name] : kNames) {
    if (layout.delimiter == delimiter) text = name;
  }
  return text + (layout.header ? ", header;" : ", no header;") + columns_text(layout);
}

}  // namespace tusk
