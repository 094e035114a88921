// The fields of a line of delimited text.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

using Fields = std::vector<std::string_view>;

inline constexpr int kMostFields = 64;  // of a line

inline constexpr const char* kBlanks = " ";      // a delimiter: any run of spaces and tabs
inline constexpr const char* kWholeLine = "\n";  // a delimiter: the line is one field

// Splits a line at the delimiter. A field in double quotes may hold the delimiter and, doubled,
// quotes (RFC 4180); it comes without its outer quotes. Unquoted fields are trimmed. False if a
// quote is not closed or is followed by more text. With kBlanks those at both ends count for
// nothing.
bool split_fields(std::string_view line, std::string_view delimiter, Fields& fields);

// What a field of the line says: that of a quoted field with its doubled quotes made single.
std::string field_text(std::string_view line, std::string_view field);

// Names that headers give columns: lower case, without '_', '-' and spaces.
inline constexpr std::array<std::string_view, 4> kUserNames = {"user", "userid", "uid", "users"};
inline constexpr std::array<std::string_view, 9> kItemNames = {
    "item", "itemid", "iid", "movie", "movieid", "product", "productid", "book", "bookid"};

inline constexpr int kNoColumn = -1;
inline constexpr int kManyColumns = -2;

// The column, from 0, whose name in the header is one of `names`; kNoColumn if there is none,
// kManyColumns if there are several.
int find_column(const Fields& header, std::span<const std::string_view> names);

}  // namespace tusk
