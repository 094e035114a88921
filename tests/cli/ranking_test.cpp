// Ranking metrics as the commands print and store them.
#include <filesystem>
#include <fstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class RankingCommandsTest : public CliTest {};

const std::set<std::string> kRanking = {"k",
                                        "relevance",
                                        "candidates",
                                        "rank_by",
                                        "support_prior",
                                        "gain",
                                        "users",
                                        "tied_users",
                                        "users_without_relevant",
                                        "relevant",
                                        "relevant_unknown_items",
                                        "relevant_unknown_users",
                                        "catalogue",
                                        "precision",
                                        "recall",
                                        "ndcg",
                                        "map",
                                        "mrr",
                                        "hit_rate",
                                        "r_precision",
                                        "capped_recall",
                                        "coverage",
                                        "diversity",
                                        "popularity",
                                        "novelty"};

TEST_F(RankingCommandsTest, RankingComesWithItsProtocol) {
  const Outcome train = run_tusk({"train", data(), "--model", "bias", "--split", "time:0.2",
                                  "--json", "--top", "5", "--out", file("m")});
  ASSERT_EQ(train.code, 0) << train.err;
  const Json trained = train.objects("result").at(0)["ranking"];
  EXPECT_EQ(keys(trained), kRanking);
  EXPECT_EQ(trained["k"], 5);
  EXPECT_EQ(trained["relevance"], 4);
  EXPECT_EQ(trained["candidates"], "all-unseen");
  const Json evaluated =
      run_tusk({"evaluate", file("m"), data(), "-k", "5", "--json"}).objects("result")[0];
  EXPECT_EQ(evaluated["ranking"], trained);
  const Json info = run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  EXPECT_EQ(info["test_ranking"],
            "top 5, candidates all-unseen, relevant from 4, ranked by rating, " +
                trained["users"].dump() + " users");
  EXPECT_EQ(std::stod(info["test_ndcg"].get<std::string>()), trained["ndcg"]);
  const Outcome text = run_tusk({"evaluate", file("m"), data(), "--relevance", "3.5"});
  EXPECT_NE(text.out.find("ranking, top 10, candidates all-unseen, relevant from 3.5, ranked by "
                          "rating: means over"),
            std::string::npos)
      << text.out;
  EXPECT_NE(text.out.find("NDCG@10"), std::string::npos);
}

TEST_F(RankingCommandsTest, SaysWhatListsAreOrderedBy) {
  const Json by_rating =
      run_tusk({"evaluate", model(), data(), "--ratings", "all", "--json"}).objects("result")[0];
  EXPECT_EQ(by_rating["ranking"]["rank_by"], "rating");
  EXPECT_EQ(by_rating["ranking"]["support_prior"], "0");
  const Words prior = {"evaluate", model(), data(), "--ratings", "all", "--support-prior", "50"};
  EXPECT_NE(run_tusk(prior).out.find("ranked by rating with support prior 50:3:"),
            std::string::npos);
  Words json = prior;
  json.push_back("--json");
  const Json with_prior = run_tusk(json).objects("result")[0];
  EXPECT_EQ(with_prior["ranking"]["support_prior"], "50:3");
  EXPECT_EQ(with_prior["rmse"], by_rating["rmse"]) << "the order of lists changes no rating";
  EXPECT_GT(with_prior["ranking"]["popularity"], by_rating["ranking"]["popularity"]);

  for (const Words& words :
       {Words{"train", data(), "--split", "random:0.2"}, Words{"cv", data()}}) {
    Words sum = words;
    sum.insert(sum.end(), {"--model", "item-knn", "--rank-by", "sum", "--json"});
    const Json ranking = run_tusk(sum).objects("result").at(0)["ranking"];
    EXPECT_EQ(ranking["rank_by"], "sum") << words[0];
    EXPECT_EQ(ranking["support_prior"], "0");
  }
}

