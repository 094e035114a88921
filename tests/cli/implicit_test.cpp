// Clicks and counts from one end to the other.
#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class ImplicitTest : public CliTest {
 protected:
  // 40 users of 30 items; an item of a low number is taken by more of them, one of a high number
  // more often by those who do.
  std::string plays(bool counted) const {
    std::string text = counted ? "user,item,count\n" : "user,item\n";
    for (int user = 0; user < 40; ++user) {
      for (int item = 0; item < 30; ++item) {
        if ((user * 7 + item * 11) % (item / 4 + 2) != 0) continue;
        text += std::to_string(user) + "," + std::to_string(item);
        text += counted ? "," + std::to_string(item + 1) + "\n" : "\n";
      }
    }
    return folder_.write(counted ? "plays.csv" : "clicks.csv", text).string();
  }

  static void expect_no_errors(const Outcome& out) {
    EXPECT_EQ(out.code, 0) << out.err;
    for (const char* word : {"RMSE", "rmse", "MAE", "nan"}) {
      EXPECT_EQ(out.out.find(word), std::string::npos) << word << "\n" << out.out;
    }
  }
};

TEST_F(ImplicitTest, CommandsJudgeListsAndPrintNoErrors) {
  for (const bool counted : {false, true}) {
    const std::string data = plays(counted);
    for (const Words& words :
         {Words{"train", data, "--implicit", "--model", "item-knn", "--split", "random:0.2"},
          Words{"cv", data, "--implicit", "--model", "popular", "--folds", "3"},
          Words{"compare", data, "--implicit", "--models", "popular,item-knn", "--folds", "2"},
          Words{"tune", data, "--implicit", "--model", "item-knn", "--grid", "neighbours=5,20",
                "--folds", "2"}}) {
      const Outcome text = run_tusk(words);
      expect_no_errors(text);
      EXPECT_TRUE(text.out.find("NDCG@10") != std::string::npos ||
                  text.out.find("ndcg@10") != std::string::npos)
          << text.out;
      EXPECT_EQ(text.err.find("--relevance"), std::string::npos) << text.err;
      Words json = words;
      json.push_back("--json");
      expect_no_errors(run_tusk(json));
    }
  }
}

TEST_F(ImplicitTest, ErrorsOfAModelOfRatingsSayNothing) {
  const std::string data = plays(true);
  const Words columns = {"--columns", "user,item,count"};
  Words train = {"train", data, "--model", "bias", "--split", "random:0.2", "--out", file("b")};
  train.insert(train.end(), columns.begin(), columns.end());
  const Outcome trained = run_tusk(train);
  ASSERT_EQ(trained.code, 0) << trained.err;
  Words evaluate = {"evaluate", file("b"), data};
  evaluate.insert(evaluate.end(), columns.begin(), columns.end());
  EXPECT_EQ(run_tusk(evaluate).err.find("errors say"), std::string::npos);
  evaluate.push_back("--implicit");
  const Outcome run = run_tusk(evaluate);
  EXPECT_NE(run.err.find("errors say nothing"), std::string::npos) << run.err;
}

TEST_F(ImplicitTest, AHybridFusesRanksOfWeights) {
  const std::string data = plays(true);
  const Outcome exposure =
      run_tusk({"train", data, "--implicit", "--model", "hybrid", "--fusion", "exposure"});
  EXPECT_EQ(exposure.code, 2);
  EXPECT_NE(exposure.err.find("--fusion is exposure; it must be ranks for weights"),
            std::string::npos)
      << exposure.err;
  const auto list_of = [&](const Words& model) {
    Words words = {"train", data,    "--implicit", "--weighting",
                   "log",   "--out", file("h"),    "--overwrite"};
    words.insert(words.end(), model.begin(), model.end());
    const Outcome train = run_tusk(words);
    EXPECT_EQ(train.code, 0) << train.err;
    const Outcome run = run_tusk({"recommend", file("h"), "--user", "3", "--json"});
    EXPECT_EQ(run.code, 0) << run.err;
    std::vector<Json> items;
    for (const Json& row : run.objects("recommendation")) items.push_back(row["item"]);
    return items;
  };
  // Without content the list is that of ease, which must know that the data are weights.
  EXPECT_EQ(list_of({"--model", "hybrid", "--ease-regularization", "100"}),
            list_of({"--model", "ease"}));
}

