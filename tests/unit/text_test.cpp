#include "support/text.hpp"

#include <gtest/gtest.h>

#include "support/suggest.hpp"
#include "support/title_year.hpp"

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

TEST(Text, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(printable("a\u202Eb"), "a\\xe2\\x80\\xaeb") << "right-to-left override";
  EXPECT_EQ(printable("a\u200Bb"), "a\\xe2\\x80\\x8bb") << "zero-width space";
  EXPECT_EQ(printable("a\u2028b"), "a\\xe2\\x80\\xa8b") << "line separator";
  EXPECT_EQ(printable("\uFEFFa"), "\\xef\\xbb\\xbfa") << "byte order mark";
  EXPECT_EQ(printable("a\u00ADb"), "a\\xc2\\xadb") << "soft hyphen";
  EXPECT_EQ(printable("\U000E0041"), "\\xf3\\xa0\\x81\\x81") << "tag";
}

TEST(Text, ShowsJoinersWhereTheyJoin) {
  const std::string persian = "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645";
  EXPECT_EQ(printable(persian), persian);
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  EXPECT_EQ(printable(family), family);
  EXPECT_EQ(printable("a\u200D"), "a\\xe2\\x80\\x8d");
  EXPECT_EQ(printable("1\u200D2"), "1\\xe2\\x80\\x8d2");
  EXPECT_EQ(printable("a\u200D\u200Db"), "a\\xe2\\x80\\x8d\\xe2\\x80\\x8db");
}

TEST(Text, EscapesInJsonMeanTheSame) {
  EXPECT_EQ(printable_json("{\"a\":\"x\u202Ey\x7f\"}"), "{\"a\":\"x\\u202ey\\u007f\"}");
  EXPECT_EQ(printable_json("\"\U000E0041\""), "\"\\udb40\\udc41\"");
  EXPECT_EQ(printable_json("\"caf\xc3\xa9\""), "\"caf\xc3\xa9\"");
}

TEST(Text, CountsThings) {
  EXPECT_EQ(count_text(1, "row"), "1 row");
  EXPECT_EQ(count_text(0, "row"), "0 rows");
  EXPECT_EQ(count_text(2, "row"), "2 rows");
}

TEST(Text, SaysDurations) {
  EXPECT_EQ(duration_text(3.21), "3.2 s");
  EXPECT_EQ(duration_text(41.6), "42 s");
  EXPECT_EQ(duration_text(307), "5:07");
  EXPECT_EQ(duration_text(3907), "1:05:07");
}

TEST(Text, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 20, 2), "one two three");
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("longer than that", 4, 0), "longer\nthan\nthat");
}

TEST(Text, HasTheArticleThatIsSpoken) {
  for (const char* word : {"an item-knn", "an mf", "an svd", "an ease", "a bias", "a user-knn",
                           "a slope-one", "a popular", "a bpr"}) {
    const std::string_view text = word;
    EXPECT_EQ(with_article(text.substr(text.find(' ') + 1)), word);
  }
}

TEST(Text, SuggestsTheNearestWordInAnyCase) {
  const std::vector<std::string> known = {"bias", "mf", "item-knn", "SVD"};
  EXPECT_EQ(suggestion("bais", known), " (did you mean bias?)");
  EXPECT_EQ(suggestion("ITEM", known), " (did you mean item-knn?)");
  EXPECT_EQ(suggestion("svd", known), " (did you mean SVD?)");
  EXPECT_EQ(suggestion("popularity", known), "");
  EXPECT_EQ(suggestion("xias", {"bias"}, "--"), " (did you mean --bias?)");
  EXPECT_EQ(nearest_first("sci", {"Action", "Drama", "Film-Noir", "Sci-Fi"}).front(), "Sci-Fi");
  EXPECT_EQ(nearest_first("drma", {"Action", "Drama", "Sci-Fi"}).front(), "Drama");
}

TEST(Text, SuggestsNothingFar) {
  EXPECT_EQ(suggestion("foo", {"top", "for"}), " (did you mean for?)");
  EXPECT_EQ(suggestion("foo", {"top"}, "TUSK_"), "");
  EXPECT_EQ(suggestion("data", {"train", "update"}), "");
  EXPECT_EQ(suggestion("r", {"k"}, "--"), "");
  EXPECT_EQ(suggestion("regularisation", {"regularization"}), " (did you mean regularization?)");
  EXPECT_EQ(suggestion("threshold", {"threads"}), "");
}

TEST(Text, ListsWords) {
  EXPECT_EQ(list_text({}), "");
  EXPECT_EQ(list_text({"a"}), "a");
  EXPECT_EQ(list_text({"a", "b"}), "a and b");
  EXPECT_EQ(list_text({"a", "b", "c"}, "or"), "a, b or c");
}

TEST(Text, ComparesNamesInLowerCaseAndWithHyphens) {
  EXPECT_EQ(canonical_name("Item_KNN"), "item-knn");
  EXPECT_EQ(canonical_name("mf"), "mf");
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

TEST(Text, TakesTheYearOffATitle) {
  std::string_view title =
      "Dallas (1978\xE2\x80\x93"
      "1991) ";
  EXPECT_EQ(take_year(title), 1978);
  EXPECT_EQ(title, "Dallas");
  for (const char* without : {"Heat", "(-199)", "Heat (-199)", "Heat (0000)", "Heat (199)",
                              "Heat (19955)", "Heat (1995a)", "Heat (1995", "Heat 1995)", "()"}) {
    title = without;
    EXPECT_EQ(take_year(title), 0) << without;
    EXPECT_EQ(title, without);
  }
}

}  // namespace
}  // namespace tusk
