#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::read_text;
using test::TempFolder;

// "user item rating[ timestamp]" of every rating.
std::vector<std::string> rows(const Dataset& data) {
  std::vector<std::string> list;
  data.ratings().each([&](Index user, std::size_t at) {
    std::string rating = std::to_string(data.rating[at]);
    rating.resize(3);
    list.push_back(data.users.id(user) + " " + data.items.id(data.item[at]) + " " + rating);
    if (!data.timestamp.empty()) list.back() += " " + std::to_string(data.timestamp[at]);
  });
  return list;
}

using Rows = std::vector<std::string>;

struct GoodCase {
  const char* name;
  std::string text;
  Rows expected;
};

class ReadGood : public testing::TestWithParam<GoodCase> {};

TEST_P(ReadGood, GivesTheRatings) {
  EXPECT_EQ(rows(read_text(GetParam().text)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, ReadGood,
    testing::Values(
        GoodCase{"Tabs", "1\t10\t3\t100\n2\t10\t5\t200\n", {"1 10 3.0 100", "2 10 5.0 200"}},
        GoodCase{"Csv", "userId,movieId,rating,timestamp\n1,10,3.5,100\n", {"1 10 3.5 100"}},
        GoodCase{"CsvInAnotherOrder",
                 "timestamp,rating,movieId,userId\n100,3.5,10,1\n",
                 {"1 10 3.5 100"}},
        GoodCase{"CsvWithoutTimestamp", "user_id,item_id,rating\n1,10,3.5\n", {"1 10 3.5"}},
        GoodCase{"CsvWithMoreColumns", "name,user,item,rating\nx,1,10,4\n", {"1 10 4.0"}},
        GoodCase{"DoubleColons", "1::10::3::100\n", {"1 10 3.0 100"}},
        GoodCase{"Semicolons", "1;10;3\n", {"1 10 3.0"}},
        GoodCase{"ByteOrderMark",
                 "\xEF\xBB\xBF"
                 "userId,movieId,rating\n1,10,3\n",
                 {"1 10 3.0"}},
        GoodCase{"CarriageReturns", "1\t10\t3\r\n2\t10\t4\r\n", {"1 10 3.0", "2 10 4.0"}},
        GoodCase{"BlankLines", "\n\n1\t10\t3\n  \n\r\n2\t10\t4\n\n", {"1 10 3.0", "2 10 4.0"}},
        GoodCase{"NoFinalNewline", "1\t10\t3\n2\t10\t4", {"1 10 3.0", "2 10 4.0"}},
        GoodCase{
            "Quotes", "user,item,rating\n\"a,b\",\"say \"\"x\"\"\",\"4\"\n", {"a,b say \"x\" 4.0"}},
        GoodCase{"SpacesAroundFields", "1, 10 ,3\n", {"1 10 3.0"}},
        GoodCase{"Blanks", "1 10 3\n2 10 4\n", {"1 10 3.0", "2 10 4.0"}},
        GoodCase{"RunsOfBlanks", "  1  10 \t3  \n2 10   4\n", {"1 10 3.0", "2 10 4.0"}},
        GoodCase{"QuotesBetweenBlanks", "1  \"a b\"  3\n", {"1 a b 3.0"}},
        GoodCase{"DelimitersInQuotes", "\"a::b;c\",10,3\n", {"a::b;c 10 3.0"}},
        GoodCase{"TimestampAndDate",
                 "user,item,rating,date,timestamp\n1,10,3,1970-01-02,7\n",
                 {"1 10 3.0 7"}},
        GoodCase{"Dates", "1,10,3,1970-01-02\n", {"1 10 3.0 86400"}},
        GoodCase{"Milliseconds", "1,10,3,964982703123\n", {"1 10 3.0 964982703"}},
        GoodCase{"TextIds", "ann\tB00-1\t3\nann\t7\t2\n", {"ann 7 2.0", "ann B00-1 3.0"}},
        GoodCase{"TimestampWithAPoint", "1,10,3,964982703.0\n", {"1 10 3.0 964982703"}},
        GoodCase{"NegativeRatings", "1,10,-9.5\n", {"1 10 -9."}},
        GoodCase{"OneRating", "u\ti\t1\n", {"u i 1.0"}}),
    [](const auto& test) { return test.param.name; });

TEST(ReadDataset, ReadsWhatFlagsDescribe) {
  ReadOptions options;
  options.columns = {"reader", "book", "stars"};
  EXPECT_EQ(rows(read_text("book;when;stars;reader\nb1;x;4;ann\n", options)), Rows{"ann b1 4.0"});
  options.columns = {"4", "1", "3", "2"};
  options.header = false;
  EXPECT_EQ(rows(read_text("b1;99;4;ann\n", options)), Rows{"ann b1 4.0 99"});
  options.columns = {"2", "1", "3"};
  options.delimiter = "~~";
  EXPECT_EQ(rows(read_text("b1~~ann~~4\n", options)), Rows{"ann b1 4.0"});
  options = {};
  options.header = true;
  EXPECT_EQ(rows(read_text("1,2,3\nuser,item,4\n", {.columns = {"1", "2", "3"}, .header = true})),
            Rows{"user item 4.0"});
}

// A column that is not read may be empty between commas, and not between blanks.
TEST(ReadDataset, CountsRunsOfBlanksAsOne) {
  const ReadOptions options{.delimiter = " ", .columns = {"1", "3", "4"}};
  EXPECT_EQ(rows(read_text("1 x 10 3\n1  y 11   4\n  1 z 12 5 \n", options)),
            (Rows{"1 10 3.0", "1 11 4.0", "1 12 5.0"}));
  EXPECT_THROW(read_text("1 x 10 3\n1  10 3\n", options), InputError);
}

TEST(ReadDataset, RefusesARatingThatPredictionsCannotHold) {
  EXPECT_EQ(read_text("1,1,1e15\n1,2,-1e15\n").scale, (RatingScale{-1e15f, 1e15f}));
  for (const char* rating : {"1.1e15", "-5e16", "1e38"}) {
    try {
      read_text(std::string("1,1,1\n1,2,") + rating + "\n");
      FAIL() << rating;
    } catch (const InputError& error) {
      EXPECT_EQ(error.where().line, 2);
      EXPECT_NE(error.expected().find("1e+15"), std::string::npos) << error.what();
    }
  }
}

TEST(ReadDataset, ReportsWhatItTookForWhat) {
  const ReadReport report =
      read_text("stars;reader;book\n3;1;2\n", {.columns = {"reader", "book", "1"}}).report;
  EXPECT_EQ(report.layout.delimiter, ";");
  EXPECT_TRUE(report.layout.header);
  ASSERT_EQ(report.layout.columns.size(), 3u);
  EXPECT_EQ(report.layout.columns[0].name, "reader");
  EXPECT_EQ(report.layout.columns[2].field, "rating");
  EXPECT_EQ(report.layout.columns[2].number, 1);
  EXPECT_FALSE(report.counting_first_row);
  EXPECT_TRUE(read_text("0,1,2\n1,2,3\n").report.counting_first_row);
  EXPECT_EQ(read_text("1,1,2.5\n").report.largest_rounding, 0);
  EXPECT_EQ(read_text("1,1,100000003\n1,2,100000008\n").report.largest_rounding, 3);
}

TEST(ReadDataset, FindsTheFileInAFolder) {
  const TempFolder folder;
  folder.write("u.data", "1\t10\t3\t5\n");
  EXPECT_EQ(read_dataset(folder.path()).source, folder.path() / "u.data");
  folder.write("ratings.csv", "userId,movieId,rating\n1,10,3\n");
  EXPECT_EQ(read_dataset(folder.path()).source, folder.path() / "ratings.csv");
}

TEST(ReadDataset, TakesTheScaleFromTheDataOrTheOptions) {
  const std::string text = "1\t1\t2\n1\t2\t4.5\n";
  EXPECT_EQ(read_text(text).scale, (RatingScale{2, 4.5}));
  EXPECT_EQ(read_text(text, {.scale = RatingScale{0.5, 5}}).scale, (RatingScale{0.5, 5}));
}

// --- bad input: what is said, and where

struct BadCase {
  const char* name;
  std::string text;
  std::int64_t line;
  std::int64_t column;
  const char* found;     // part of
  const char* expected;  // part of
};

class ReadBad : public testing::TestWithParam<BadCase> {};

TEST_P(ReadBad, SaysWhereAndWhat) {
  const BadCase& bad = GetParam();
  try {
    read_text(bad.text, {.scale = RatingScale{1, 5}});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.where().line, bad.line) << error.what();
    EXPECT_EQ(error.where().column, bad.column) << error.what();
    EXPECT_NE(error.found().find(bad.found), std::string::npos) << error.what();
    EXPECT_NE(error.expected().find(bad.expected), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("ratings.txt"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, ReadBad,
    testing::Values(
        BadCase{"Empty", "", 0, 0, "an empty file", "a text file"},
        BadCase{"OnlyAByteOrderMark", "\xEF\xBB\xBF", 0, 0, "an empty file", "a text file"},
        BadCase{"Blank", "\n \n\n", 0, 0, "blank lines", "rows"},
        BadCase{"HeaderOnly", "userId,movieId,rating\n", 0, 0, "a header", "rows"},
        BadCase{"MissingColumn", "userId,movieId,when\n1,2,3\n", 1, 0, "userId,movieId,when",
                "rating"},
        BadCase{"AmbiguousHeader", "userId,user_id,item,rating\n1,1,2,3\n", 1, 0, "user_id",
                "one named user"},
        BadCase{"UnknownHeader", "who,what,how\n1,2,3\n", 1, 0, "who,what,how",
                "say where they are with columns"},
        BadCase{"DecimalComma", "1;2;3,5\n", 1, 5, "rating \"3,5\"", "a number"},
        BadCase{"NoDelimiter", "hello\n", 1, 0, "\"hello\"", "tabs"},
        BadCase{"TwoFields", "1\t2\n", 1, 0, "2 fields", "3 to"},
        BadCase{"NotANumber", "1\t2\t3\n1\t3\tabc\n", 2, 5, "rating \"abc\"",
                "a number from 1 to 5"},
        BadCase{"RatingWithATail", "1\t2\t3x\n", 1, 5, "rating \"3x\"", "a number"},
        BadCase{"EmptyRating", "1,2,3\n1,3,\n", 2, 5, "rating \"\"", "a number"},
        BadCase{"NaN", "1\t2\tnan\n", 1, 5, "rating \"nan\"", "a number"},
        BadCase{"Infinity", "1\t2\tinf\n", 1, 5, "rating \"inf\"", "a number"},
        BadCase{"TooLargeForAFloat", "1\t2\t1e39\n", 1, 5, "rating \"1e39\"", "a number"},
        BadCase{"BlanksBetweenTooFew", "1 2 3\n1  2\n", 2, 1, "2 fields", "3 fields"},
        BadCase{"OffScale", "1\t2\t3\n7\t2\t5.5\n", 2, 5, "rating \"5.5\"", "a number from 1 to 5"},
        BadCase{"EmptyUser", "1,2,3\n,2,3\n", 2, 1, "user \"\"", "an id"},
        BadCase{"EmptyItem", "1,2,3\n1, ,3\n", 2, 3, "item \"\"", "an id"},
        BadCase{"IdOf1025Bytes", "1\t" + std::string(1025, 'x') + "\t3\n", 1, 3, "item",
                "at most 1024 bytes, not 1025"},
        BadCase{"IdNotText", "1\t2\t3\n\xff\xfe\t2\t3\n", 2, 1, "user \"\\xff\\xfe\"", "UTF-8"},
        BadCase{"CutOffRow", "1\t2\t3\t4\n1\t2\t3", 2, 1, "3 fields in a last line without an end",
                "4 fields"},
        BadCase{"TooManyFields", "1\t2\t3\n1\t2\t3\t4\n", 2, 1, "4 fields", "3 fields"},
        BadCase{"OpenQuote", "1,2,3\n1,\"2,3\n", 2, 1, "\"1,\"2,3\"", "quotes closed"},
        BadCase{"Binary", std::string("\x01\x02\x00\x00xyz\n", 8), 0, 0, "a binary file", "a text"},
        BadCase{"JsonArray", "[{\"user\":1}]\n", 0, 0, "JSON", "a text"},
        BadCase{"WebPage", "<!DOCTYPE html>\n<html>", 0, 0, "a web page", "a text"},
        BadCase{"Latin1Id", "1\tCaf\xe9\t3\n", 1, 3, "item", "encoding says in which"},
        BadCase{"Zstd", std::string("(\xb5/\xfd\x04\x00", 6), 0, 0, "a packed file", "a whole one"},
        BadCase{"Zip", "PK\x03\x04xyz", 0, 0, "a packed file", "a whole one"},
        BadCase{"Gzip", "\x1f\x8b\x08xyz", 0, 0, "a damaged gzip file", "a whole one"},
        BadCase{"Parquet", "PAR1\x15\x02", 0, 0, "a Parquet file", "a text"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadDataset, ListsWhatItLookedForInAFolder) {
  const TempFolder folder;
  try {
    read_dataset(folder.path());
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("ratings.csv, u.data, ratings.dat"),
              std::string::npos);
  }
  EXPECT_THROW(read_dataset(folder.path() / "nowhere"), InputError);
}

TEST(ReadDataset, DoesNotWaitForAPipe) {
  const TempFolder folder;
  const auto pipe = folder.path() / "ratings.csv";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(read_dataset(folder.path()), InputError);
}

TEST(ReadDataset, NamesAColumnThatIsNotThere) {
  EXPECT_THROW(read_text("a,b,c\n1,2,3\n", {.columns = {"a", "b", "d"}}), InputError);
  EXPECT_THROW(read_text("1,2,3\n", {.columns = {"1", "2", "4"}}), InputError);
  EXPECT_THROW(read_text("1,2,3\n", {.columns = {"1", "2"}}), UsageError);
  EXPECT_THROW(read_text("1,2,3\n", {.columns = {"1", "1", "3"}}), UsageError);
  EXPECT_THROW(read_text("a,b,c\n1,2,3\n", {.columns = {"a", "1", "c"}}), UsageError);
  EXPECT_THROW(read_text("a,b,c,c\n1,2,3,4\n", {.columns = {"a", "b", "c"}}), InputError);
}

TEST(ReadDataset, SkipsAndCountsBadRows) {
  const Dataset data =
      read_text("1\t2\t3\n1\t3\tabc\n\t4\t1\n2\t2\t5\n", {.on_bad = BadRows::skip});
  EXPECT_EQ(rows(data), (Rows{"1 2 3.0", "2 2 5.0"}));
  EXPECT_EQ(data.report.bad_rows, 2);
  EXPECT_NE(data.report.first_bad_row.find(":2:5: found rating \"abc\""), std::string::npos);
  EXPECT_THROW(read_text("1\t2\tx\n", {.on_bad = BadRows::skip}), InputError) << "no row is left";
}

// --- duplicates

const char* const kDuplicates = "1\t2\t3\t500\n1\t2\t5\t900\n1\t2\t1\t700\n2\t2\t4\t1\n";

TEST(ReadDataset, KeepsTheLatestOfDuplicates) {
  const Dataset data = read_text(kDuplicates);
  EXPECT_EQ(rows(data), (Rows{"1 2 5.0 900", "2 2 4.0 1"}));
  EXPECT_EQ(data.report.duplicates, 2);
  EXPECT_EQ(data.report.rows, 4);
}

TEST(ReadDataset, KeepsTheLastOfDuplicatesWithoutTimestamps) {
  EXPECT_EQ(rows(read_text("1\t2\t3\n1\t2\t5\n1\t2\t1\n")), Rows{"1 2 1.0"});
}

TEST(ReadDataset, TreatsDuplicatesAsAsked) {
  EXPECT_EQ(rows(read_text(kDuplicates, {.on_duplicate = Duplicates::last}))[0], "1 2 1.0 700");
  EXPECT_EQ(rows(read_text(kDuplicates, {.on_duplicate = Duplicates::mean}))[0], "1 2 3.0 900");
  try {
    read_text(kDuplicates, {.on_duplicate = Duplicates::error});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.found(), "another rating of item \"2\" by user \"1\", after that on line 1");
    EXPECT_EQ(error.where().line, 2);
  }
}

TEST(ReadDataset, NamesTheLinesOfDuplicatesBehindBlankAndSkippedRows) {
  try {
    read_text("user,item,rating\n\n1,2,3\n1,3,x\n\n1,4,4\n1,2,5\n",
              {.on_bad = BadRows::skip, .on_duplicate = Duplicates::error});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.where().line, 7);
    EXPECT_NE(error.found().find("that on line 3"), std::string::npos) << error.found();
  }
}

TEST(ReadDataset, DoesNotDependOnTheOrderOfRows) {
  RandomSequence random(5, 0);
  std::vector<std::string> lines;
  for (int n = 0; n < 400; ++n) {
    lines.push_back(std::to_string(random.below(30)) + "\t" + std::to_string(random.below(40)) +
                    "\t" + std::to_string(1 + random.below(5)) + "\t" + std::to_string(n) + "\n");
  }
  const auto joined = [&] {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  };
  for (const Duplicates rule : {Duplicates::latest, Duplicates::mean}) {
    const Dataset first = read_text(joined(), {.on_duplicate = rule});
    random.shuffle(lines);
    const Dataset second = read_text(joined(), {.on_duplicate = rule});
    EXPECT_GT(first.report.duplicates, 0);
    EXPECT_EQ(first.report.duplicates, second.report.duplicates);
    EXPECT_EQ(first.timestamp, second.timestamp);
    EXPECT_EQ(dataset_hash(first), dataset_hash(second));
  }
}

TEST(ReadDataset, HashTellsRatingsApart) {
  const auto hash = [](const std::string& text) { return dataset_hash(read_text(text)); };
  const std::string same = hash("1\t2\t3\n2\t2\t3\n");
  EXPECT_EQ(same.size(), 16u);
  EXPECT_NE(same, hash("1\t2\t3\n2\t2\t4\n"));
  EXPECT_NE(same, hash("1\t2\t3\n3\t2\t3\n"));
  EXPECT_NE(same, hash("1\t2\t3\n2\t1\t3\n"));
}

// What read_dataset says of a file that is changed after its first lines were parsed.
std::string change_while_reading(const std::function<void(const std::filesystem::path&)>& change) {
  const TempFolder folder;
  std::string text = "user,item,rating\n";
  for (int row = 0; row < 200'000; ++row) text += "1," + std::to_string(row) + ",3\n";
  const auto path = folder.write("ratings.csv", text);
  using Clock = std::filesystem::file_time_type::clock;
  std::filesystem::last_write_time(path, Clock::now() - std::chrono::hours(1));
  bool changed = false;
  Observer observer;
  observer.on_progress = [&](Work, std::int64_t, std::int64_t) {
    if (!std::exchange(changed, true)) change(path);
  };
  try {
    read_dataset(path, {.threads = 1}, observer);
  } catch (const InputError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(path.string())) << error.what();
    return std::string(error.what()).substr(path.string().size());
  }
  return "no error";
}

TEST(ReadDataset, AFileThatChangesMeanwhileIsAnError) {
  const char* const changed = ": changed while it was read; try again when it is complete";
  const auto overwrite = [](const std::filesystem::path& path, char fill) {
    const std::string bytes(std::filesystem::file_size(path), fill);
    std::fstream(path) << bytes;
  };
  EXPECT_EQ(change_while_reading([](const auto&) {}), "no error");
  EXPECT_EQ(change_while_reading([](const auto& path) { std::ofstream file(path); }), changed);
  EXPECT_EQ(change_while_reading([](const auto& path) {
              std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
            }),
            changed);
  for (const char fill : {'1', 'x', '"', '\0', ',', '\n'}) {
    EXPECT_EQ(change_while_reading([&](const auto& path) { overwrite(path, fill); }), changed)
        << fill;
  }
  EXPECT_EQ(change_while_reading(
                [](const auto& path) { std::ofstream(path, std::ios::app) << "2,2,2\n"; }),
            changed);
}

}  // namespace
}  // namespace tusk