TEST_F(ImplicitTest, TheModelIsOneThatMakesLists) {
  const std::string data = plays(true);
  const Outcome train = run_tusk({"train", data, "--implicit", "--split", "random:0.2",
                                  "--weighting", "log", "--out", file("m"), "--json"});
  expect_no_errors(train);
  EXPECT_EQ(train.objects("result").at(0)["model"], "ease");
  EXPECT_NE(train.err.find("--model takes another"), std::string::npos) << train.err;
  expect_no_errors(run_tusk({"recommend", file("m"), "--user", "1"}));
  expect_no_errors(run_tusk({"similar", file("m"), "--item", "1"}));
  const Outcome compare = run_tusk({"compare", data, "--implicit", "--folds", "2", "--json"});
  expect_no_errors(compare);
  EXPECT_EQ(compare.objects("model").size(), 3u);
  for (const Json& model : compare.objects("model")) {
    EXPECT_NE(model["model"], "item-knn");
  }
  const Outcome tune =
      run_tusk({"tune", data, "--implicit", "--random", "2", "--folds", "2", "--json"});
  expect_no_errors(tune);
  EXPECT_EQ(tune.objects("result").at(0)["metric"], "ndcg@10");
  const Outcome mf = run_tusk({"cv", data, "--implicit", "--model", "mf", "--epochs", "2",
                               "--factors", "2", "--folds", "2"});
  EXPECT_EQ(mf.err.find("--model takes another"), std::string::npos) << mf.err;
}

