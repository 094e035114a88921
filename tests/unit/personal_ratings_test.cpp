#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/personal_ratings.hpp>

#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

constexpr const char* kImdbHeader =
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime "
    "(mins),Year,Genres,Num Votes,Release Date,Directors\n";

std::string imdb_row(const char* id, const char* rating, const char* title, const char* year) {
  return fmt::format(
      "{},{},2020-01-02,\"{}\",\"{}\",https://www.imdb.com/title/{},Movie,7.9,170,{},\"Crime, "
      "Drama\",700000,1995-12-15,Michael Mann\n",
      id, rating, title, title, id, year);
}

class PersonalRatingsTest : public testing::Test {
 protected:
  PersonalRatingsTest() {
    for (const char* title : {"Heat (1995)", "Matrix, The (1999)",
                              "City of Lost Children, The (Cit\xC3\xA9 des enfants "
                              "perdus, La) (1995)",
                              "Heat (1972)", ""}) {
      catalogue_.title.push_back(title);
      catalogue_.genres.push_back("");
    }
    catalogue_.year = {1995, 1999, 1995, 1972, 0};
    catalogue_.imdb = {113277, 133093, 0, 0, 999};
  }

  PersonalRatings read(const std::string& text, RatingScale scale = {0.5f, 5},
                       std::optional<PersonalFormat> format = std::nullopt,
                       const std::string& encoding = {}) {
    return read_personal_ratings(folder_.write("export.csv", text), catalogue_, ratings_, scale,
                                 format, encoding);
  }
  // "item rating" of each.
  static std::vector<std::string> rows(const PersonalRatings& read) {
    std::vector<std::string> list;
    for (const PersonalRating& rating : read.ratings) {
      list.push_back(fmt::format("{} {}", rating.item, rating.rating));
    }
    return list;
  }

  test::TempFolder folder_;
  Catalogue catalogue_;
  std::vector<std::int64_t> ratings_ = {5, 4, 3, 2, 1};
};

using Rows = std::vector<std::string>;

TEST_F(PersonalRatingsTest, OfImdbAreFoundByIdAndByTitle) {
  const PersonalRatings read =
      this->read(kImdbHeader + imdb_row("tt0113277", "9", "Another name", "1995") +
                 imdb_row("tt0133093", "1", "The Matrix", "1999") +
                 imdb_row("tt0112682", "10", "La cit\xC3\xA9 des enfants perdus", "1995") +
                 imdb_row("tt0000999", "5", "No title here", "2001") +
                 imdb_row("tt7777777", "8", "Nobody knows it", "2011"));
  EXPECT_EQ(read.format, PersonalFormat::imdb);
  EXPECT_EQ(rows(read), (Rows{"0 4.5", "1 0.5", "2 5", "4 2.5"}));
  EXPECT_EQ(read.ratings[0].timestamp, 1577923200);
  ASSERT_EQ(read.unmatched.size(), 1u);
  EXPECT_EQ(read.unmatched[0].title, "Nobody knows it");
  EXPECT_EQ(read.unmatched[0].year, 2011);
  EXPECT_EQ(read.unmatched[0].line, 6);
}

TEST_F(PersonalRatingsTest, OfLetterboxdAreFoundByTitleAndYear) {
  const PersonalRatings read = this->read(
      "Date,Name,Year,Letterboxd URI,Rating\n"
      "2021-05-01,Heat,1995,https://boxd.it/1,4.5\n"
      "2021-05-01,HEAT,1971,https://boxd.it/2,2\n"  // a year off
      "2021-05-02,The M\xC3\xA1trix!,1999,https://boxd.it/3,5\n"
      "2021-05-02,Heat,2013,https://boxd.it/4,5\n"
      "2021-05-03,The City of Lost Children,1995,https://boxd.it/5,\n"
      "2021-05-04,Heat,1995,https://boxd.it/1,0.5\n",
      {1, 10});
  EXPECT_EQ(read.format, PersonalFormat::letterboxd);
  EXPECT_EQ(rows(read), (Rows{"0 1", "1 10", "3 4"})) << "the last rating of a film counts";
  EXPECT_EQ(read.unrated, 1);
  ASSERT_EQ(read.unmatched.size(), 1u);
  EXPECT_EQ(read.unmatched[0].year, 2013);
}

TEST_F(PersonalRatingsTest, AFilmWithAnotherIdIsAnotherFilm) {
  const PersonalRatings read = this->read(kImdbHeader + imdb_row("tt0068690", "9", "Heat", "1995") +
                                          imdb_row("tt0068691", "8", "Heat", "1972") +
                                          imdb_row("tt0000001", "7", "Matrix, The", ""));
  EXPECT_EQ(rows(read), Rows{"3 4"}) << "of the two only that without an id may be meant";
  EXPECT_EQ(read.unmatched.size(), 2u);
}

TEST_F(PersonalRatingsTest, MayBeInOtherEncodings) {
  const std::string header = "Date,Name,Year,Letterboxd URI,Rating\n";
  const std::string row =
      "2021-05-01,\"Cit\xe9 des enfants perdus, La\",1995,https://boxd.it/1,5\n";
  EXPECT_EQ(rows(read(header + row)), Rows{"2 5"}) << "Latin-1, if nothing is said";
  EXPECT_EQ(rows(read(header + row, {0.5f, 5}, std::nullopt, "windows-1252")), Rows{"2 5"});
  const PersonalRatings euro = read(header + "2021-05-01,\x80,1995,https://boxd.it/1,5\n",
                                    {0.5f, 5}, std::nullopt, "windows-1252");
  EXPECT_EQ(euro.unmatched.at(0).title, "\xE2\x82\xAC");
  std::string utf16 = "\xff\xfe";
  for (const char c : header) utf16 += {c, '\0'};
  EXPECT_EQ(recognise_personal_format(folder_.write("u.csv", utf16)), PersonalFormat::letterboxd);
}

TEST_F(PersonalRatingsTest, BadFilesHaveTheirLine) {
  const auto refusal = [&](const std::string& text,
                           std::optional<PersonalFormat> format = std::nullopt) {
    try {
      read(text, {1, 5}, format);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto expect_says = [](const std::string& message, const std::string& words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  expect_says(refusal("user,item,rating\n1,2,3\n"), "Letterboxd");
  expect_says(refusal(kImdbHeader, PersonalFormat::letterboxd), "an export from letterboxd");
  expect_says(refusal(kImdbHeader + imdb_row("tt1", "11", "x", "2000")), ":2: found ");
  expect_says(refusal(kImdbHeader + imdb_row("tt1", "good", "x", "2000")), "from 1 to 10");
  expect_says(refusal(std::string(kImdbHeader) + "tt1,5\n"), "14 fields");
  EXPECT_THROW(parse_personal_format("netflix"), UsageError);
  EXPECT_EQ(parse_personal_format("letterboxd"), PersonalFormat::letterboxd);
}

}  // namespace
}  // namespace tusk
