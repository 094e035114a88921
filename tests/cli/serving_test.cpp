// What the commands print and do that use a model: predict, recommend and info.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class ServingTest : public CliTest {};

TEST_F(ServingTest, PredictPrintsOneObject) {
  const Outcome run = run_tusk({"predict", model(), "--user", "7", "--item", "3", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(run.objects().size(), 1u);
  const Json prediction = run.objects()[0];
  EXPECT_EQ(prediction["user"], 7);
  EXPECT_EQ(prediction["item"], 3);
  EXPECT_EQ(prediction["evidence"], "full");
  EXPECT_GE(prediction["rating"], 1);
  EXPECT_LE(prediction["rating"], 5);
  EXPECT_EQ(run.err, "");
}

TEST_F(ServingTest, PredictTakesAFileOfPairs) {
  const auto pairs = folder_.write("pairs.csv", "7,3\r\n\n7,nothing\nnobody,3");
  const Outcome run = run_tusk({"predict", model(), "--pairs", pairs.string(), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(run.objects().size(), 3u);
  const Json one =
      run_tusk({"predict", model(), "--user", "7", "--item", "3", "--json"}).objects()[0];
  EXPECT_EQ(run.objects()[0], one);
  EXPECT_EQ(run.objects()[1]["evidence"], "user-only");
  EXPECT_EQ(run.objects()[2]["evidence"], "item-only");
  EXPECT_NE(run.err.find("no training rating of user nobody"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("no training rating of item nothing"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("of 2 of 3 pairs: is it the same data?"), std::string::npos) << run.err;
  std::string unknown = "7,3\n";
  for (int n = 0; n < 1000; ++n) unknown += "nobody,3\n";
  const auto many = folder_.write("many.csv", unknown);
  const Outcome counted = run_tusk({"predict", model(), "--pairs", many.string(), "--json"});
  EXPECT_LT(std::count(counted.err.begin(), counted.err.end(), '\n'), 20);
  EXPECT_NE(counted.err.find("of 1000 of 1001 pairs"), std::string::npos) << counted.err;
  const auto tabs = folder_.write("pairs.tsv", "7\t3\t5\t0\n");
  EXPECT_EQ(run_tusk({"predict", model(), "--pairs", tabs.string(), "--json"}).objects()[0], one);
}

TEST_F(ServingTest, PredictReadsPairsAsRatingsAreRead) {
  const Json one =
      run_tusk({"predict", model(), "--user", "7", "--item", "3", "--json"}).objects()[0];
  const auto objects = [&](const std::string& text, Words more = {}) {
    const auto pairs = folder_.write("pairs.csv", text).string();
    Words arguments = {"predict", model(), "--pairs", pairs, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome run = run_tusk(arguments);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.err.find("read pairs.csv: "), std::string::npos) << run.err;
    return run.objects();
  };
  EXPECT_EQ(objects("\xEF\xBB\xBF\"user\",\"item\"\r\n\"7\",\"3\"\r\n"), std::vector{one});
  EXPECT_EQ(objects("rating;movieId;userId\n5;3;7\n"), std::vector{one});
  EXPECT_EQ(objects("x~3~7\n", {"--delimiter", "~", "--columns", "3,2"}), std::vector{one});
  EXPECT_EQ(objects("7,3\n", {"--columns", "1,2,3"}), std::vector{one}) << "as for ratings";
  for (const char* text : {"", "user,item\n", "reader,title\n7,3\n"}) {
    const auto pairs = folder_.write("pairs.csv", text).string();
    EXPECT_EQ(run_tusk({"predict", model(), "--pairs", pairs}).code, 3) << text;
  }
}

TEST_F(ServingTest, AnUnknownIdIsShownBesideThoseThatAreKnown) {
  std::string text = "user,item,rating\n";
  for (const char* user : {"0001", "0002"}) {
    for (const char* item : {"a", "b"}) text += std::string(user) + "," + item + ",3\n";
  }
  const auto data = folder_.write("r.csv", text).string();
  ASSERT_EQ(run_tusk({"train", data, "--model", "bias", "--out", file("m")}).code, 0);
  const Outcome one = run_tusk({"predict", file("m"), "--user", "1", "--item", "A"});
  EXPECT_NE(one.err.find("of user 1 (it knows 0001 .. 0002; did you mean 0001?)"),
            std::string::npos)
      << one.err;
  EXPECT_NE(one.err.find("did you mean a?"), std::string::npos) << one.err;
  EXPECT_NE(run_tusk({"recommend", file("m"), "--user", "2.0"}).err.find("did you mean 0002?"),
            std::string::npos);
  const auto users = folder_.write("users.txt", "1\n").string();
  const Outcome listed =
      run_tusk({"recommend", file("m"), "--users", users, "--on-unknown", "error"});
  EXPECT_NE(listed.err.find("did you mean 0001?"), std::string::npos) << listed.err;

  std::string pairs;
  for (int n = 0; n < 40; ++n) pairs += "x" + std::to_string(n % 20) + ",a\n";
  const Outcome many =
      run_tusk({"predict", file("m"), "--pairs", folder_.write("p.csv", pairs).string()});
  EXPECT_EQ(std::count(many.err.begin(), many.err.end(), '\n'), 13) << many.err;
  EXPECT_NE(many.err.find("10 more users"), std::string::npos) << many.err;
}

TEST_F(ServingTest, PredictRefusesWhatIsNoPair) {
  const auto bad = folder_.write("bad.csv", "7,3\n7\n");
  const Outcome run = run_tusk({"predict", model(), "--pairs", bad.string()});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("bad.csv:2"), std::string::npos) << run.err;
  EXPECT_EQ(run_tusk({"predict", model(), "--pairs", file("none")}).code, 3);
  EXPECT_EQ(run_tusk({"predict", model(), "--user", "7"}).code, 2);
  EXPECT_EQ(run_tusk({"predict", model(), "--user", "7", "--pairs", bad.string()}).code, 2);
}

TEST_F(ServingTest, PredictSaysWhatItDoesNotKnow) {
  const auto evidence = [&](const char* user, const char* item) {
    const Outcome run = run_tusk({"predict", model(), "--user", user, "--item", item, "--json"});
    EXPECT_EQ(run.code, 0);
    EXPECT_NE(run.err.find("no training rating of"), std::string::npos) << run.err;
    return run.objects()[0]["evidence"].get<std::string>();
  };
  EXPECT_EQ(evidence("99999", "3"), "item-only");
  EXPECT_EQ(evidence("7", "nothing"), "user-only");
  EXPECT_EQ(evidence("nobody", "nothing"), "global");
}

TEST_F(ServingTest, RecommendPrintsARowEach) {
  const Outcome run = run_tusk({"recommend", model(), "--user", "7", "-k", "5", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects();
  ASSERT_EQ(rows.size(), 5u);
  std::ifstream ratings(data() + "/ratings.csv");
  for (std::size_t r = 0; r < rows.size(); ++r) {
    expect_has(rows[r], {"user", "rank", "item", "title", "score", "evidence", "genres", "rating"});
    EXPECT_EQ(rows[r]["user"], 7);
    EXPECT_EQ(rows[r]["rank"], r + 1);
    EXPECT_FALSE(rows[r]["title"].get<std::string>().empty());
    if (r > 0) {
      EXPECT_GE(rows[r - 1]["score"], rows[r]["score"]);
    }
    const std::string item = rows[r]["item"].dump();
    const Json prediction =
        run_tusk({"predict", model(), "--user", "7", "--item", item, "--json"}).objects()[0];
    EXPECT_EQ(prediction["rating"], rows[r]["rating"]) << "one formula";
  }
  const Outcome text = run_tusk({"recommend", model(), "--user", "7", "-k", "5"});
  EXPECT_NE(text.out.find(rows[0]["title"].get<std::string>()), std::string::npos);
}

TEST_F(ServingTest, RecommendLeavesOutWhatTheUserHasRated) {
  ASSERT_EQ(run_tusk({"train", data(), "--epochs", "3", "--factors", "4", "--out", file("m")}).code,
            0);
  const auto rows =
      run_tusk({"recommend", file("m"), "--user", "7", "-k", "200", "--json"}).objects();
  std::set<std::string> recommended;
  for (const Json& row : rows) recommended.insert(row["item"].dump());
  std::ifstream ratings(data() + "/ratings.csv");
  std::size_t rated = 0;
  for (std::string line; std::getline(ratings, line);) {
    if (!line.starts_with("7,")) continue;
    const std::string item = line.substr(2, line.find(',', 2) - 2);
    EXPECT_FALSE(recommended.contains(item)) << item;
    ++rated;
  }
  EXPECT_EQ(rated + recommended.size(), 120u);
}

TEST_F(ServingTest, InfoTellsHowTheModelCameAbout) {
  const Json info = run_tusk({"info", model(), "--json"}).objects().at(0);
  EXPECT_EQ(info["model"], "mf");
  EXPECT_EQ(info["factors"], 8);
  EXPECT_EQ(info["training_ratings"], 4500);
  expect_has(info["metadata"], {"split", "seed", "ratings_hash", "user_learning_rate", "test_rmse",
                                "validation_rmse", "epochs"});
  EXPECT_EQ(info["metadata"]["split"], "random:0.1 seed 1");
}

TEST_F(ServingTest, APopularModelServesAnUnknownUserAndSaysSo) {
  ASSERT_EQ(run_tusk({"train", data(), "--model", "popular", "--out", file("m")}).code, 0);
  const Outcome run = run_tusk({"recommend", file("m"), "--user", "nobody", "--json"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.objects().size(), 10u);
  EXPECT_EQ(run.objects().at(0)["evidence"], "global");
  EXPECT_NE(run.err.find("the same for every user"), std::string::npos) << run.err;
  const Outcome evaluate = run_tusk({"evaluate", file("m"), data(), "--ratings", "all"});
  EXPECT_EQ(evaluate.err.find("is it the same data?"), std::string::npos) << evaluate.err;
}

TEST_F(ServingTest, AMeanModelSaysThatItsOrderMeansNothing) {
  ASSERT_EQ(run_tusk({"train", data(), "--model", "mean", "--out", file("m")}).code, 0);
  const Outcome run = run_tusk({"recommend", file("m"), "--user", "1"});
  EXPECT_EQ(run.code, 0);
  EXPECT_NE(run.err.find("the order means nothing"), std::string::npos) << run.err;
}

TEST_F(ServingTest, TitlesCannotSteerTheTerminal) {
  folder_.write("ratings.csv", "userId,movieId,rating\n1,1,3\n1,2,5\n2,2,4\n");
  folder_.write("movies.csv",
                "movieId,title,genres\n1,\xc2\x9b"
                "31mred\x7f,War\n2,B\u202E\u2028,Drama\n");
  ASSERT_EQ(run_tusk({"train", folder_.path().string(), "--epochs", "1", "--out", file("m")}).code,
            0);
  const Outcome run = run_tusk({"predict", file("m"), "--user", "1", "--item", "1"});
  EXPECT_NE(run.out.find("\\xc2\\x9b31mred\\x7f"), std::string::npos) << run.out;
  const Outcome json = run_tusk({"predict", file("m"), "--user", "1", "--item", "2", "--json"});
  EXPECT_NE(json.out.find("B\\u202e\\u2028"), std::string::npos) << json.out;
  EXPECT_EQ(json.objects().at(0)["title"], "B\u202E\u2028");
}

}  // namespace
}  // namespace tusk::test
