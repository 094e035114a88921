// The pages that commands write: what they hold. Whether a browser draws them, tests/report shows.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class ReportTest : public CliTest {
 protected:
  // Runs the command with a report, and gives the JSON in it.
  Json report(Words words) {
    const std::string path = file("report.html");
    words.insert(words.end(), {"--report", path, "--overwrite", "--quiet"});
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    page_ = text.str();
    const std::string begin = R"(<script type="application/json" id="report-data">)";
    const auto from = page_.find(begin) + begin.size();
    return Json::parse(page_.substr(from, page_.find("</script>", from) - from));
  }

  std::string page_;
};

TEST_F(ReportTest, OfASearchHasAllOfIt) {
  const Json data =
      report({"tune", CliTest::data(), "--grid", "factors=2,4,8", "--grid",
              "learning-rate=0.01,0.02", "--folds", "3", "--early-stop", "3", "--test", "0.1"});
  ASSERT_EQ(data["searches"].size(), 1u);
  const Json& search = data["searches"][0];
  EXPECT_EQ(search["trials"].size(), 6u);
  EXPECT_EQ(search["trials"][0]["rank"], 1);
  EXPECT_EQ(search["parameters"].size(), 2u);
  EXPECT_FALSE(search["parameters"][0]["logarithmic"]);
  EXPECT_EQ(search["curves"].size(), 5u) << "of the best";
  EXPECT_EQ(search["curves"][0]["epochs"], search["trials"][0]["epochs"]);
  EXPECT_EQ(search["fold_scores"]["series"][0]["values"].size(), 3u);
  EXPECT_EQ(search["best"]["epochs"], std::to_string(search["trials"][0]["epochs"].get<int>()));
  EXPECT_EQ(data["scores"].size(), 3u) << "selection, test, and the folds' models on it";
  EXPECT_EQ(data["data"]["ratings"], 5000);
  std::int64_t tested = 0;
  for (const Json& bin : data["errors"]["by_user"]) tested += bin[1].get<std::int64_t>();
  EXPECT_EQ(tested, 500);
  EXPECT_NE(data["command"].get<std::string>().find("--grid factors=2,4,8"), std::string::npos);
}

TEST_F(ReportTest, OfOtherCommands) {
  const std::string& ratings = CliTest::data();
  const Json cv = report({"cv", ratings, "--folds", "3", "--factors", "4"});
  EXPECT_EQ(cv["fold_scores"]["series"][0]["values"].size(), 3u);
  EXPECT_GT(cv["curves"][0]["points"].size(), 3u);
  EXPECT_FALSE(cv["curves"][0]["points"][0][2].is_null());
  const Json train = report({"train", ratings, "--factors", "4", "--epochs", "5"});
  EXPECT_EQ(train["curves"][0]["points"].size(), 5u);
  EXPECT_TRUE(train["curves"][0]["points"][0][2].is_null()) << "nothing was held out";
  EXPECT_FALSE(train.contains("errors"));
  const Json split = report({"train", ratings, "--model", "bias", "--split", "random:0.1"});
  EXPECT_TRUE(split.contains("errors"));
  EXPECT_FALSE(split.contains("curves"));
  const Json compared = report({"compare", ratings, "--models", "mean,bias", "--folds", "2"});
  EXPECT_EQ(compared["compared"]["models"].size(), 2u);
  EXPECT_EQ(compared["fold_scores"]["series"].size(), 2u);
  const Json nested = report({"tune", ratings, "--grid", "factors=2,3", "--epochs", "2", "--folds",
                              "3", "--test-fold", "all"});
  EXPECT_EQ(nested["searches"].size(), 3u);
}

