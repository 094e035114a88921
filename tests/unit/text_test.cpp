#include "support/text.hpp"

#include <gtest/gtest.h>

namespace tusk {
namespace {

TEST(Text, QuotesWhateverAFileHolds) {
  EXPECT_EQ(in_quotes("abc"), "\"abc\"");
  EXPECT_EQ(in_quotes(std::string_view("a\0b\x1b[31m", 8)), "\"a\\x00b\\x1b[31m\"");
  EXPECT_EQ(in_quotes("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(in_quotes("caf\xe9"), "\"caf\\xe9\"");
  EXPECT_EQ(in_quotes("\xc2\x9b"), "\"\\xc2\\x9b\"") << "a control character of two bytes";
  EXPECT_EQ(in_quotes(std::string(50, 'x')), '"' + std::string(40, 'x') + "...\"");
  EXPECT_EQ(in_quotes(std::string(40, 'x')), '"' + std::string(40, 'x') + '"');
}

TEST(Text, CountsThings) {
  EXPECT_EQ(count_text(1, "row"), "1 row");
  EXPECT_EQ(count_text(0, "row"), "0 rows");
  EXPECT_EQ(count_text(2, "row"), "2 rows");
}

TEST(Text, TurnsLatin1IntoUtf8AndLeavesUtf8) {
  EXPECT_EQ(to_utf8("Les Mis\xe9rables"), "Les Mis\xc3\xa9rables");
  EXPECT_EQ(to_utf8("Les Mis\xc3\xa9rables"), "Les Mis\xc3\xa9rables");
}

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_int("12"), 12);
  EXPECT_EQ(parse_int("12x"), std::nullopt);
  EXPECT_EQ(parse_int(""), std::nullopt);
  EXPECT_EQ(parse_int("99999999999"), std::nullopt);
  EXPECT_EQ(parse_double("-1.5e2"), -150);
  EXPECT_EQ(parse_double("1.5 "), std::nullopt);
}

TEST(Text, SplitsAndTrims) {
  EXPECT_EQ(split_text("a::b::", "::"), (std::vector<std::string_view>{"a", "b", ""}));
  EXPECT_EQ(split_text("", ","), (std::vector<std::string_view>{""}));
  EXPECT_EQ(trimmed(" \ta b\r"), "a b");
  EXPECT_EQ(trimmed("  "), "");
}

}  // namespace
}  // namespace tusk
