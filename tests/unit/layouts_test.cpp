// Files of ratings that are laid out in other ways than a row a rating.
#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/packed.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::read_text;
using test::TempFolder;
using Rows = std::vector<std::string>;

// "user item rating[ timestamp]" of every rating.
Rows rows(const Dataset& data) {
  Rows list;
  data.ratings().each([&](Index user, std::size_t at) {
    list.push_back(fmt::format("{} {} {}", data.users.id(user), data.items.id(data.item[at]),
                               data.rating[at]));
    if (!data.timestamp.empty()) list.back() += fmt::format(" {}", data.timestamp[at]);
  });
  return list;
}

template <class Kind = InputError>
std::string refusal(const std::string& text, const ReadOptions& options = {}) {
  try {
    read_text(text, options);
  } catch (const Kind& error) {
    return error.what();
  }
  return "no error";
}

void expect_says(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

// --- the Netflix Prize

constexpr const char* kBlocks = "17:\n1,5,1970-01-02\n20,3,1970-01-03\n\n4:\r\n1,4,1970-01-04\r\n";

TEST(Netflix, BlocksAreRead) {
  const Dataset data = read_text(kBlocks);
  EXPECT_EQ(rows(data), (Rows{"1 4 4 259200", "1 17 5 86400", "20 17 3 172800"}));
  EXPECT_EQ(data.report.layout.kind, FileLayout::netflix);
  EXPECT_EQ(rows(read_text(std::string("\xEF\xBB\xBF") + kBlocks)).size(), 3u);
}

TEST(Netflix, ABadRowHasItsPlace) {
  expect_says(refusal("17:\n1,5,1970-01-02\n20,x,1970-01-03\n"), ":3:4: found rating \"x\"");
  expect_says(refusal("17:\n1,5\n"), ":2:1: found 2 fields");
  const Dataset skipped =
      read_text("17:\n1,x,1970-01-02\n20,3,1970-01-03\n", {.on_bad = BadRows::skip});
  EXPECT_EQ(skipped.report.bad_rows, 1);
  expect_says(refusal<UsageError>(kBlocks, {.columns = {"1", "2", "3"}}), "Netflix");
}

TEST(Netflix, PartsOfAFolderAreOneDataSet) {
  const TempFolder folder;
  folder.write("combined_data_1.txt", "1:\n7,5,1970-01-02\n8,3,1970-01-02\n");
  folder.write("combined_data_2.txt", "2:\n7,1,1970-01-02\n");
  folder.write("movie_titles.csv", "1,2003,Dinosaur Planet\n2,NULL,Isle, of Man\xe9\n");
  const Dataset data = read_dataset(folder.path());
  EXPECT_EQ(rows(data), (Rows{"7 1 5 86400", "7 2 1 86400", "8 1 3 86400"}));
  EXPECT_EQ(data.report.files, 2);
  EXPECT_EQ(data.catalogue.title[0], "Dinosaur Planet (2003)");
  EXPECT_EQ(data.catalogue.title[1], "Isle, of Man\xC3\xA9");
  EXPECT_EQ(data.catalogue.year, (std::vector<std::int32_t>{2003, 0}));
}

TEST(Netflix, FilesOfOneFilmEachAreOneDataSet) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "training_set");
  for (int film = 1; film <= 50; ++film) {
    folder.write(
        fmt::format("training_set/mv_{:07}.txt", film),
        fmt::format("{}:\n{},3,2005-09-06\n5000,{},2005-09-06\n", film, film, 1 + film % 5));
  }
  for (const int threads : {1, 3}) {
    const Dataset data = read_dataset(folder.path(), {.threads = threads});
    EXPECT_EQ(data.size(), 100);
    EXPECT_EQ(data.items.size(), 50);
    EXPECT_EQ(data.report.files, 50);
  }
  folder.write("training_set/mv_0000007.txt", "7:\n1,3,2005-09-06\n1,9x,2005-09-06\n");
  try {
    read_dataset(folder.path());
    FAIL();
  } catch (const InputError& error) {
    expect_says(error.what(), "mv_0000007.txt:3:3");
  }
  folder.write("training_set/mv_0000007.txt", "7:\n1,3,2005-09-06\n1,4,2005-09-06\n");
  try {
    read_dataset(folder.path(), {.on_duplicate = Duplicates::error});
    FAIL();
  } catch (const InputError& error) {
    expect_says(error.what(), "mv_0000007.txt:3");
    expect_says(error.what(), "after that on line 2,");
  }
  folder.write("training_set/mv_0000009.txt", "1,3,2005-09-06\n");
  EXPECT_THROW(read_dataset(folder.path()), InputError) << "a row above the first item";
}

