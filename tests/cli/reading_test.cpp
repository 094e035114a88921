// What the program says of the ratings that it reads.
#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

class ReadingTest : public CliTest {};

TEST_F(ReadingTest, DataStatsPrintsOneObject) {
  const Outcome run = run_tusk({"data", "stats", data(), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(run.objects().size(), 1u);
  const Json stats = run.objects()[0];
  expect_has(stats, {"users", "items", "ratings", "density", "scale", "duplicates"});
  EXPECT_EQ(stats["users"], 200);
  EXPECT_EQ(stats["items"], 120);
  EXPECT_EQ(stats["ratings"], 5000);
  EXPECT_DOUBLE_EQ(stats["density"], 5000.0 / (200 * 120));
  EXPECT_EQ(stats["scale"], Json({1, 5}));
  EXPECT_EQ(stats["duplicates"], 0);
  std::int64_t bars = 0;
  for (const Json& bar : stats["histogram"]) bars += bar["count"].get<std::int64_t>();
  EXPECT_EQ(bars, 5000);
}

TEST_F(ReadingTest, DataStatsComputesWhatItSays) {
  const auto path =
      folder_.write("r.csv",
                    "user,item,rating,timestamp\n"
                    "a,1,1,9223372036854775807\na,2,2,5\na,3,2,5\nb,1,5,5\nc,1,5,-7\n");
  const Outcome run = run_tusk({"data", "stats", path.string(), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json stats = run.objects()[0];
  EXPECT_DOUBLE_EQ(stats["mean"], 3);
  EXPECT_NEAR(stats["std"], std::sqrt((4 + 1 + 1 + 4 + 4) / 5.0), 1e-12);
  EXPECT_EQ(stats["ratings_per_user"]["median"], 1);
  EXPECT_EQ(stats["ratings_per_user"]["max"], 3);
  EXPECT_EQ(stats["ratings_per_item"]["min"], 1);
  EXPECT_EQ(stats["ratings_per_item"]["max"], 3);
  EXPECT_EQ(stats["time"], Json({-7, 9223372036})) << "nanoseconds are such, too";
  EXPECT_EQ(run_tusk({"data", "stats", path.string()}).code, 0);
}

TEST_F(ReadingTest, DataStatsSaysWhatWasTakenForWhat) {
  const auto path = folder_.write("r.csv",
                                  "stars;reader;book;when\n3;a;x;2005-09-01\n4;a;y;\n"
                                  "5;b;x;1970-01-02\n1;b;y;noon\n");
  const Words words = {"data", "stats", path.string(), "--columns", "reader,book,stars,when"};
  const Outcome text = run_tusk(words);
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.err.find("read r.csv: semicolon-separated, header; user=reader item=book "
                          "rating=stars timestamp=when; ratings 1 .. 5; no titles\n"),
            std::string::npos)
      << text.err;
  EXPECT_NE(text.err.find("warning: 1 time unreadable"), std::string::npos) << text.err;
  EXPECT_NE(text.err.find("r.csv:5:"), std::string::npos) << text.err;
  EXPECT_NE(text.out.find("1970-01-02 .. 2005-09-01 (2 without one)"), std::string::npos);
  Words json = words;
  json.insert(json.end(), {"--json", "--quiet"});
  const Outcome quiet = run_tusk(json);
  EXPECT_EQ(quiet.err.find("read r.csv"), std::string::npos) << quiet.err;
  const Json stats = quiet.objects().at(0);
  EXPECT_EQ(stats["read"]["delimiter"], ";");
  EXPECT_EQ(stats["read"]["header"], true);
  EXPECT_EQ(stats["read"]["columns"],
            Json({{"user", 2}, {"item", 3}, {"rating", 1}, {"timestamp", 4}}));
  EXPECT_EQ(stats["read"]["titles"], nullptr);
  EXPECT_EQ(stats["without_time"], 2);
  EXPECT_EQ(stats["time"], Json({86400, 1125532800}));
  EXPECT_EQ(stats["warnings"], Json::array());
}

TEST_F(ReadingTest, EveryCommandThatReadsRatingsSaysHow) {
  for (const Words& words : std::vector<Words>{
           {"data", "stats", data()},
           {"train", data(), "--model", "mean"},
           {"cv", data(), "--model", "mean", "--folds", "2"},
           {"compare", data(), "--models", "mean,bias", "--folds", "2"},
           {"tune", data(), "--model", "bias", "--grid", "item-damping=1,2", "--folds", "2"},
           {"evaluate", model(), data()}}) {
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << words[0] << run.err;
    EXPECT_NE(run.err.find("read ratings.csv: comma-separated, header; user=userId item=movieId "
                           "rating=rating timestamp=timestamp; ratings 1 .. 5; titles movies.csv: "
                           "120 of 120\n"),
              std::string::npos)
        << words[0] << ": " << run.err;
  }
}

TEST_F(ReadingTest, WhatIsNotPlausibleIsAWarningThatNamesTheOption) {
  std::string text;
  for (int n = 0; n < 60; ++n) text += std::to_string(n) + "," + std::to_string(n / 6) + ",3,4\n";
  const auto path = folder_.write("r.csv", text).string();
  const Outcome run = run_tusk({"data", "stats", path, "--json", "--quiet"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.err.find("warning: every user has one rating"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("--columns"), std::string::npos) << run.err;
  EXPECT_EQ(run.objects().at(0)["warnings"].at(0)["kind"], "one_rating_each");
}

TEST_F(ReadingTest, AFileOfTitlesThatCannotBeUsedIsAWarning) {
  folder_.write("ratings.csv", "userId,movieId,rating\n1,1,5\n1,2,4\n2,1,3\n");
  folder_.write("movies.csv", "id,original_title\n1,Heat\n");
  const Outcome run = run_tusk(
      {"train", folder_.path().string(), "--model", "bias", "--out", file("m"), "--quiet"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.err.find("warning: "), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("movies.csv:1"), std::string::npos) << run.err;
}

TEST_F(ReadingTest, SmallScalesHaveTheirDigits) {
  std::string text = "user,item,rating\n";
  for (int user = 1; user <= 12; ++user) {
    for (int item = 1; item <= 9; ++item) {
      text += std::to_string(user) + "," + std::to_string(item) + ",0.000" +
              std::to_string(1 + (user * 7 + item * item * 3) % 5) + "\n";
    }
  }
  const auto path = folder_.write("r.csv", text).string();
  const Words train = {"train",   path,         "--model", "bias",
                       "--split", "random:0.2", "--out",   file("m")};
  for (const Words& words : std::vector<Words>{
           train,
           {"data", "stats", path},
           {"evaluate", file("m"), path},
           {"predict", file("m"), "--user", "1", "--item", "1"},
           {"recommend", file("m"), "--user", "1", "--include-seen"},
           {"cv", path, "--model", "bias", "--folds", "3"},
           {"compare", path, "--models", "bias,mean", "--folds", "3"},
           {"tune", path, "--model", "bias", "--grid", "item-damping=1,2", "--folds", "2"}}) {
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << words[0] << ": " << run.err;
    for (const char* lost : {"0.0000 ", "0.0000\n", " 0.00 ", "0.000\n", "0.000,"}) {
      EXPECT_EQ(run.out.find(lost), std::string::npos) << words[0] << lost << run.out;
    }
  }
}

TEST_F(ReadingTest, DataStatsReportsDuplicatesAndSkippedRows) {
  const auto path =
      folder_.write("r.csv", "user,item,rating\n1,2,3\n1,2,4\nx,,3\n1,3,bad\n1,4,5\n");
  const Outcome run = run_tusk({"data", "stats", path.string(), "--json", "--on-bad", "skip"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects()[0]["duplicates"], 1);
  EXPECT_EQ(run.objects()[0]["bad_rows"], 2);
  EXPECT_NE(run.err.find("2 bad rows skipped; the first:"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("r.csv:4"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace tusk::test
