// Small operations on text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// `text` with control characters and bytes that are not UTF-8 as \xNN: safe to show, whatever a
// file held.
std::string printable(std::string_view text);

// The same in double quotes, cut after 40 characters.
std::string in_quotes(std::string_view text);

// "1 row", "2 rows".
std::string count_text(std::int64_t count, std::string_view noun);

// A number of bytes as "1.9 MB".
std::string size_text(std::uintmax_t bytes);

// Without spaces, tabs and carriage returns at both ends.
std::string_view trimmed(std::string_view text);

std::string lower_case(std::string_view ascii);

std::vector<std::string_view> split_text(std::string_view text, std::string_view delimiter);

// The whole of `text` as a number; nullopt if it is not one or does not fit.
std::optional<double> parse_double(std::string_view text);
std::optional<int> parse_int(std::string_view text);

// So that a shell takes it for one word: in single quotes if need be.
std::string shell_quoted(std::string_view text);

bool is_utf8(std::string_view text);

// Text that is either UTF-8 or latin-1, as UTF-8.
std::string to_utf8(std::string_view text);

}  // namespace tusk