// --- JSON

constexpr const char* kReviews =
    "{\"user_id\":\"u1\",\"business_id\":\"b\\u00e91\",\"stars\":5.0,\"date\":\"1970-01-02 "
    "00:00:00\",\"text\":\"a \\\"b\\\" {\"}\n"
    "\n"
    "{\"stars\": 2.5, \"user_id\": 7, \"votes\": {\"stars\": 1}, \"business_id\": \"b2\"}\n";

TEST(JsonLines, AreReadByTheirKeys) {
  const Dataset data =
      read_text(kReviews, {.columns = {"user_id", "business_id", "stars", "date"}});
  EXPECT_EQ(rows(data).size(), 2u);
  EXPECT_EQ(rows(data)[1],
            "u1 b\xC3\xA9"
            "1 5 86400");
  EXPECT_EQ(data.users.id(0), "7") << "numbers are ids, too";
  EXPECT_EQ(data.report.missing_times, 1);
  EXPECT_EQ(rows(read_text(kReviews)), rows(data)) << "known names";
  EXPECT_EQ(data.report.layout.kind, FileLayout::json_lines);
  EXPECT_EQ(data.report.layout.columns[1].name, "business_id");
}

TEST(JsonLines, PiecesMakeNoDifference) {
  std::string text;
  std::string table;
  for (int n = 0; n < 5'000; ++n) {
    text += fmt::format("{{\"user\":{},\"item\":\"i{}\",\"rating\":{}}}\n", n % 97, n, n % 5);
    table += fmt::format("{},i{},{}\n", n % 97, n, n % 5);
  }
  EXPECT_EQ(dataset_hash(read_text(text)), dataset_hash(read_text(table)));
}

TEST(JsonLines, ABadLineHasItsNumber) {
  const std::string good = "{\"user\":1,\"item\":2,\"rating\":3}\n";
  expect_says(refusal(good + "{\"user\":1,\"item\":2\n"), ":2:1: found ");
  expect_says(refusal(good + "[1,2]\n"), "a JSON object");
  expect_says(refusal(good + "{\"user\":1,\"item\":2,\"rating\":null}\n"), "found rating null");
  expect_says(refusal(good, {.columns = {"user", "item", "nokey"}}), "found no key \"nokey\"");
  expect_says(refusal(good + "7\n"), "a JSON object");
  expect_says(refusal(good + "{\"user\":1,\"item\":2}\n"), ":2: found rating \"\"");
  expect_says(refusal(good + "{\"user\":{\"id\":1},\"item\":2,\"rating\":3}\n"),
              ":2: found user \"\"");
  expect_says(refusal("{\"who\":1,\"item\":2,\"rating\":3}\n"), "say which with columns");
  expect_says(refusal("[{\"user\":1}]\n"), "one object a line");
  expect_says(refusal("{\n\"user\":1}\n"), "one object a line");
}

// --- Book-Crossing

TEST(BookCrossing, IsReadWithItsQuotesAndEncoding) {
  const Dataset data = read_text(
      "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"276725\";\"034545104X\";\"0\"\n"
      "\"276726\";\"0155061224\";\"5\"\n\"276727\";\"\\\"04\\\"46\";\"10\"\n"
      "\"276727\";\"ISBN\xe9\";\"7\"\n");
  EXPECT_EQ(rows(data),
            (Rows{"276726 0155061224 5", "276727 \"04\"46 10", "276727 ISBN\xC3\xA9 7"}));
  EXPECT_EQ(data.report.unrated, 1) << "0 is no rating";
  EXPECT_EQ(data.scale, (RatingScale{5, 10}));
}