TEST_F(RankingCommandsTest, SaysWhereListsEndInsideATie) {
  const std::string tie = "end inside a tie";
  const Words train = {"train",   data(),     "--model", "mean",
                       "--split", "time:0.2", "--out",   file("mean")};
  EXPECT_NE(run_tusk(train).err.find(tie), std::string::npos);
  for (const Words& words :
       {Words{"evaluate", file("mean"), data()}, Words{"cv", data(), "--model", "mean"},
        Words{"compare", data(), "--models", "mean,bias"}}) {
    EXPECT_NE(run_tusk(words).err.find(tie), std::string::npos) << words[0];
  }
  const Json ranking = run_tusk({"cv", data(), "--model", "mean", "--folds", "3", "--json"})
                           .objects("result")[0]["ranking"];
  EXPECT_EQ(ranking["tied_users"], ranking["users"]);
  EXPECT_EQ(ranking["folds"], 3);
  const Outcome bias = run_tusk({"cv", data(), "--model", "bias", "--json"});
  EXPECT_EQ(bias.err.find(tie), std::string::npos) << bias.err;
  EXPECT_EQ(bias.objects("result")[0]["ranking"]["tied_users"], 0);

  const Outcome lists =
      run_tusk({"recommend", file("mean"), "--all", "--json", "--out", file("mean.tsv")});
  EXPECT_NE(lists.err.find("200 of 200 lists end inside a tie"), std::string::npos) << lists.err;
  EXPECT_EQ(lists.objects("result").at(0)["tied_users"], 200);
  const Outcome all = run_tusk({"recommend", file("mean"), "--all", "-k", "120"});
  EXPECT_EQ(all.err.find(tie), std::string::npos) << all.err;
}

// Of three folds only some have a relevant rating: one user's one.
TEST_F(RankingCommandsTest, FoldsWithoutAFigureDoNotCount) {
  std::string csv = "userId,movieId,rating\n";
  for (int user = 1; user <= 6; ++user) {
    for (int item = 1; item <= 5; ++item) {
      csv += std::to_string(user) + ',' + std::to_string(item) + ',' +
             (user == 1 && item == 1 ? "5" : std::to_string(1 + (user + item) % 3)) + '\n';
    }
  }
  folder_.write("ratings.csv", csv);
  const std::string path = folder_.path().string();
  const Words cv = {"cv", path, "--model", "bias", "--folds", "3"};
  const Outcome text = run_tusk(cv);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out.find("nan"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("means are over 1 of 3 folds"), std::string::npos) << text.out;
  Words json = cv;
  json.push_back("--json");
  const Outcome out = run_tusk(json);
  double of_fold = -1;
  int without = 0;
  for (const Json& fold : out.objects("fold")) {
    if (fold["ranking"]["ndcg"].is_null()) {
      ++without;
    } else {
      of_fold = fold["ranking"]["ndcg"];
    }
  }
  EXPECT_EQ(without, 2);
  EXPECT_EQ(out.objects("result")[0]["ranking"]["ndcg"], of_fold);
  EXPECT_EQ(out.objects("result")[0]["ranking"]["folds"], 1);

  for (const Words& words :
       {Words{"compare", path, "--models", "mean,bias", "--folds", "3", "--metric", "ndcg@3"},
        Words{"tune", path, "--model", "bias", "--grid", "item-damping=1,5", "--folds", "3",
              "--metric", "ndcg@3"}}) {
    const Outcome found = run_tusk(words);
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_EQ(found.out.find("nan"), std::string::npos) << found.out;
    EXPECT_NE(found.out.find("means are over 1 of 3 folds"), std::string::npos) << found.out;
    Words none = words;
    none.insert(none.end(), {"--relevance", "6"});
    EXPECT_EQ(run_tusk(none).code, 3) << words[0];
  }
}

