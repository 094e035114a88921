#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>
#include <tusk/rating_columns.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

const std::vector<std::int64_t> kUsers = {7, 3, 7, 3, 7};
const std::vector<std::string> kItems = {"b", "a", "a", "ünïted", "c"};
const std::vector<float> kRatings = {1, 2, 3.5f, 4, 5};
const std::vector<std::int64_t> kTimes = {50, kNoTime, 70, 80, 90};

std::string refusal(const std::vector<std::string>& users, const std::vector<std::string>& items,
                    const std::vector<float>& ratings, const ReadOptions& options = {}) {
  try {
    Dataset::from_arrays(users, items, ratings, {}, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(DatasetFromArrays, IsWhatAFileOfTheSameRowsIs) {
  std::string text = "user,item,rating,timestamp\n";
  for (std::size_t row = 0; row < kRatings.size(); ++row) {
    text += fmt::format("{},{},{},{}\n", kUsers[row], kItems[row], kRatings[row],
                        kTimes[row] == kNoTime ? "" : std::to_string(kTimes[row]));
  }
  const Dataset file = test::read_text(text);
  const Dataset data = Dataset::from_arrays(kUsers, kItems, kRatings, kTimes);
  EXPECT_EQ(dataset_hash(data), dataset_hash(file));
  EXPECT_EQ(data.timestamp, file.timestamp);
  EXPECT_EQ(data.scale, (RatingScale{1, 5}));
  EXPECT_EQ(data.report.missing_times, 1);
  EXPECT_EQ(data.users.find(std::int64_t{7}), 1);
  EXPECT_EQ(data.items.find("ünïted"), 3);
  EXPECT_EQ(data.catalogue.title.size(), 4u);
  EXPECT_TRUE(data.source.empty());
}

TEST(DatasetFromArrays, TakesIdsOfEachKindForUsersAndItems) {
  const std::vector<std::string> users = {"1", "2"};
  const std::vector<std::int64_t> items = {-5, 9'000'000'000};
  const std::vector<float> ratings = {1, 2};
  const Dataset data = Dataset::from_arrays(users, items, ratings);
  EXPECT_TRUE(data.users.numeric()) << "texts that are numbers are numbers, as in a file";
  EXPECT_EQ(data.items.numbers(), items);
  EXPECT_TRUE(data.timestamp.empty());
}

TEST(DatasetFromArrays, NamesTheRowOfABadValue) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(refusal({"1", "2"}, {"1", "1"}, {1, nan}),
            "row 1: found rating nan, expected a number from -1e+15 to 1e+15");
  EXPECT_NE(refusal({"1"}, {"1"}, {infinity}), "");
  EXPECT_NE(refusal({"1"}, {"1"}, {2e15f}), "");
  EXPECT_EQ(refusal({"1", "2"}, {"1", "1"}, {6, 3}, {.scale = RatingScale{1, 5}}),
            "row 0: found rating 6, expected a number from 1 to 5");
  EXPECT_EQ(refusal({"1", ""}, {"1", "1"}, {1, 1}), "row 1: found user \"\", expected an id");
  EXPECT_NE(refusal({"1", "2"}, {"1", "\xff"}, {1, 1}).find("row 1: found item"),
            std::string::npos);
  EXPECT_NE(refusal({std::string(1025, 'x')}, {"1"}, {1}), "");
  EXPECT_NE(refusal({}, {}, {}), "") << "no ratings";
}

TEST(DatasetFromArrays, SkipsBadRowsWhereThatIsAskedFor) {
  const Dataset data =
      Dataset::from_arrays(std::vector<std::int64_t>{1, 2, 3}, std::vector<std::int64_t>{1, 1, 1},
                           std::vector<float>{1, std::nanf(""), 3}, {}, {.on_bad = BadRows::skip});
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.users.size(), 2);
  EXPECT_EQ(data.report.bad_rows, 1);
  EXPECT_NE(data.report.first_bad_row.find("row 1"), std::string::npos);
}

// Many rows are read by several threads; which of them is bad or counts is as if one had read them.
TEST(DatasetFromArrays, IsTheSameForAnyNumberOfThreads) {
  constexpr std::size_t kRows = 200'000;
  std::vector<std::int64_t> users, items, times;
  std::vector<float> ratings;
  for (std::size_t row = 0; row < kRows; ++row) {
    users.push_back(static_cast<std::int64_t>(row * 7919 % 1'009) * 1'000'003);
    items.push_back(static_cast<std::int64_t>(row * row % 499));
    ratings.push_back(static_cast<float>(row % 5 + 1));
    times.push_back(row % 97 == 0 ? kNoTime : static_cast<std::int64_t>(row % 13));
  }
  const auto read = [&](int threads, BadRows on_bad, Duplicates rule) {
    return Dataset::from_arrays(users, items, ratings, times,
                                {.on_bad = on_bad, .on_duplicate = rule, .threads = threads});
  };
  for (const Duplicates rule : {Duplicates::last, Duplicates::latest, Duplicates::mean}) {
    const Dataset one = read(1, BadRows::error, rule);
    EXPECT_EQ(dataset_hash(read(3, BadRows::error, rule)), dataset_hash(one));
  }
  ratings[150'000] = ratings[150'001] = ratings[190'000] = std::nanf("");
  for (const int threads : {1, 3}) {
    const Dataset data = read(threads, BadRows::skip, Duplicates::last);
    EXPECT_EQ(data.report.bad_rows, 3);
    EXPECT_NE(data.report.first_bad_row.find("row 150000"), std::string::npos);
    EXPECT_EQ(dataset_hash(data), dataset_hash(read(2, BadRows::skip, Duplicates::last)));
    try {
      read(threads, BadRows::error, Duplicates::last);
      FAIL() << "a bad row is used";
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("row 150000"), std::string::npos);
    }
  }
}

TEST(DatasetFromArrays, MergesDuplicatesByTheirRule) {
  const std::vector<std::int64_t> users = {1, 1, 2};
  const std::vector<std::int64_t> items = {4, 4, 4};
  const std::vector<float> ratings = {5, 1, 3};
  const std::vector<std::int64_t> times = {9, 8, 7};
  EXPECT_EQ(Dataset::from_arrays(users, items, ratings, times).rating, (std::vector<float>{5, 3}));
  EXPECT_EQ(Dataset::from_arrays(users, items, ratings).rating, (std::vector<float>{1, 3}));
  EXPECT_EQ(refusal({"1", "2", "1"}, {"4", "4", "4"}, ratings, {.on_duplicate = Duplicates::error}),
            "row 2: found another rating of item \"4\" by user \"1\", after that in row 0, "
            "expected one (or say with on-duplicate which of them counts)");
}

TEST(DatasetFromArrays, NamesNoSkippedRowForADuplicate) {
  const ReadOptions options = {.on_bad = BadRows::skip, .on_duplicate = Duplicates::error};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal({"1", "1", "1"}, {"4", "4", "4"}, {nan, 1, 3}, options),
            "row 2: found another rating of item \"4\" by user \"1\", after that in row 1, "
            "expected one (or say with on-duplicate which of them counts)");
}

TEST(DatasetFromArrays, CountsBadRowsWhereNoneIsLeft) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal({"1", "2"}, {"1", "1"}, {nan, nan}, {.on_bad = BadRows::skip}),
            "there are no ratings to use: 2 bad rows skipped; the first: row 0: found rating nan, "
            "expected a number from -1e+15 to 1e+15");
  EXPECT_EQ(refusal({}, {}, {}), "there are no ratings to use");
}

TEST(DatasetFromArrays, RefusesColumnsOfDifferentLengths) {
  const std::vector<std::int64_t> ids = {1, 2};
  const std::vector<float> one = {1};
  const std::vector<float> two = {1, 2};
  EXPECT_THROW(Dataset::from_arrays(ids, ids, one), UsageError);
  EXPECT_THROW(Dataset::from_arrays(ids, ids, two, std::vector<std::int64_t>{1}), UsageError);
}

TEST(FindRatingColumns, KnowsTheNamesThatHeadersHave) {
  const std::vector<std::string> names = {"movieId", "when", "User_ID", "Timestamp", "rating"};
  EXPECT_EQ(find_rating_columns(names), (std::array<Index, 4>{2, 0, 4, 3}));
  const std::vector<std::string> plays = {"uid", "artistid", "plays"};
  EXPECT_EQ(find_rating_columns(plays), (std::array<Index, 4>{0, 1, kNone, kNone}));
  EXPECT_EQ(find_rating_columns(plays, true), (std::array<Index, 4>{0, 1, 2, kNone}));
}

}  // namespace
}  // namespace tusk