TEST(BookCrossing, HasTitlesBesideIt) {
  const TempFolder folder;
  folder.write("BX-Book-Ratings.csv",
               "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"1\";\"X1\";\"5\"\n\"1\";\"X2\";\"6\"\n");
  folder.write("BX-Books.csv",
               "\"ISBN\";\"Book-Title\";\"Book-Author\";\"Year-Of-Publication\"\n"
               "\"X1\";\"Caf\xe9 \\\"Paris\\\"; a story\";\"A\";\"1999\"\n"
               "\"X2\";\"Other\";\"A\";\"0\"\n");
  const Dataset data = read_dataset(folder.path());
  EXPECT_EQ(data.catalogue.title[0], "Caf\xC3\xA9 \"Paris\"; a story (1999)");
  EXPECT_EQ(data.catalogue.title[1], "Other");
  EXPECT_EQ(data.report.titles.bad_rows, 0);
}

// --- Jester

std::string jester_row(const std::vector<double>& first) {
  std::string row;
  int rated = 0;
  for (int joke = 0; joke < 100; ++joke) {
    const double rating = joke < std::ssize(first) ? first[static_cast<std::size_t>(joke)] : 99;
    row += fmt::format(",{}", rating);
    if (rating != 99) ++rated;
  }
  return std::to_string(rated) + row + "\n";
}

TEST(Jester, AMatrixIsReadByItsRatings) {
  const Dataset data = read_text(jester_row({-7.82, 99, 8.79}) + "\n" + jester_row({99, 1.5}));
  EXPECT_EQ(rows(data), (Rows{"1 1 -7.82", "1 3 8.79", "2 2 1.5"}));
  EXPECT_EQ(data.report.unrated, 197);
  EXPECT_EQ(data.report.unrated_value, 99);
  EXPECT_EQ(data.report.layout.kind, FileLayout::matrix);
  expect_says(refusal(jester_row({1}) + jester_row({1}).substr(0, 40) + "\n"), ":2:1: found ");
}

// --- weights

TEST(Implicit, ClicksHaveWeightOneAndAreSummed) {
  const ReadOptions implicit = {.implicit = true};
  EXPECT_EQ(rows(read_text("user,item\n1,10\n1,11\n1,10\n", implicit)), (Rows{"1 10 2", "1 11 1"}));
  EXPECT_EQ(rows(read_text("1 10\n2 10\n", implicit)), (Rows{"1 10 1", "2 10 1"}));
  EXPECT_EQ(rows(read_text("a;x;60\n", {.columns = {"1", "2", "", "3"}, .implicit = true})),
            Rows{"a x 1 60"});
  expect_says(refusal("1,10\n2,11\n"), "or implicit if");
  expect_says(refusal("user,item,time\n1,10,7\n"), "or implicit if");
}

TEST(Implicit, CountsAreWeightsAboveZero) {
  const ReadOptions implicit = {.implicit = true};
  const Dataset data = read_text("user,item,count\n1,10,3\n1,10,2.5\n2,10,1\n", implicit);
  EXPECT_EQ(rows(data), (Rows{"1 10 5.5", "2 10 1"}));
  EXPECT_TRUE(data.report.implicit);
  EXPECT_EQ(rows(read_text("userId,artistId,playcount,time\n1,10,3,60\n", implicit)),
            Rows{"1 10 3 60"});
  expect_says(refusal("user,item,count\n1,10,0\n", implicit), ":2:6: found weight \"0\"");
  expect_says(refusal("1,10,-1\n", implicit), "a number above 0");
  EXPECT_EQ(
      rows(read_text("1,10,3\n1,10,2\n", {.on_duplicate = Duplicates::last, .implicit = true})),
      Rows{"1 10 2"});
}