TEST_F(ReportTest, HasFiguresOfListsWhereverTheyAreJudged) {
  const std::string& ratings = CliTest::data();
  const Json cv = report({"cv", ratings, "--folds", "3", "--factors", "4", "--epochs", "3"});
  ASSERT_EQ(cv["lists"]["rows"].size(), 4u) << "folds and their mean";
  EXPECT_EQ(cv["lists"]["rows"][3][0], "mean");
  EXPECT_EQ(cv["lists"]["header"][3], "NDCG@10");
  EXPECT_EQ(cv["lists"]["rows"][0].size(), cv["lists"]["header"].size());
  EXPECT_EQ(cv["scores"][2]["label"], "NDCG@10");
  const Json json = run_tusk({"cv", ratings, "--folds", "3", "--factors", "4", "--epochs", "3",
                              "--quiet", "--json"})
                        .objects("result")
                        .at(0);
  EXPECT_EQ(cv["scores"][2]["value"], json["ranking"]["ndcg"]);
  const Json train = report({"train", ratings, "--model", "bias", "--split", "random:0.2"});
  ASSERT_EQ(train["lists"]["rows"].size(), 1u);
  EXPECT_EQ(train["lists"]["rows"][0][0], "the test part");
  const Json tune = report({"tune", ratings, "--model", "bias", "--grid", "item-damping=0,1,5",
                            "--folds", "2", "--test", "0.1"});
  ASSERT_EQ(tune["lists"]["rows"].size(), 2u);
  EXPECT_EQ(tune["lists"]["rows"][0][0], "the folds");
  const Json compared = report({"compare", ratings, "--models", "mean,bias", "--folds", "2"});
  EXPECT_EQ(compared["lists"]["rows"].size(), 2u);
  const Json none = report({"cv", ratings, "--model", "bias", "--folds", "2", "--top", "0"});
  EXPECT_FALSE(none.contains("lists"));
}

TEST_F(ReportTest, ShowsThreeUsersAndAMapOfTheItems) {
  const Json train = report(
      {"train", CliTest::data(), "--factors", "4", "--epochs", "5", "--split", "random:0.2"});
  const Json& users = train["samples"]["users"];
  ASSERT_EQ(users.size(), 3u);
  EXPECT_LT(users[0]["ratings"], users[1]["ratings"]);
  EXPECT_LT(users[1]["ratings"], users[2]["ratings"]);
  for (const Json& user : users) {
    ASSERT_EQ(user["liked"].size(), std::min<std::size_t>(5, user["ratings"]));
    EXPECT_EQ(user["shown"].size(), 10u);
    EXPECT_GE(user["liked"].front()[1], user["liked"].back()[1]);
    for (const Json& shown : user["shown"]) {
      for (const Json& liked : user["liked"]) EXPECT_NE(shown[0], liked[0]) << "it is known";
    }
  }
  EXPECT_EQ(train["map"]["items"].size(), 120u);
  EXPECT_GE(train["map"]["items"][0][3], train["map"]["items"][119][3]);
  const double first = train["map"]["shares"][0].get<double>();
  const double second = train["map"]["shares"][1].get<double>();
  EXPECT_GE(first, second);
  EXPECT_LE(first + second, 1.0001);
  // Nothing that was held out is said to be; nothing has factors.
  const Json whole = report({"train", CliTest::data(), "--model", "bias"});
  EXPECT_FALSE(whole["samples"]["held_out"]);
  EXPECT_FALSE(whole.contains("map"));
  // A page of nested cross-validation has no one model.
  const Json nested = report({"tune", CliTest::data(), "--model", "bias", "--grid",
                              "item-damping=0,5", "--folds", "3", "--test-fold", "all"});
  EXPECT_FALSE(nested.contains("samples"));
}

TEST_F(ReportTest, OfTheSmallestData) {
  folder_.write("one.csv", "user,item,rating\n1,1,3\n");
  const Json one = report({"train", file("one.csv"), "--factors", "2", "--epochs", "1"});
  EXPECT_EQ(one["samples"]["users"].size(), 1u);
  EXPECT_FALSE(one.contains("map")) << "of one item";
}

