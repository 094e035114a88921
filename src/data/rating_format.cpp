#include "data/rating_format.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using Fields = std::vector<std::string_view>;

std::string recognise_delimiter(std::string_view line) {
  for (const char* delimiter : {"::", "\t", ",", ";", "|"}) {
    if (line.find(delimiter) != std::string_view::npos) return delimiter;
  }
  return {};
}

struct KnownNames {
  std::string_view field;
  std::initializer_list<std::string_view> names;  // lower case, without '_', '-' and spaces
};

const std::array<KnownNames, 4> kKnownNames = {{
    {"user", {"user", "userid", "uid", "users"}},
    {"item",
     {"item", "itemid", "iid", "movie", "movieid", "product", "productid", "book", "bookid"}},
    {"rating", {"rating", "ratings", "score", "stars"}},
    {"timestamp", {"timestamp", "time", "ts", "unixtime"}},
}};

int find_column(const Fields& header, const KnownNames& known) {
  for (std::size_t c = 0; c < header.size(); ++c) {
    std::string name = lower_case(header[c]);
    std::erase_if(name, [](char ch) { return ch == '_' || ch == '-' || ch == ' '; });
    if (std::find(known.names.begin(), known.names.end(), name) != known.names.end()) {
      return static_cast<int>(c);
    }
  }
  return -1;
}

// The column that --columns names, by header name or by number from 1; -1 if there is none.
int named_column(const std::string& name, const Fields& first, bool header) {
  if (header) {
    const auto at = std::find(first.begin(), first.end(), name);
    if (at != first.end()) return static_cast<int>(at - first.begin());
  }
  const auto number = parse_int(name);
  if (number && *number >= 1 && *number <= static_cast<int>(first.size())) return *number - 1;
  return -1;
}

bool is_header(const Fields& first, const ReadOptions& options) {
  if (options.header) return *options.header;
  if (!options.columns.empty()) {
    // Numbers say nothing about the first row; a name must be in it.
    const int rating = named_column(options.columns[2], first, false);
    return rating < 0 || !parse_double(first[static_cast<std::size_t>(rating)]);
  }
  const bool named = std::any_of(kKnownNames.begin(), kKnownNames.end(),
                                 [&](const auto& known) { return find_column(first, known) >= 0; });
  return named;
}

}  // namespace

bool split_fields(std::string_view line, std::string_view delimiter, Fields& fields) {
  fields.clear();
  while (true) {
    const auto start = line.find_first_not_of(' ');
    if (start != std::string_view::npos && line[start] == '"') {
      std::size_t end = start + 1;
      while (true) {
        end = line.find('"', end);
        if (end == std::string_view::npos) return false;
        if (end + 1 >= line.size() || line[end + 1] != '"') break;
        end += 2;
      }
      fields.push_back(line.substr(start + 1, end - start - 1));
      line.remove_prefix(end + 1);
      const auto next = line.find(delimiter);
      if (!trimmed(line.substr(0, next)).empty()) return false;
      if (next == std::string_view::npos) return true;
      line.remove_prefix(next + delimiter.size());
    } else {
      const auto end = line.find(delimiter);
      fields.push_back(trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return true;
      line.remove_prefix(end + delimiter.size());
    }
  }
}

std::string unescaped(std::string_view quoted_field) {
  std::string out;
  out.reserve(quoted_field.size());
  for (std::size_t i = 0; i < quoted_field.size(); ++i) {
    out += quoted_field[i];
    if (quoted_field[i] == '"') ++i;
  }
  return out;
}

void check_is_text(std::string_view text, const std::string& file) {
  const auto refuse = [&](std::string_view found) {
    throw InputError({file, 0, 0}, std::string(found), "a text file of ratings");
  };
  if (text.empty()) refuse("an empty file");
  if (text.starts_with("PK\x03\x04")) refuse("a zip archive (unpack it first)");
  if (text.starts_with("\x1f\x8b")) refuse("a gzip archive (unpack it first)");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    refuse("UTF-16 text (save it as UTF-8 first)");
  }
  const auto head = text.substr(0, 4096);
  const auto binary = std::find_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (binary != head.end()) {
    refuse(fmt::format("a binary file (byte 0x{:02x} at offset {})",
                       static_cast<unsigned char>(*binary), binary - head.begin()));
  }
}

RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options) {
  if (!options.columns.empty() && (options.columns.size() < 3 || options.columns.size() > 4)) {
    throw UsageError("--columns takes 3 or 4 columns: user,item,rating[,timestamp]");
  }
  Lines lines(text);
  std::string_view line;
  do {
    if (!lines.next(line)) {
      throw InputError({file, 0, 0}, "nothing but blank lines", "rows of user, item and rating");
    }
  } while (trimmed(line).empty());
  const TextPosition first_line{file, lines.number(), 0};

  RatingFormat format;
  format.delimiter = options.delimiter.empty() ? recognise_delimiter(line) : options.delimiter;
  Fields first;
  if (format.delimiter.empty()) {
    throw InputError(first_line, in_quotes(line),
                     "user, item and rating between tabs, ',', '::', ';' or '|' (or what "
                     "--delimiter says)");
  }
  if (!split_fields(line, format.delimiter, first)) {
    throw InputError(first_line, in_quotes(line), "quotes closed before the next delimiter");
  }
  if (first.size() < 3 || first.size() > kMostFields) {
    throw InputError(
        first_line,
        fmt::format("{} field{} in {}", first.size(), first.size() == 1 ? "" : "s",
                    in_quotes(line)),
        fmt::format("3 to {} fields: user, item, rating and perhaps a timestamp", kMostFields));
  }
  format.header = is_header(first, options);
  format.fields = static_cast<int>(first.size());

  const std::array<int*, 4> column = {&format.user, &format.item, &format.rating,
                                      &format.timestamp};
  if (!options.columns.empty()) {
    for (std::size_t c = 0; c < options.columns.size(); ++c) {
      *column[c] = named_column(options.columns[c], first, format.header);
      if (*column[c] < 0) {
        throw InputError(
            first_line, fmt::format("the columns {}", fmt::join(first, ", ")),
            fmt::format("a column {} as --columns says", in_quotes(options.columns[c])));
      }
    }
  } else if (format.header) {
    for (std::size_t c = 0; c < column.size(); ++c) {
      *column[c] = find_column(first, kKnownNames[c]);
      if (*column[c] < 0 && c < 3) {
        throw InputError(first_line, fmt::format("a header with the columns {}", in_quotes(line)),
                         fmt::format("one named {} for the {} (or say where it is with --columns)",
                                     fmt::join(kKnownNames[c].names, ", "), kKnownNames[c].field));
      }
    }
  } else if (format.fields >= 4) {
    format.timestamp = 3;
  }
  return format;
}

}  // namespace tusk