TEST(Implicit, WhatWasNotRatedCountsOnce) {
  EXPECT_EQ(rows(read_text("User-ID;ISBN;Book-Rating\n1;a;0\n1;b;7\n", {.implicit = true})),
            (Rows{"1 a 1", "1 b 7"}));
}

// --- archives and names

TEST(ReadDataset, ReadsAnArchiveAsTheFolderThatItHolds) {
  const TempFolder folder;
  const auto archive = folder.write(
      "ml.zip", test::zipped({{"ml/README.txt", "hello"},
                              {"ml/movies.csv", "movieId,title,genres\n10,Heat (1995),Crime\n"},
                              {"ml/links.csv", "movieId,imdbId,tmdbId\n10,0113277,949\n"},
                              {"ml/tags.csv", "userId,movieId,tag,timestamp\n1,10,heist,7\n"},
                              {"ml/ratings.csv", "userId,movieId,rating\n1,10,3\n"}}));
  const Dataset data = read_dataset(archive);
  EXPECT_EQ(rows(data), Rows{"1 10 3"});
  EXPECT_EQ(data.catalogue.title[0], "Heat (1995)");
  EXPECT_EQ(data.catalogue.imdb, std::vector<std::int64_t>{113277});
  EXPECT_EQ(data.catalogue.tags[0], "heist");
  EXPECT_EQ(data.source, archive / "ml" / "ratings.csv");
  EXPECT_EQ(rows(read_dataset(archive / "ml" / "ratings.csv")), Rows{"1 10 3"});
  EXPECT_THROW(read_dataset(archive / "ml" / "none.csv"), InputError);
  const auto other = folder.write("o.zip", test::zipped({{"a.txt", "x"}, {"b.txt", "y"}}));
  EXPECT_THROW(read_dataset(other), InputError);
}

TEST(ReadDataset, ReadsPartsOfTheNetflixPrizeInAnArchive) {
  const TempFolder folder;
  std::vector<std::pair<std::string, std::string>> files;
  for (int film = 300; film > 0; --film) {
    files.emplace_back(fmt::format("set/mv_{:07}.txt", film),
                       fmt::format("{}:\n7,3,2005-09-06\n", film));
  }
  const auto archive = folder.write("n.zip", test::zipped(files));
  const Dataset data = read_dataset(archive);
  EXPECT_EQ(data.size(), 300);
  EXPECT_EQ(data.report.files, 300);
  std::atomic<int> asked = 0;
  EXPECT_THROW(read_dataset(archive, {}, {[&] { return ++asked > 4; }}), Interrupted);
}

TEST(ReadDataset, AnArchiveWithPathsOfThisMachineIsReadItself) {
  const TempFolder folder;
  const auto outside = folder.write("ratings.csv", "userId,movieId,rating\n1,10,1\n");
  const auto archive = folder.write(
      "a.zip",
      test::zipped({{outside.string(), "userId,movieId,rating\n1,10,5\n"}, {"README", "hello"}}));
  EXPECT_EQ(rows(read_dataset(archive)), Rows{"1 10 5"});
}

TEST(ReadDataset, FindsPackedFilesInAFolder) {
  const TempFolder folder;
  folder.write("ratings.csv.gz", test::compressed("userId,movieId,rating\n1,10,3\n", "gzip"));
  folder.write("movies.csv", "movieId,title,genres\n10,Heat (1995),Crime\n");
  const Dataset data = read_dataset(folder.path());
  EXPECT_EQ(rows(data), Rows{"1 10 3"});
  EXPECT_EQ(data.catalogue.title[0], "Heat (1995)");
}

TEST(ReadDataset, ErrorsInPackedFilesHaveTheirLine) {
  const TempFolder folder;
  const auto path = folder.write("r.gz", test::compressed("1,10,3\n1,11,x\n", "gzip"));
  try {
    read_dataset(path);
    FAIL();
  } catch (const InputError& error) {
    expect_says(error.what(), "r.gz:2:6: found rating \"x\"");
  }
}

}  // namespace
}  // namespace tusk