TEST_F(ImplicitTest, EveryTestItemIsRelevantUnlessSomebodySaysOtherwise) {
  const std::string data = plays(true);
  ASSERT_EQ(run_tusk({"train", data, "--implicit", "--model", "popular", "--split", "random:0.3",
                      "--out", file("m")})
                .code,
            0);
  const auto relevant = [&](const Words& more) {
    Words words = {"evaluate", file("m"), data, "--implicit", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome out = run_tusk(words);
    expect_no_errors(out);
    return out.objects("result").at(0)["ranking"]["relevant"].get<int>();
  };
  EXPECT_GT(relevant({}), relevant({"--relevance", "10"})) << "of weights";
  EXPECT_EQ(run_tusk({"predict", file("m"), "--user", "1", "--item", "1"}).code, 2);
  EXPECT_EQ(run_tusk({"tune", data, "--implicit", "--metric", "rmse"}).code, 2);
  EXPECT_EQ(run_tusk({"cv", data, "--implicit", "--model", "popular", "--top", "0"}).code, 2);
}

TEST_F(ImplicitTest, PopularIsByTheNumberOfUsers) {
  const std::string data = plays(true);
  ASSERT_EQ(run_tusk({"train", data, "--implicit", "--model", "popular", "--out", file("m")}).code,
            0);
  const auto best = [&](const std::string& model) {
    return run_tusk({"recommend", model, "--user", "nobody", "--on-unknown", "popular", "-k", "30",
                     "--json"})
        .objects("recommendation");
  };
  const auto list = best(file("m"));
  ASSERT_GT(list.size(), 20u);
  EXPECT_EQ(list.front()["score"], list.front()["ratings"]) << "not the weights of its plays";
  for (std::size_t place = 1; place < list.size(); ++place) {
    EXPECT_LE(list[place]["ratings"], list[place - 1]["ratings"]);
    EXPECT_FALSE(list[place].contains("rating"));
  }
  // An update counts on: a new user takes the last one.
  const std::string last = list.back()["item"].dump();
  const std::string more =
      folder_.write("more.csv", "user,item,count\n900," + last + ",5\n").string();
  const Outcome updated = run_tusk({"update", file("m"), more, "--implicit", "--out", file("n")});
  ASSERT_EQ(updated.code, 0) << updated.err;
  for (const Json& row : best(file("n"))) EXPECT_EQ(row["score"], row["ratings"]);
}

TEST_F(ImplicitTest, ListsShowScores) {
  const std::string data = plays(false);
  ASSERT_EQ(run_tusk({"train", data, "--implicit", "--model", "item-knn", "--similarity", "cosine",
                      "--centring", "none", "--out", file("m")})
                .code,
            0);
  const Outcome list = run_tusk({"recommend", file("m"), "--user", "1", "--rank-by", "sum"});
  ASSERT_EQ(list.code, 0) << list.err;
  EXPECT_NE(list.out.find("score"), std::string::npos) << list.out;
  EXPECT_EQ(list.out.find("rating"), std::string::npos) << list.out;
  EXPECT_EQ(run_tusk({"similar", file("m"), "--item", "1"}).code, 0);
}

TEST_F(ImplicitTest, ListsOfNeighboursAreBySums) {
  const std::string data = plays(true);
  for (const std::string model : {"item-knn", "user-knn"}) {
    const Outcome train = run_tusk({"train", data, "--implicit", "--model", model, "--split",
                                    "random:0.2", "--out", file(model), "--json"});
    ASSERT_EQ(train.code, 0) << train.err;
    EXPECT_EQ(train.objects("result").at(0)["ranking"]["rank_by"], "sum");
    const auto list = [&](const Words& more) {
      Words words = {"recommend", file(model), "--user", "3"};
      words.insert(words.end(), more.begin(), more.end());
      return run_tusk(words);
    };
    EXPECT_EQ(list({}).out, list({"--rank-by", "sum"}).out);
    const Json own = run_tusk({"info", file(model), "--json"}).objects().at(0)["metadata"];
    EXPECT_EQ(own["similarity"], "cosine") << "which clicks, that are all alike, need";
    EXPECT_EQ(own["centring"], "none");
    EXPECT_NE(list({}).err.find("lists are ranked by sum"), std::string::npos) << list({}).err;
  }
}

TEST_F(ImplicitTest, WeightsTooLargeToTrainOnAreSaidToBeSo) {
  std::string text = "user,item,count\n";
  for (int user = 0; user < 8; ++user) {
    for (int item = 0; item < 12; ++item) {
      if ((user + item) % 3 == 0) continue;
      text += std::to_string(user) + "," + std::to_string(item) + ",";
      text += std::to_string(1 + user + item) + "000000000000\n";
    }
  }
  const std::string data = folder_.write("large.csv", text).string();
  for (const std::string model : {"ease", "ials", "pure-svd"}) {
    Words words = {"train", data, "--implicit", "--model", model, "--weighting", "linear"};
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 2) << model;
    EXPECT_NE(run.err.find("--weighting linear counts up to 1.8e+13"), std::string::npos)
        << run.err;
    words.back() = "log";
    EXPECT_EQ(run_tusk(words).code, 0) << model;
  }
}

TEST_F(ImplicitTest, ANewUserNeedsNoColumnOfUsers) {
  ASSERT_EQ(
      run_tusk({"train", plays(true), "--implicit", "--weighting", "log", "--out", file("m")}).code,
      0);
  const auto list = [&](const std::string& text) {
    const std::string mine = folder_.write("mine.csv", text).string();
    return run_tusk({"recommend", file("m"), "--ratings", mine, "--implicit", "--json"});
  };
  const Outcome with = list("user,item,count\nme,4,9\nme,12,2\n");
  ASSERT_EQ(with.code, 0) << with.err;
  const Outcome without = list("item,count\n4,9\n12,2\n");
  EXPECT_EQ(without.out, with.out) << without.err;
  // Without a header two columns are users and items.
  EXPECT_EQ(list("4,9\n12,2\n").code, 3);
}

}  // namespace
}  // namespace tusk::test
