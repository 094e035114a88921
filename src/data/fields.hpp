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

// How quotes are written within a field in quotes.
enum class Quotes { doubled, after_backslash };

// The end of a quoted field that begins at `start`: its closing quote, or npos.
std::size_t closing_quote(std::string_view line, std::size_t start, Quotes quotes);

// Splits a line at the delimiter. A field in double quotes may hold the delimiter and quotes (with
// Quotes::doubled as RFC 4180 says); it comes without its outer quotes. Unquoted fields are
// trimmed. False if a quote is not closed or is followed by more text. With kBlanks those at both
// ends count for nothing.
bool split_fields(std::string_view line, std::string_view delimiter, Fields& fields,
                  Quotes quotes = Quotes::doubled);

// What a field of the line says: that of a quoted field with the quotes in it made single.
std::string field_text(std::string_view line, std::string_view field,
                       Quotes quotes = Quotes::doubled);

// Names that headers give columns: lower case, without '_', '-' and spaces.
inline constexpr std::array<std::string_view, 4> kUserNames = {"user", "userid", "uid", "users"};
inline constexpr std::array<std::string_view, 9> kItemNames = {
    "item", "itemid", "iid", "movie", "movieid", "product", "productid", "book", "bookid"};

// The same in data sets that name their columns otherwise; used where none of the names above is
// there, the first listed first.
inline constexpr std::array<std::string_view, 3> kOtherUserNames = {"reviewerid", "customerid",
                                                                    "visitorid"};
inline constexpr std::array<std::string_view, 7> kOtherItemNames = {
    "isbn", "asin", "parentasin", "businessid", "animeid", "artistid", "trackid"};

inline constexpr int kNoColumn = -1;
inline constexpr int kManyColumns = -2;

// The column, from 0, whose name in the header is one of `names`; kNoColumn if there is none,
// kManyColumns if there are several.
int find_column(const Fields& header, std::span<const std::string_view> names);

// The column, from 0, with the first of `names` that any has; kNoColumn if none has one.
int first_column(const Fields& header, std::span<const std::string_view> names);

}  // namespace tusk
