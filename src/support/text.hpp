// Small operations on text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// Whether a character must not be shown as it is: controls, line and paragraph separators, and
// format characters such as those that turn the direction of the text around (Unicode categories
// Cc, Cf, Zl, Zp). A zero-width joiner or non-joiner may be shown within a word or between symbols,
// where scripts and emoji need it: `before` and `after` are its neighbours, 0 at an end.
bool is_hidden(char32_t character, char32_t before, char32_t after);

// `text` with hidden characters and bytes that are not UTF-8 as \xNN: safe to show, whatever a file
// held.
std::string printable(std::string_view text);

// A line of JSON with hidden characters within its texts as \uNNNN, which means the same.
std::string printable_json(std::string_view json);

// As printable(), cut after 40 characters.
std::string short_text(std::string_view text);

// The same in double quotes.
std::string in_quotes(std::string_view text);

// "1 row", "2 rows"; with a plural that is not the noun and an s, "1 entry", "2 entries".
std::string count_text(std::int64_t count, std::string_view noun, std::string_view plural = {});

// "a user-knn", "an item-knn", "an mf": words without vowels are spelt.
std::string with_article(std::string_view word);

// A number of bytes as "1.9 MB".
std::string size_text(std::uintmax_t bytes);

// "3.2 s", "42 s", "5:07" minutes, "1:05:07" hours.
std::string duration_text(double seconds);

// Without spaces, tabs and carriage returns at both ends.
std::string_view trimmed(std::string_view text);

std::string lower_case(std::string_view ascii);

// A name of a model, or of a value of an option, as it is compared: in lower case, with hyphens for
// underscores.
std::string canonical_name(std::string_view name);

// "a, b and c", or with another last word "a, b or c".
std::string list_text(const std::vector<std::string>& words, std::string_view last = "and");

std::vector<std::string_view> split_text(std::string_view text, std::string_view delimiter);

// The words of a text in lines of at most `width` bytes; all but the first begin with `indent`
// spaces beside that.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// The whole of `text` as a number; nullopt if it is not one or does not fit.
std::optional<double> parse_double(std::string_view text);
std::optional<int> parse_int(std::string_view text);

// So that a shell takes it for one word: in single quotes if need be.
std::string shell_quoted(std::string_view text);

bool is_utf8(std::string_view text);

// Text that is either UTF-8 or latin-1, as UTF-8.
std::string to_utf8(std::string_view text);

}  // namespace tusk
