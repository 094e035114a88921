// A model whose scores are no ratings, in every command.
#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class OnlyRanksCommandsTest : public CliTest {
 protected:
  static void expect_lists_alone(const Outcome& out) {
    EXPECT_EQ(out.code, 0) << out.err;
    for (const char* word : {"RMSE", "rmse", "MAE", "nan", "\"rating\""}) {
      EXPECT_EQ(out.out.find(word), std::string::npos) << word << "\n" << out.out;
    }
  }
};

TEST_F(OnlyRanksCommandsTest, JudgeListsAndPrintNoErrors) {
  for (const Words& words : {Words{"train", data(), "--model", "ease", "--split", "random:0.2"},
                             Words{"cv", data(), "--model", "ease", "--folds", "2"},
                             Words{"tune", data(), "--model", "ease", "--grid", "dropout=0.3,0.6",
                                   "--folds", "2", "--test", "0.1"}}) {
    const Outcome text = run_tusk(words);
    expect_lists_alone(text);
    EXPECT_NE(text.out.find("NDCG@10"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("ranked by score"), std::string::npos) << text.out;
    Words json = words;
    json.push_back("--json");
    expect_lists_alone(run_tusk(json));
    Words none = words;
    none.insert(none.end(), {"--top", "0"});
    EXPECT_EQ(run_tusk(none).code, 2) << words[0];
  }
  EXPECT_EQ(run_tusk({"tune", data(), "--model", "ease", "--metric", "rmse"}).code, 2);
  EXPECT_EQ(run_tusk({"train", data(), "--model", "ease", "--rank-by", "sum"}).code, 2);
}

TEST_F(OnlyRanksCommandsTest, OfASavedModel) {
  const Words train = {"train",      data(),  "--model", "ease",     "--split",
                       "random:0.2", "--out", file("m"), "--report", file("m.html")};
  ASSERT_EQ(run_tusk(train).code, 0);
  const Json metadata = run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  EXPECT_FALSE(metadata.contains("test_rmse"));
  EXPECT_TRUE(metadata.contains("test_ndcg"));
  const Outcome evaluated = run_tusk({"evaluate", file("m"), data(), "--json"});
  expect_lists_alone(evaluated);
  EXPECT_EQ(evaluated.objects("result").at(0)["ranking"]["rank_by"], "score");
  expect_lists_alone(run_tusk({"evaluate", file("m"), data(), "--support-prior", "5"}));
  EXPECT_EQ(run_tusk({"evaluate", file("m"), data(), "--ratings", "seen"}).code, 2);
  const Outcome predicted = run_tusk({"predict", file("m"), "--user", "1", "--item", "1"});
  EXPECT_EQ(predicted.code, 2);
  EXPECT_NE(predicted.err.find("only ranks"), std::string::npos) << predicted.err;
  EXPECT_NE(predicted.err.find("slope-one"), std::string::npos) << "and who predicts";
  const Outcome list = run_tusk({"recommend", file("m"), "--user", "1", "--json"});
  expect_lists_alone(list);
  EXPECT_TRUE(list.objects("recommendation").at(0).contains("score"));
  EXPECT_NE(run_tusk({"recommend", file("m"), "--user", "1"}).out.find("score"), std::string::npos);
  ASSERT_EQ(run_tusk({"recommend", file("m"), "--all", "--out", file("l.csv")}).code, 0);
}

TEST_F(OnlyRanksCommandsTest, AreComparedByListsWithModelsThatPredict) {
  const Outcome run = run_tusk({"compare", data(), "--models", "ease,bias", "--folds", "2", "--csv",
                                file("c.csv"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  for (const Json& model : run.objects("model")) {
    EXPECT_EQ(model["metric"], "ndcg@10");
    EXPECT_EQ(model.contains("rmse"), model["model"] == "bias");
  }
  EXPECT_EQ(run_tusk({"compare", data(), "--models", "ease,bias", "--metric", "mae"}).code, 2);
  const Outcome alone = run_tusk({"compare", data(), "--models", "ease", "--folds", "2"});
  expect_lists_alone(alone);
}

TEST_F(OnlyRanksCommandsTest, InfoShowsNoMeanThatTheyDoNotUse) {
  for (const std::string name : {"ease", "pure-svd"}) {
    ASSERT_EQ(run_tusk({"train", data(), "--model", name, "--out", file(name)}).code, 0);
    EXPECT_EQ(run_tusk({"info", file(name)}).out.find("\nmean "), std::string::npos) << name;
    EXPECT_TRUE(run_tusk({"info", file(name), "--json"}).objects().at(0)["mean"].is_null()) << name;
  }
  EXPECT_NE(run_tusk({"info", model()}).out.find("\nmean "), std::string::npos);
}

TEST_F(OnlyRanksCommandsTest, AListOfPopularItemsIsSaidToBeOneAndNoOther) {
  ASSERT_EQ(run_tusk({"train", data(), "--model", "ease", "--out", file("m")}).code, 0);
  const std::string nobody = folder_.write("nobody.txt", "zz1\nzz2\n").string();
  const std::string mixed = folder_.write("mixed.txt", "1\nzz2\n").string();
  const auto notes = [&](const std::string& users) {
    return run_tusk({"recommend", file("m"), "--users", users, "-k", "2", "--support-prior", "3"})
        .err;
  };
  const std::string alone = notes(nobody);
  EXPECT_NE(alone.find("2 users with a list of what everybody likes"), std::string::npos) << alone;
  EXPECT_EQ(alone.find("lists are"), std::string::npos) << alone;
  const std::string both = notes(mixed);
  EXPECT_NE(both.find("1 user with a list of what everybody likes"), std::string::npos) << both;
  EXPECT_NE(both.find("lists are ordered by the sum"), std::string::npos) << both;
  EXPECT_NE(both.find("with support prior 3"), std::string::npos) << both;
}

}  // namespace
}  // namespace tusk::test
