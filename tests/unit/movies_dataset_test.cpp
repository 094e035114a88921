#include "tests/support/movies_dataset.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/csv_records.hpp"
#include "data/python_literal.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::TempFolder;
using Names = std::vector<std::string>;

TEST(PythonNames, AreThoseOfAList) {
  EXPECT_EQ(python_names("[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': 'Comedy'}]"),
            (Names{"Animation", "Comedy"}));
  EXPECT_EQ(python_names("[]"), Names{});
  EXPECT_EQ(python_names(" [{\"name\": \"child's toy\", 'x': None,}] "), Names{"child's toy"});
  EXPECT_EQ(python_names("[{'name': 'a\\'b\\\\c\\xe9\\u20ac'}]"),
            Names{"a'b\\c\xC3\xA9\xE2\x82\xAC"});
  for (const char* bad :
       {"", "[", "[{'name': 'a'}", "[{'name'}]", "['a']", "[] x", "False", "[{'name': 'a]",
        "[{'name': '\\x4'}]", "[{'name': '\\ud800'}]", "[{'a': 1 'b': 2}]"}) {
    EXPECT_EQ(python_names(bad), std::nullopt) << bad;
  }
}

TEST(CsvRecords, MayHaveEndsOfLinesInQuotes) {
  CsvRecords records("a,\"b\n\"\"c\"\"\"\r\n\n x,\"y\nz\n1,2\n", ",");
  Fields fields;
  ASSERT_TRUE(records.next());
  ASSERT_TRUE(records.split(fields));
  EXPECT_EQ(records.field(fields.at(1)), "b\n\"c\"");
  EXPECT_EQ(records.line(), 1);
  ASSERT_TRUE(records.next());
  EXPECT_EQ(records.line(), 4);
  EXPECT_FALSE(records.split(fields)) << "a quote that is not closed ends with its line";
  ASSERT_TRUE(records.next());
  EXPECT_EQ(records.text(), "z");
  ASSERT_TRUE(records.next());
  EXPECT_EQ(records.line(), 6);
  EXPECT_FALSE(records.next());
}

class MoviesDatasetTest : public testing::Test {
 protected:
  std::size_t item(const char* id) const { return static_cast<std::size_t>(*data_.items.find(id)); }

  TempFolder folder_;
  const test::MoviesDataset written_ = test::write_movies_dataset(folder_.path());
  const Dataset data_ = read_dataset(folder_.path());
};

TEST_F(MoviesDatasetTest, GivesTheCatalogue) {
  const Catalogue& catalogue = data_.catalogue;
  EXPECT_EQ(data_.source, folder_.path() / "ratings.csv") << "and not the small one";
  EXPECT_EQ(catalogue.title[item("2")], "Film 2 (1962)");
  EXPECT_EQ(catalogue.genres[item("2")], "Animation|Comedy");
  EXPECT_EQ(catalogue.text[item("2")],
            "Overview of film 2, said to be \"good\".\n\nSecond paragraph.");
  EXPECT_EQ(catalogue.keywords[item("2")], "jealousy|child's toy");
  EXPECT_EQ(catalogue.year[item("2")], 1962);
  EXPECT_EQ(catalogue.votes[item("2")], 200);
  EXPECT_EQ(catalogue.imdb[item("2")], 202);
  EXPECT_EQ(catalogue.tmdb[item("2")], 102);
  for (const char* without : {"5", "15", "25", "38", "39"}) {
    EXPECT_EQ(catalogue.title[item(without)], "") << without;
  }
  EXPECT_EQ(catalogue.imdb[item("38")], 238);
  EXPECT_EQ(catalogue.tmdb[item("38")], 0);
}

TEST_F(MoviesDatasetTest, ReportsBrokenRowsByTheirLines) {
  const TitlesReport& titles = data_.report.titles;
  EXPECT_EQ(titles.rows, written_.films);
  EXPECT_EQ(titles.bad_rows, std::ssize(written_.bad_lines));
  EXPECT_EQ(titles.bad_lines, written_.bad_lines);
  EXPECT_EQ(titles.matched, 40 - 5);
  EXPECT_NE(titles.first_bad_row.find("movies_metadata.csv:" +
                                      std::to_string(written_.bad_lines.front())),
            std::string::npos)
      << titles.first_bad_row;
  EXPECT_TRUE(titles.problems.empty());
}

