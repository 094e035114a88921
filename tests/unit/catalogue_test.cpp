#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <tusk/dataset.hpp>
#include <tusk/plausibility.hpp>

#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::TempFolder;

class CatalogueTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("ratings.csv", "userId,movieId,rating\n1,1,3\n1,2,4\n1,30,5\n");
  }
  Dataset read(const ReadOptions& options = {}) { return read_dataset(folder_.path(), options); }
  static std::string title(const Dataset& data, const char* id) {
    return std::string(data.catalogue.title[static_cast<std::size_t>(*data.items.find(id))]);
  }
  static std::string genres(const Dataset& data, const char* id) {
    return std::string(data.catalogue.genres[static_cast<std::size_t>(*data.items.find(id))]);
  }

  TempFolder folder_;
};

TEST_F(CatalogueTest, IsEmptyWithoutAFile) {
  const Dataset data = read();
  EXPECT_EQ(data.catalogue.title.size(), 3u);
  EXPECT_EQ(title(data, "30"), "");
}

TEST_F(CatalogueTest, ReadsMoviesCsv) {
  folder_.write("movies.csv",
                "movieId,title,genres\r\n"
                "2,\"American President, The (1995)\",Comedy|Drama|Romance\r\n"
                "30,\"\"\"Great Performances\"\" Cats (1998)\",(no genres listed)\r\n"
                "99,Nobody rated this (2000),Drama\r\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "1"), "");
  EXPECT_EQ(title(data, "2"), "American President, The (1995)");
  EXPECT_EQ(genres(data, "2"), "Comedy|Drama|Romance");
  EXPECT_EQ(title(data, "30"), "\"Great Performances\" Cats (1998)");
  EXPECT_EQ(genres(data, "30"), "");
}

TEST_F(CatalogueTest, FollowsTheHeaderOfMoviesCsv) {
  folder_.write("movies.csv", "title,year,movieId\n\"Heat, The\",1995,2\n");
  EXPECT_EQ(title(read(), "2"), "Heat, The");
  EXPECT_EQ(genres(read(), "2"), "");
}

// What is no file of titles stops nothing: the report says why it gave none.
TEST_F(CatalogueTest, ReportsWhatCannotBeUsed) {
  for (const char* text :
       {"", "PK\x03\x04zip", "\x01\x02", "1,Toy Story (1995),Comedy\n",
        "id,original_title\n1,Heat\n", "movieId,title\n", "movieId,title\n1\n"}) {
    folder_.write("movies.csv", text);
    const Dataset data = read();
    EXPECT_EQ(data.size(), 3) << text;
    EXPECT_EQ(title(data, "1"), "") << text;
    ASSERT_EQ(data.report.titles.problems.size(), 1u) << text;
    EXPECT_NE(data.report.titles.problems[0].find("movies.csv"), std::string::npos) << text;
    EXPECT_TRUE(data.report.titles.file.empty());
  }
  folder_.write("u.item", "1|Heat|||\n");
  EXPECT_EQ(title(read(), "1"), "Heat") << "another file has them";
}

TEST_F(CatalogueTest, ReportsAFileThatCannotBeOpened) {
  std::filesystem::create_symlink("nowhere", folder_.path() / "movies.csv");
  EXPECT_EQ(read().report.titles.problems.size(), 1u) << "a link to nowhere";
  std::filesystem::remove(folder_.path() / "movies.csv");
  std::filesystem::create_directory(folder_.path() / "movies.csv");
  EXPECT_EQ(read().report.titles.problems.size(), 1u) << "a folder";
  std::filesystem::remove(folder_.path() / "movies.csv");
  if (::geteuid() == 0) return;  // may read everything
  std::filesystem::permissions(folder_.write("movies.csv", "movieId,title\n1,Heat\n"),
                               std::filesystem::perms::none);
  EXPECT_EQ(read().report.titles.problems.size(), 1u) << "no permission";
}

TEST_F(CatalogueTest, CountsWhatJoins) {
  folder_.write("movies.csv", "movieId,title\n1,Heat\n01,Cold\n99,Nobody\n");
  const TitlesReport titles = read().report.titles;
  EXPECT_EQ(titles.file, folder_.path() / "movies.csv");
  EXPECT_EQ(titles.rows, 3);
  EXPECT_EQ(titles.matched, 1);
  EXPECT_EQ(titles.unknown_ids, (std::vector<std::string>{"01", "99"}));
}

TEST_F(CatalogueTest, LeavesQuotesInAnUnquotedTitle) {
  folder_.write("movies.csv", "movieId,title\n1,The \"Big\" One\n2,\"The \"\"Big\"\" One\"\n");
  EXPECT_EQ(title(read(), "1"), "The \"Big\" One");
  EXPECT_EQ(title(read(), "2"), "The \"Big\" One");
}

TEST_F(CatalogueTest, TitlesMayHaveEndsOfLines) {
  folder_.write("movies.csv", "movieId,title,genres\n1,\"The\nHeat\",Crime\n2,B,War\n30,C\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "1"), "The\nHeat");
  EXPECT_EQ(genres(data, "1"), "Crime");
  EXPECT_EQ(title(data, "2"), "B");
  EXPECT_NE(
      data.report.titles.first_bad_row.find("movies.csv:5: found \"30,C\", expected 3 fields"),
      std::string::npos)
      << data.report.titles.first_bad_row;
}

TEST_F(CatalogueTest, ABadQuoteTakesNoOtherRowWithIt) {
  folder_.write("movies.csv",
                "movieId,title,genres\n1,\"Heat,Crime\n2,\"B, The\",War\n30,\"C\"x\",War\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "2"), "B, The");
  EXPECT_EQ(data.report.titles.bad_lines, (std::vector<std::int64_t>{2, 4}));
}

TEST_F(CatalogueTest, DecidesTheEncodingLineByLine) {
  folder_.write("movies.csv", "movieId,title\n1,Caf\xe9\n2,Caf\xc3\xa9\n");
  EXPECT_EQ(title(read(), "1"), title(read(), "2"));
}

TEST_F(CatalogueTest, ReadsMoviesDat) {
  folder_.write("movies.dat", "1::Toy Story (1995)::Animation|Comedy\n2::Caf\xe9 (1990)::Drama\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "1"), "Toy Story (1995)");
  EXPECT_EQ(title(data, "2"), "Caf\xc3\xa9 (1990)");
  EXPECT_EQ(genres(data, "2"), "Drama");
}

TEST_F(CatalogueTest, ReadsLatin1ItemsAndTheirGenreFlags) {
  folder_.write("u.item",
                "1|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
                "2|Mis\xe9rables, Les (1995)|01-Jan-1995||http://y|0|0|0|0|0|0|0|0|1|0|0|0|0|0|0|0|"
                "0|0|0\n"
                "30|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n");
  const Dataset data = read();
  EXPECT_EQ(genres(data, "1"), "Animation|Children's|Comedy");
  EXPECT_EQ(title(data, "2"), "Mis\xc3\xa9rables, Les (1995)");
  EXPECT_EQ(genres(data, "2"), "Drama");
  EXPECT_EQ(genres(data, "30"), "");
}

TEST_F(CatalogueTest, TakesGenreNamesFromTheirFile) {
  folder_.write("u.genre", "unknown|0\nHeist|1\nHeroic|2\n\n");
  folder_.write("u.item", "1|A|d||u|0|1|1\n");
  EXPECT_EQ(genres(read(), "1"), "Heist|Heroic");
}

TEST_F(CatalogueTest, KeepsTitlesWhereGenreNamesCannotBeRead) {
  folder_.write("u.genre", std::string("\0\1\2|0\n", 7));
  folder_.write("u.item", "1|A|d||u|0|1|1\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "1"), "A");
  EXPECT_EQ(genres(data, "1"), "Action|Adventure");
  ASSERT_EQ(data.report.titles.problems.size(), 1u);
  EXPECT_NE(data.report.titles.problems[0].find("u.genre"), std::string::npos);
}

TEST_F(CatalogueTest, SkipsAndCountsABadRow) {
  folder_.write("movies.csv", "movieId,title,genres\n1,A,Drama\n2,B\n30,C,War\n");
  const Dataset data = read();
  EXPECT_EQ(title(data, "1"), "A");
  EXPECT_EQ(title(data, "2"), "");
  EXPECT_EQ(title(data, "30"), "C");
  EXPECT_EQ(data.report.bad_rows, 0) << "of ratings";
  EXPECT_EQ(data.report.titles.bad_rows, 1);
  EXPECT_NE(data.report.titles.first_bad_row.find("movies.csv:3"), std::string::npos);
  EXPECT_EQ(data.report.titles.bad_lines, std::vector<std::int64_t>{3});
}

TEST_F(CatalogueTest, NamesTheFirstTenBadRows) {
  std::string text = "movieId,title\n1,A\n";
  for (int row = 0; row < 11; ++row) text += "2\n";
  folder_.write("movies.csv", text);
  const Dataset data = read();
  EXPECT_EQ(data.report.titles.bad_rows, 11);
  EXPECT_EQ(data.report.titles.bad_lines,
            (std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  const auto remarks = remarks_on(data, {});
  EXPECT_TRUE(std::any_of(remarks.begin(), remarks.end(), [](const Remark& remark) {
    return remark.text.starts_with(
        "11 bad rows of titles skipped (lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ...); the first: ");
  }));
}

TEST_F(CatalogueTest, ReadsTags) {
  const auto tags = [&](const ReadOptions& options = {}) {
    const Dataset data = read(options);
    EXPECT_EQ(data.catalogue.tags.size(), 3u);
    return std::string(data.catalogue.tags[0]);
  };
  folder_.write("tags.csv",
                "userId,movieId,tag,timestamp\n1,1,\"toys, and\nmore\",5\n1,99,x,5\n2,1,pixar\n"
                "2,1,caf\xe9,5\n3,1,pixar,5\n");
  EXPECT_EQ(tags(), "toys, and\nmore|caf\xC3\xA9|pixar");
  ReadOptions options;
  options.encoding = "windows-1252";
  folder_.write("tags.csv", "userId,movieId,tag,timestamp\n1,1,\x80,5\n");
  EXPECT_EQ(tags(options), "\xE2\x82\xAC");
  folder_.write("tags.csv", "a,b\n");
  folder_.write("tags.dat", "1::1::\"quoted::5\n1::30::x::5\n");
  EXPECT_EQ(tags(), "\"quoted");
  const auto problems = read().report.titles.problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("tags.csv:1: "), std::string::npos);
}

}  // namespace
}  // namespace tusk