// One file that asks for nothing, whatever the data is called.
TEST_F(ReportTest, NeedsNothingElseAndEscapesWhatItIsGiven) {
  std::filesystem::create_directory(folder_.path() / "<b>");
  const auto named = folder_.path() / "<b>" / "x'y z.csv";
  std::ofstream(named) << "user,item,rating\n1,1,3\n1,2,4\n2,1,5\n2,2,1\n3,1,2\n3,2,2\n";
  const Json data = report({"cv", named.string(), "--model", "bias", "--folds", "2"});
  EXPECT_EQ(data["title"], "Cross-validation of bias on x'y z.csv");
  const std::string command = data["command"].get<std::string>();
  EXPECT_NE(command.find("<b>/x'\\''y z.csv'"), std::string::npos) << command;
  EXPECT_EQ(page_.find("<b>"), std::string::npos) << "what data is called is not a tag";
  for (const char* outside : {"http://", "https://", "src=", "@import", "url(", "fetch("}) {
    std::string rest = page_;
    // The namespace of SVG is a name, not an address.
    for (std::size_t at; (at = rest.find("http://www.w3.org/2000/svg")) != std::string::npos;) {
      rest.erase(at, 26);
    }
    EXPECT_EQ(rest.find(outside), std::string::npos) << outside;
  }
}

TEST_F(ReportTest, IsNotWrittenOverAnotherFileByChance) {
  const auto path = folder_.write("r.html", "mine");
  const Outcome run =
      run_tusk({"cv", CliTest::data(), "--model", "bias", "--report", path.string()});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("--report " + path.string() + " is there"), std::string::npos) << run.err;
}

TEST_F(ReportTest, IsAPageAndNothingElse) {
  for (const Words& command : {Words{"train"}, Words{"cv"}, Words{"tune"}, Words{"compare"}}) {
    Words words = command;
    words.insert(words.end(), {CliTest::data(), "--report", file("p.pdf")});
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 2) << command[0];
    EXPECT_NE(run.err.find("p.pdf must end in .html"), std::string::npos) << run.err;
  }
  EXPECT_EQ(run_tusk({"cv", CliTest::data(), "--model", "bias", "--report", file("p.HTM")}).code,
            0);
}

// Settings from the environment are part of the command.
TEST_F(ReportTest, TheCommandNamesTheEnvironment) {
  const std::string path = file("e.html");
  RunOptions options;
  options.environment = {{"TUSK_SEED", "7"}};
  ASSERT_EQ(
      run_tusk({"cv", CliTest::data(), "--model", "bias", "--report", path, "--quiet"}, options)
          .code,
      0);
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("\"command\":\"TUSK_SEED=7 tusk cv "), std::string::npos);
}

TEST_F(ReportTest, HasListsOfAllLengths) {
  const std::string& ratings = CliTest::data();
  const auto column = [](const Json& lists, const std::string& name) {
    const Json& header = lists["header"];
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  const Words judged = {"--folds", "2", "--top", "5,20"};
  Words words = {"cv", ratings, "--model", "bias"};
  words.insert(words.end(), judged.begin(), judged.end());
  const Json cv = report(words);
  words.insert(words.end(), {"--quiet", "--json"});
  const Json ranking = run_tusk(words).objects("result").at(0)["ranking"];
  const Json mean = cv["lists"]["rows"][2];
  ASSERT_EQ(mean.size(), cv["lists"]["header"].size());
  const auto shown = [&](const std::string& name) {
    return std::stod(mean.at(column(cv["lists"], name)).get<std::string>());
  };
  EXPECT_NEAR(shown("NDCG@5"), ranking["ndcg"].get<double>(), 1e-4);
  EXPECT_NEAR(shown("NDCG@20"), ranking["others"][0]["ndcg"].get<double>(), 1e-4);
  EXPECT_NEAR(shown("coverage@20"), ranking["others"][0]["coverage"].get<double>(), 1e-4);

  words = {"compare", ratings, "--models", "mean,bias"};
  words.insert(words.end(), judged.begin(), judged.end());
  const Json compared = report(words)["compared"];
  const Json& lists = compared["lists"];
  ASSERT_EQ(lists.size() % 2, 0u);
  EXPECT_EQ(lists.back()["length"], 1);
  EXPECT_NE(lists.back()["title"].get<std::string>().find("@20"), std::string::npos);
  const std::string key = lists.back()["key"];
  EXPECT_TRUE(compared["models"][0]["ranking"]["others"][0].contains(key)) << key;
}

}  // namespace
}  // namespace tusk::test