TEST_F(MoviesDatasetTest, TakesWhatIsNeitherUtf8NorACount) {
  folder_.write("movies_metadata.csv",
                "id,title,genres,overview,release_date,vote_count\n"
                "101,A,[{'name': 'Com\xe9"
                "die'}],o\xe9,,1e300\n102,B,[],,,nan\n103,C,[],,,-5\n"
                "104,D,[],,,7.0\n");
  folder_.write("keywords.csv", "id,keywords\n101,[{'name': 'caf\xe9'}]\n");
  const Catalogue catalogue = read_dataset(folder_.path()).catalogue;
  EXPECT_EQ(catalogue.genres[item("1")],
            "Com\xC3\xA9"
            "die");
  EXPECT_EQ(catalogue.text[item("1")], "o\xC3\xA9");
  EXPECT_EQ(catalogue.keywords[item("1")], "caf\xC3\xA9");
  for (const char* none : {"1", "2", "3"}) EXPECT_EQ(catalogue.votes[item(none)], 0) << none;
  EXPECT_EQ(catalogue.votes[item("4")], 7);
}

TEST_F(MoviesDatasetTest, TheSmallFilesDoAlone) {
  std::filesystem::remove(folder_.path() / "ratings.csv");
  std::filesystem::remove(folder_.path() / "links.csv");
  std::filesystem::remove(folder_.path() / "keywords.csv");
  const Dataset small = read_dataset(folder_.path());
  EXPECT_EQ(small.source, folder_.path() / "ratings_small.csv");
  EXPECT_EQ(small.catalogue.title[item("2")], "Film 2 (1962)");
  EXPECT_EQ(small.catalogue.keywords.size(), 0u);
  std::filesystem::remove(folder_.path() / "links_small.csv");
  const Dataset without = read_dataset(folder_.path());
  ASSERT_EQ(without.report.titles.problems.size(), 1u);
  EXPECT_NE(without.report.titles.problems[0].find("links.csv"), std::string::npos);
}

class TitlesOption : public testing::Test {
 protected:
  Dataset read(const std::string& titles, std::vector<std::string> columns = {}) {
    folder_.write("ratings.csv", "userId,movieId,rating\n1,1,3\n1,2,4\n");
    folder_.write("movies.csv", "movieId,title\n1,Not this\n");
    ReadOptions options;
    options.titles = folder_.write("films.txt", titles);
    options.title_columns = std::move(columns);
    return read_dataset(folder_.path(), options);
  }

  TempFolder folder_;
};

TEST_F(TitlesOption, TakesATableWithAnyNames) {
  const Dataset data =
      read("year;plot;name;id\n1995;\"Two\nlines\";Heat;1\n;x;\"A \"\"B\"\"\";2\n");
  EXPECT_EQ(data.catalogue.title[0], "Heat (1995)");
  EXPECT_EQ(data.catalogue.title[1], "A \"B\"");
  EXPECT_EQ(data.catalogue.text[0], "Two\nlines");
  EXPECT_EQ(data.catalogue.year, (std::vector<std::int32_t>{1995, 0}));
  const Dataset named = read("nr,what,kind\n1,Heat (1995),Crime\n", {"nr", "what", "kind"});
  EXPECT_EQ(named.catalogue.title[0], "Heat (1995)");
  EXPECT_EQ(named.catalogue.genres[0], "Crime");
  EXPECT_EQ(named.catalogue.year[0], 1995);
  const Dataset numbered = read("1\tHeat\t1995\n", {"1", "2", "", "3"});
  EXPECT_EQ(numbered.catalogue.title[0], "Heat (1995)");
}

TEST_F(TitlesOption, IsAnErrorIfItCannotBeUsed) {
  EXPECT_THROW(read("foo,bar\nx,y\n"), InputError);
  EXPECT_THROW(read("id,title\n"), InputError);
  ReadOptions options;
  options.titles = folder_.path() / "nowhere.csv";
  EXPECT_THROW(read_dataset(folder_.path(), options), InputError);
}

}  // namespace
}  // namespace tusk
