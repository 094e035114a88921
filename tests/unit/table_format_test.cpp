// Files of ids are read as ratings are: layout, quotes, byte order mark, ends of lines.
#include "data/table_format.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>

#include "data/id_forms.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::TempFolder;
using Ids = std::vector<std::string>;

IdTable read(const std::string& text, IdRows rows, const TableOptions& options = {}) {
  const TempFolder folder;
  return read_id_table(folder.write("ids.txt", text), rows, options);
}

// "user|item" of every row.
Ids pairs(const std::string& text, const TableOptions& options = {}) {
  const IdTable table = read(text, IdRows::pairs, options);
  Ids list;
  for (std::size_t row = 0; row < table.line.size(); ++row) {
    list.push_back(table.column[0][row] + "|" + table.column[1][row]);
  }
  return list;
}

struct PairsCase {
  const char* name;
  std::string text;
  Ids expected;
};

class ReadPairs : public testing::TestWithParam<PairsCase> {};

TEST_P(ReadPairs, GivesTheIds) { EXPECT_EQ(pairs(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Layouts, ReadPairs,
    testing::Values(PairsCase{"Commas", "1,2\n3,4\n", {"1|2", "3|4"}},
                    PairsCase{"Tabs", "1\tFilm, The\n", {"1|Film, The"}},
                    PairsCase{"Blanks", " 1   2\n3 4 \n", {"1|2", "3|4"}},
                    PairsCase{"DoubleColons", "1::2\n", {"1|2"}},
                    PairsCase{"Header", "user,item\n1,2\n", {"1|2"}},
                    PairsCase{"HeaderInAnotherOrder", "movieId;note;userId\n1;x;2\n", {"2|1"}},
                    PairsCase{"QuotedHeader", "\"user_id\",\"item_id\"\n\"1\",\"2\"\n", {"1|2"}},
                    PairsCase{"RowNumbersInFront", ",user,item\n0,7,8\n", {"7|8"}},
                    PairsCase{"ByteOrderMarkAndCarriageReturns",
                              "\xEF\xBB\xBF"
                              "1,2\r\n3,4\r\n",
                              {"1|2", "3|4"}},
                    PairsCase{"Quotes", "\"a \"\"b\"\"\",\"Film, The\"\n", {"a \"b\"|Film, The"}},
                    PairsCase{"MoreFields", "1,2,5,0\n", {"1|2"}},
                    PairsCase{"AnItemNamedBook", "1,book\n2,user\n", {"1|book", "2|user"}},
                    PairsCase{"TextIds", "ann,tea\nbob,milk\n", {"ann|tea", "bob|milk"}},
                    PairsCase{"BlankLines", "\n1,2\n  \n3,4", {"1|2", "3|4"}}),
    [](const auto& test) { return test.param.name; });

struct BadPairsCase {
  const char* name;
  std::string text;
  std::int64_t line;
  const char* what;  // part of the message
};

class RefusePairs : public testing::TestWithParam<BadPairsCase> {};

TEST_P(RefusePairs, SaysWhereAndWhat) {
  try {
    pairs(GetParam().text);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.where().line, GetParam().line) << error.what();
    EXPECT_NE(std::string(error.what()).find(GetParam().what), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, RefusePairs,
    testing::Values(BadPairsCase{"Empty", "", 0, "an empty file"},
                    BadPairsCase{"Blank", "\n \n", 0, "blank lines"},
                    BadPairsCase{"HeaderOnly", "user,item\n", 0, "a header and nothing below"},
                    BadPairsCase{"OneField", "1\n", 1, "user and item between"},
                    BadPairsCase{"FieldsInAnotherNumber", "1,2\n1,Film, The\n", 2, "3 fields"},
                    BadPairsCase{"EmptyId", "1,2\n,2\n", 2, "an id"},
                    BadPairsCase{"Latin1", "1,2\n1,Caf\xe9\n", 2, "encoding"},
                    BadPairsCase{"UnknownHeader", "reader,title\n1,2\n", 1,
                                 "where they are with columns"},
                    BadPairsCase{"HalfKnownHeader", "user,title\n1,2\n", 1, "columns"},
                    BadPairsCase{"Json", "{\"user\": 1, \"item\": 2}\n", 1, "JSON"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadIdTable, TakesColumnsAsAsked) {
  EXPECT_EQ(pairs("a,b,c\n1,2,3\n", {.columns = {"c", "a"}}), Ids{"3|1"});
  EXPECT_EQ(pairs("1,2,3\n", {.columns = {"3", "2"}}), Ids{"3|2"});
  EXPECT_EQ(pairs("user,item\n1,2\n", {.header = false}), (Ids{"user|item", "1|2"}));
  EXPECT_EQ(pairs("1~2\n", {.delimiter = "~"}), Ids{"1|2"});
  EXPECT_THROW(pairs("1,2\n", {.columns = {"1"}}), UsageError);
  EXPECT_THROW(pairs("1,2\n", {.columns = {"1", "3"}}), InputError);
}

TEST(ReadIdTable, AListHasOneIdALineUnlessAHeaderNamesItsColumn) {
  const auto list = [](const std::string& text, const TableOptions& options = {}) {
    return read(text, IdRows::items, options).column[0];
  };
  EXPECT_EQ(list("5\n7\n"), (Ids{"5", "7"}));
  EXPECT_EQ(list("Film, The\nOther; One\n"), (Ids{"Film, The", "Other; One"}));
  EXPECT_EQ(list("\"Film, The\"\r\n5\r\n"), (Ids{"Film, The", "5"}));
  EXPECT_EQ(list("item\n5\n"), (Ids{"5"}));
  EXPECT_EQ(list("id\n5\n"), (Ids{"5"}));
  EXPECT_EQ(list("Movie ID\n5\n"), (Ids{"5"}));
  EXPECT_EQ(list("title,movieId\n\"Film, The\",5\n"), (Ids{"5"}));
  EXPECT_EQ(list("1,5\n", {.columns = {"2"}}), (Ids{"5"}));
  EXPECT_EQ(list("items of mine\n5\n", {.header = true}), (Ids{"5"}));
  EXPECT_EQ(list("item\n5\n", {.header = false}), (Ids{"item", "5"}));
  EXPECT_THROW(list("item\n"), InputError);
}

TEST(ReadIdTable, SaysWhatItTookForWhat) {
  const TableLayout layout = read("x;movieId;userId\n1;2;3\n", IdRows::pairs).layout;
  EXPECT_EQ(layout.delimiter, ";");
  EXPECT_TRUE(layout.header);
  ASSERT_EQ(layout.columns.size(), 2u);
  EXPECT_EQ(layout.columns[0].field, "user");
  EXPECT_EQ(layout.columns[0].number, 3);
  EXPECT_EQ(layout.columns[0].name, "userId");
}

// --- ids that differ only in how they are written

TEST(IdForms, AreOneForNumbersWrittenInManyWays) {
  for (const char* id : {"1", "0001", "1.0", "1.", "001.000"}) {
    EXPECT_EQ(number_form(id), id == std::string("1.") ? "1." : "1") << id;
  }
  for (const char* id : {"", "1.5", "1e0", "-1", "x1", "0x1", "1.0x"})
    EXPECT_EQ(number_form(id), id);
  EXPECT_EQ(number_form("000"), "0");
  EXPECT_EQ(loose_form(" Ann "), "ann");
}

TEST(IdForms, KnownIdsNameOneThatIsWrittenOtherwise) {
  TextTable texts;
  for (const char* id : {"0001", "0002", "Ann"}) texts.push_back(id);
  const IdMap ids(std::move(texts));
  EXPECT_EQ(known_ids_text(ids, "1"), " (it knows 0001 .. Ann; did you mean 0001?)");
  EXPECT_EQ(known_ids_text(ids, "ann"), " (it knows 0001 .. Ann; did you mean Ann?)");
  EXPECT_EQ(known_ids_text(ids, "3"), " (it knows 0001 .. Ann)");
  const IdMap numbers(std::vector<std::int64_t>{5, 7});
  EXPECT_EQ(known_ids_text(numbers, "007.0"), " (it knows 5 .. 7; did you mean 7?)");
  EXPECT_EQ(known_ids_text(IdMap(), "1"), "");
}

}  // namespace
}  // namespace tusk