TEST_F(RankingCommandsTest, RelevanceIsThatOfTrainingToo) {
  for (const Words& words :
       {Words{"train", data(), "--split", "random:0.2"}, Words{"cv", data(), "--folds", "2"}}) {
    Words ease = words;
    ease.insert(ease.end(), {"--model", "ease", "--low-weight", "0", "--json"});
    const auto found = [&](const char* relevance) {
      Words given = ease;
      given.insert(given.end(), {"--relevance", relevance});
      return run_tusk(given).objects("result").at(0);
    };
    EXPECT_EQ(found("3.5")["ranking"]["relevance"], 3.5);
    EXPECT_NE(found("4")["ranking"]["coverage"], found("5")["ranking"]["coverage"]) << words[0];
    // Other models have evaluation's alone.
    Words bias = words;
    bias.insert(bias.end(), {"--model", "bias", "--relevance", "5", "--json"});
    EXPECT_EQ(run_tusk(bias).objects("result").at(0)["ranking"]["relevance"], 5);
  }
  const Outcome trained = run_tusk(
      {"train", data(), "--model", "ease", "--relevance", "4.5", "--out", file("ease"), "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json info = run_tusk({"info", file("ease"), "--json"}).objects().at(0)["metadata"];
  EXPECT_EQ(info["relevance"], "4.5");
  for (const Words& words : {Words{"tune", data(), "--model", "bias", "--grid", "item-damping=1,5"},
                             Words{"tune", data(), "--model", "ease", "--grid", "dropout=0.2,0.5"},
                             Words{"compare", data(), "--models", "bias,ease"}}) {
    Words given = words;
    given.insert(given.end(),
                 {"--folds", "2", "--metric", "ndcg@5", "--relevance", "4.5", "--json"});
    EXPECT_EQ(run_tusk(given).code, 0) << words[0];
  }
}

TEST_F(RankingCommandsTest, RankingCanBeLeftOut) {
  for (const Words& words : {Words{"evaluate", model(), data()},
                             Words{"train", data(), "--model", "bias", "--split", "random:0.1"},
                             Words{"cv", data(), "--model", "bias"}}) {
    Words json = words;
    json.insert(json.end(), {"--top", "0", "--json"});
    EXPECT_TRUE(run_tusk(json).objects("result").at(0)["ranking"].is_null()) << words[0];
    json.pop_back();
    EXPECT_EQ(run_tusk(json).out.find("ranking"), std::string::npos) << words[0];
  }
}

TEST_F(RankingCommandsTest, SeveralLengthsAtOnce) {
  const Words words = {"evaluate", model(), data(), "--ratings", "all", "-k", "5,1,20"};
  Words json = words;
  json.push_back("--json");
  const Json several = run_tusk(json).objects("result").at(0)["ranking"];
  EXPECT_EQ(several["k"], 5);
  ASSERT_EQ(several["others"].size(), 2u);
  json[6] = "20";
  const Json alone = run_tusk(json).objects("result").at(0)["ranking"];
  EXPECT_FALSE(alone.contains("others"));
  EXPECT_EQ(several["others"][1]["ndcg"], alone["ndcg"]);
  EXPECT_EQ(several["others"][1]["coverage"], alone["coverage"]);
  const Outcome text = run_tusk(words);
  for (const char* figure : {"NDCG@5", "NDCG@1 ", "NDCG@20", "top 5, 1, 20, candidates"}) {
    EXPECT_NE(text.out.find(figure), std::string::npos) << figure << text.out;
  }
  const Json cv = run_tusk({"cv", data(), "--model", "bias", "--top", "5,20", "--json"})
                      .objects("result")
                      .at(0)["ranking"];
  EXPECT_GT(cv["others"].at(0)["recall"], cv["recall"]);
  const Outcome compare = run_tusk({"compare", data(), "--models", "mean,bias", "--metric",
                                    "ndcg@3", "--top", "5,3", "--folds", "2"});
  EXPECT_NE(compare.out.find("NDCG@3"), std::string::npos);
  EXPECT_NE(compare.out.find("NDCG@5"), std::string::npos);
  EXPECT_NE(compare.out.find("95% over users"), std::string::npos);
  for (const char* wrong : {"5,0", "x", "5,", "-1", "1000001"}) {
    EXPECT_EQ(run_tusk({"evaluate", model(), data(), "-k", wrong}).code, 2) << wrong;
  }
}

TEST_F(RankingCommandsTest, FilesHoldWhatWasJudged) {
  const Words words = {"evaluate",      model(),      data(),        "--ratings",
                       "all",           "--run",      file("m.run"), "--qrels",
                       file("m.qrels"), "--per-user", file("u.csv"), "--json"};
  const Outcome out = run_tusk(words);
  ASSERT_EQ(out.code, 0) << out.err;
  const Json ranking = out.objects("result").at(0)["ranking"];
  const auto lines = [&](const char* name) {
    std::ifstream in(file(name));
    return std::count(std::istreambuf_iterator<char>(in), {}, '\n');
  };
  EXPECT_EQ(lines("m.qrels"), ranking["relevant"]);
  EXPECT_EQ(lines("u.csv"), ranking["users"].get<std::int64_t>() + 1);
  EXPECT_GE(lines("m.run"), ranking["users"]);
  EXPECT_EQ(run_tusk(words).code, 2) << "nothing is replaced unasked";
  EXPECT_EQ(run_tusk({"evaluate", model(), data(), "--run", file("x"), "--top", "0"}).code, 2);
  EXPECT_EQ(run_tusk({"evaluate", model(), data(), "--run", file("x"), "--ratings", "seen"}).code,
            2);
}

TEST_F(RankingCommandsTest, UsersWhoAreHeldOutAreFoldedIn) {
  const Outcome train = run_tusk({"train", data(), "--model", "item-knn", "--split", "users:40",
                                  "--fold-in", "0.7", "--top", "20,50", "--json"});
  ASSERT_EQ(train.code, 0) << train.err;
  const Json result = train.objects("result").at(0);
  EXPECT_EQ(result["split"], "users:40 fold-in 0.7 seed 1");
  EXPECT_FALSE(result.contains("rmse"));
  EXPECT_LE(result["ranking"]["users"], 40);
  EXPECT_GT(result["ranking"]["users"], 20);
  EXPECT_GT(result["ranking"]["capped_recall"], 0);
  const Outcome compare =
      run_tusk({"compare", data(), "--models", "popular,item-knn,bias", "--folds", "users:40",
                "--fold-in", "0.7", "--top", "20,50", "--json"});
  ASSERT_EQ(compare.code, 0) << compare.err;
  for (const Json& model : compare.objects("model")) {
    EXPECT_EQ(model["metric"], "ndcg@20");
    EXPECT_FALSE(model.contains("rmse"));
    if (model["model"] != "item-knn") continue;
    EXPECT_EQ(model["ranking"]["ndcg"], result["ranking"]["ndcg"]);
  }
  const Outcome tune = run_tusk({"tune", data(), "--model", "item-knn", "--grid", "neighbours=5,20",
                                 "--folds", "users:40", "--json"});
  EXPECT_EQ(tune.code, 0) << tune.err;
  EXPECT_EQ(run_tusk({"cv", data(), "--folds", "users:40", "--model", "bias"}).code, 0);
  EXPECT_EQ(run_tusk({"tune", data(), "--folds", "users:40"}).code, 2) << "mf";
  EXPECT_EQ(run_tusk({"train", data(), "--split", "time:0.2", "--fold-in", "0.7"}).code, 2);
  EXPECT_EQ(run_tusk({"train", data(), "--split", "users:5", "--top", "0"}).code, 2);
  EXPECT_EQ(run_tusk({"compare", data(), "--folds", "users:40", "--metric", "rmse"}).code, 2);
  const Outcome parts =
      run_tusk({"data", "split", data(), "--split", "users:40", "--out", file("parts")});
  EXPECT_EQ(parts.code, 0) << parts.err;
  EXPECT_TRUE(std::filesystem::exists(file("parts/fold-in.csv")));
}

TEST_F(RankingCommandsTest, GainsAreNamed) {
  const Words words = {"evaluate", model(), data(), "--ratings", "all", "--gain", "exponential"};
  EXPECT_NE(run_tusk(words).out.find("NDCG with exponential gains"), std::string::npos);
  EXPECT_EQ(run_tusk({"evaluate", model(), data(), "--gain", "square"}).code, 2);
}

TEST_F(RankingCommandsTest, SampledCandidatesCarryAWarning) {
  const Words words = {"evaluate", model(), data(), "--candidate-policy", "sampled:20", "--quiet"};
  const Outcome text = run_tusk(words);
  EXPECT_NE(text.err.find("warning: ranking metrics over sampled candidates"), std::string::npos);
  EXPECT_NE(text.out.find("candidates sampled:20"), std::string::npos);
  Words json = words;
  json.insert(json.end(), {"--json", "--seed", "7"});
  const Json ranking = run_tusk(json).objects("result").at(0)["ranking"];
  EXPECT_EQ(ranking["seed"], 7);
  EXPECT_TRUE(ranking.contains("warning"));
}

TEST_F(RankingCommandsTest, WarnsWhereTheScaleHasNoFourStars) {
  folder_.write("ratings.csv", "userId,movieId,rating\n1,1,80\n1,2,20\n2,2,100\n2,1,0\n");
  const Words words = {"train",     folder_.path().string(), "--model", "popular", "--split",
                       "random:0.5"};
  EXPECT_NE(run_tusk(words).err.find("set --relevance"), std::string::npos);
  Words set = words;
  set.insert(set.end(), {"--relevance", "70"});
  EXPECT_EQ(run_tusk(set).err.find("set --relevance"), std::string::npos);
}

}  // namespace
}  // namespace tusk::test
