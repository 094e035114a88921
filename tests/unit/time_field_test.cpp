#include "data/time_field.hpp"

#include <string>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>
#include <tusk/partition.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

Dataset read_timed(const std::string& rows, const ReadOptions& options = {}) {
  return test::read_text("user,item,rating,timestamp\n" + rows, options);
}

struct TimeCase {
  const char* text;
  std::int64_t seconds;
};

class ReadTime : public testing::TestWithParam<TimeCase> {};

TEST_P(ReadTime, AsSecondsSince1970) {
  std::int64_t seconds = -1;
  ASSERT_EQ(parse_time(GetParam().text, seconds), TimeField::read) << GetParam().text;
  EXPECT_EQ(seconds, GetParam().seconds) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Ways, ReadTime,
    testing::Values(TimeCase{"964982703", 964982703}, TimeCase{"964982703.0", 964982703},
                    TimeCase{"964982703.75", 964982703}, TimeCase{"9.64982703e+08", 964982703},
                    TimeCase{"964982703123", 964982703}, TimeCase{"964982703123.5", 964982703},
                    TimeCase{"964982703123456", 964982703},
                    TimeCase{"964982703123456789", 964982703}, TimeCase{"0", 0}, TimeCase{"-5", -5},
                    TimeCase{"-0.5", -1}, TimeCase{"-964982703123", -964982704},
                    TimeCase{"1970-01-02", 86400}, TimeCase{"2005/09/01", 1125532800},
                    TimeCase{"2005-09-01T10:00:00Z", 1125568800},
                    TimeCase{"2005-09-01 10:00:00", 1125568800},
                    TimeCase{"2005-09-01T10:00", 1125568800},
                    TimeCase{"2005-09-01T10:00:00.999999", 1125568800},
                    TimeCase{"2005-09-01T10:00:00+02:00", 1125561600},
                    TimeCase{"2005-09-01T10:00:00-0130", 1125574200},
                    TimeCase{"2005-09-01 10:00:00 +02", 1125561600},
                    TimeCase{"2004-02-29", 1078012800}, TimeCase{"1969-12-31", -86400}));

TEST(ParseTime, TellsMissingFromUnreadable) {
  std::int64_t seconds = 0;
  for (const char* text : {"", "null", "NULL", "None", "NaN", "NaT", "NA", "\\N"}) {
    EXPECT_EQ(parse_time(text, seconds), TimeField::missing) << text;
  }
  for (const char* text :
       {"noon", "2005-9-1", "2005-13-01", "2005-02-30", "2005-09-01T", "2005-09-01T25:00",
        "2005-09-01T10:61", "2005-09-01T10:00:00+", "2005-09/01", "01.09.2005", "inf", "1e30"}) {
    EXPECT_EQ(parse_time(text, seconds), TimeField::unreadable) << text;
  }
}

TEST(Times, MissingOnesCountAsTheOldest) {
  const Dataset data = read_timed("1,1,5,\n1,2,4,100\n1,3,3,50\n1,4,3,\n2,1,1,7\n2,2,2,\n");
  EXPECT_EQ(data.report.missing_times, 3);
  EXPECT_EQ(data.timestamp, (std::vector<std::int64_t>{kNoTime, 100, 50, kNoTime, 7, kNoTime}));
  const Partition split = make_split(data, parse_split("last:2"), 1);
  EXPECT_EQ(split.label, (std::vector<Label>{0, 1, 1, 0, 1, 0}));
}

TEST(Times, OfDuplicatesThatWithATimeCounts) {
  const Dataset data = read_timed("1,1,5,100\n1,1,4,\n1,2,3,\n1,2,2,\n");
  EXPECT_EQ(data.rating, (std::vector<float>{5, 2}));
}

TEST(Times, AColumnWithoutAnyIsNone) {
  EXPECT_TRUE(read_timed("1,1,5,\n1,2,4,NULL\n").timestamp.empty());
  EXPECT_TRUE(read_timed("1,1,5,drama\n1,2,4,war\n").timestamp.empty());
}

TEST(Times, UnreadableOnesStopOnlyWhatNeedsThem) {
  const char* const text = "1,1,5,100\n1,2,4,noon\n1,3,3,50\n";
  const Dataset data = read_timed(text);
  EXPECT_EQ(data.report.unreadable_times, 1);
  EXPECT_NE(data.report.first_unreadable_time.find("ratings.txt:3:7: found timestamp \"noon\""),
            std::string::npos)
      << data.report.first_unreadable_time;
  EXPECT_EQ(data.timestamp[1], kNoTime);
  EXPECT_NO_THROW(make_split(data, parse_split("random:0.4"), 1));
  for (const char* split : {"last:1", "time:0.4"}) {
    try {
      make_split(data, parse_split(split), 1);
      FAIL() << split;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("ratings.txt:3:7"), std::string::npos)
          << error.what();
    }
  }
  EXPECT_THROW(make_folds(data, parse_folds("time:0.4"), 1), InputError);

  EXPECT_EQ(read_timed(std::string(text) + "1,1,2,7\n").rating[0], 5) << "both times are known";
  const std::string twice = std::string(text) + "1,2,2,7\n";
  EXPECT_THROW(read_timed(twice), InputError) << "which is the latest?";
  EXPECT_EQ(read_timed(twice, {.on_duplicate = Duplicates::last}).rating[1], 2);
}

}  // namespace
}  // namespace tusk
