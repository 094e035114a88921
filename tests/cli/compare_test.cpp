// tusk compare.
#include <algorithm>
#include <fstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class CompareTest : public CliTest {
 protected:
  Outcome compare(Words words) const {
    words.insert(words.begin(), {"compare", data(), "--quiet"});
    return run_tusk(words);
  }
};

TEST_F(CompareTest, AllModelsOnTheSameFolds) {
  const Outcome run = compare({"--factors", "6", "--epochs", "10", "--folds", "3", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto models = run.objects("model");
  ASSERT_EQ(models.size(), 6u);
  std::set<std::string> labels;
  double before = 0;
  for (const Json& model : models) {
    expect_has(model, {"label", "model", "rank", "rmse", "mae", "ranking", "metric", "folds",
                       "difference", "standard_error", "p", "seconds"});
    labels.insert(model["label"].get<std::string>());
    EXPECT_EQ(model["folds"].size(), 3u);
    EXPECT_GE(model["rmse"], before);
    before = model["rmse"].get<double>();
    EXPECT_EQ(model["p"].is_null(), model["rank"] == 1);
    if (model["rank"] == 1) continue;
    EXPECT_NEAR(model["difference"].get<double>(),
                model["rmse"].get<double>() - models[0]["rmse"].get<double>(), 1e-12);
    EXPECT_GE(model["p"], 0);
    EXPECT_LE(model["p"], 1);
  }
  EXPECT_EQ(labels,
            (std::set<std::string>{"mean", "bias", "popular", "user-knn", "item-knn", "mf"}));
  EXPECT_EQ(models.back()["label"], "mean");
  EXPECT_LT(models.back()["p"], 0.05) << "the mean is worse than anything";
  EXPECT_EQ(run.objects("result").at(0)["best"], models[0]["label"]);
}

TEST_F(CompareTest, FiguresAreThoseOfCv) {
  const Outcome run =
      compare({"--models", "bias,mf", "--factors", "5", "--epochs", "4", "--folds", "4", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  for (const Json& model : run.objects("model")) {
    Words words = {"cv",      data(),  "--folds", "4", "--model", model["model"].get<std::string>(),
                   "--quiet", "--json"};
    if (model["model"] == "mf") words.insert(words.end(), {"--factors", "5", "--epochs", "4"});
    const Json cv = run_tusk(words).objects("result").at(0);
    EXPECT_EQ(cv["rmse"], model["rmse"]);
    EXPECT_EQ(cv["ranking"]["ndcg"], model["ranking"]["ndcg"]);
  }
}

TEST_F(CompareTest, AFileSaysWhatAModelIs) {
  folder_.write("small.toml", "model = \"mf\"\nfactors = 2\nepochs = 3\n");
  folder_.write("knn.toml", "[train]\nmodel = \"item-knn\"\nneighbours = 3\n");
  const Outcome run = compare({"--models", "mf," + file("small.toml") + "," + file("knn.toml"),
                               "--factors", "6", "--epochs", "3", "--folds", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  std::map<std::string, Json> by_label;
  for (const Json& model : run.objects("model")) by_label[model["label"]] = model;
  ASSERT_EQ(by_label.size(), 3u);
  EXPECT_EQ(by_label["knn"]["model"], "item-knn");
  const auto cv = [&](const char* factors) {
    return run_tusk({"cv", data(), "--folds", "2", "--factors", factors, "--epochs", "3", "--quiet",
                     "--json"})
        .objects("result")
        .at(0)["rmse"];
  };
  EXPECT_EQ(by_label["small"]["rmse"], cv("2"));
  EXPECT_EQ(by_label["mf"]["rmse"], cv("6"));
  // Its own seed comes before that of the command.
  folder_.write("seeded.toml", "seed = 5\nfactors = 2\nepochs = 3\n");
  const Outcome seeded = compare({"--models", "bias," + file("seeded.toml"), "--folds", "2"});
  EXPECT_EQ(seeded.code, 0) << seeded.err;
}

TEST_F(CompareTest, ListsCanOrderIt) {
  const Outcome run =
      compare({"--models", "mean,popular,bias", "--metric", "ndcg@5", "--support-prior", "50",
               "--folds", "2", "--csv", file("c.csv"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  double before = 1;
  for (const Json& model : run.objects("model")) {
    EXPECT_LE(model["ranking"]["ndcg"], before);
    before = model["ranking"]["ndcg"].get<double>();
    EXPECT_EQ(model["ranking"]["k"], 5);
    EXPECT_EQ(model["ranking"]["support_prior"], "50:3");
  }
  std::ifstream csv(file("c.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line,
            "rank,label,model,rmse,mae,precision@5,recall@5,ndcg@5,difference,standard_error,p,"
            "users,user_difference,user_low,user_high,user_p,seconds,fold_1,fold_2");
  for (const Json& model : run.objects("model")) {
    EXPECT_EQ(model.contains("over_users"), model["rank"] != 1);
    if (model["rank"] == 1) continue;
    const Json& test = model["over_users"];
    EXPECT_LE(test["low"], test["difference"]);
    EXPECT_GE(test["high"], test["difference"]);
    EXPECT_LE(test["p"], 1);
  }
}

TEST_F(CompareTest, SeveralSeedsAreFoldsOfAll) {
  const auto one = [&](const char* seed) {
    return compare({"--models", "mean,bias", "--folds", "2", "--seed", seed, "--json"})
        .objects("model")
        .at(0);
  };
  const Outcome both =
      compare({"--models", "mean,bias", "--folds", "2", "--seeds", "3,5", "--json"});
  ASSERT_EQ(both.code, 0) << both.err;
  const Json model = both.objects("model").at(0);
  Json folds = one("3")["folds"];
  const Json of_other = one("5");
  for (const Json& fold : of_other["folds"]) folds.push_back(fold);
  EXPECT_EQ(model["folds"], folds);
  EXPECT_EQ(both.objects("result").at(0)["folds"], 4);
  EXPECT_EQ(both.objects("result").at(0)["split"], "kfold:2 seeds 3,5");

  const Words words = {"cv", data(), "--model", "bias", "--folds", "2", "--seeds", "3..5"};
  const Outcome text = run_tusk(words);
  EXPECT_NE(text.out.find("by seed"), std::string::npos) << text.out;
  Words json = words;
  json.push_back("--json");
  const Json cv = run_tusk(json).objects("result").at(0);
  ASSERT_EQ(cv["seeds"].size(), 3u);
  EXPECT_EQ(cv["seeds"][0]["rmse"], one("3")["rmse"]);
  EXPECT_TRUE(cv["seeds"][0].contains("ndcg@10"));
  for (const char* wrong : {"5..3", "1,1", "x", "1..5000"}) {
    EXPECT_EQ(compare({"--models", "bias", "--seeds", wrong}).code, 2) << wrong;
  }
  EXPECT_EQ(compare({"--models", "bias", "--seeds", "1,2", "--seed", "3"}).code, 2);
}

TEST_F(CompareTest, ListsThatNobodyCanJudgeHaveNoFigures) {
  const Outcome run = compare(
      {"--models", "mean,bias", "--relevance", "100", "--folds", "2", "--csv", file("none.csv")});
  ASSERT_EQ(run.code, 0) << run.err;
  std::ostringstream csv;
  csv << std::ifstream(file("none.csv")).rdbuf();
  EXPECT_EQ((run.out + csv.str()).find("nan"), std::string::npos) << run.out << csv.str();
}

TEST_F(CompareTest, OneFoldHasNoSignificance) {
  const Outcome run = compare({"--models", "mean,bias", "--folds", "time", "--top", "0", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  for (const Json& model : run.objects("model")) EXPECT_TRUE(model["p"].is_null());
  EXPECT_EQ(compare({"--models", "mean,bias", "--folds", "time"}).code, 0);
}

// Folds, and how data is read and lists are judged, are the same for all models.
TEST_F(CompareTest, AFileOfAModelSaysNothingThatHoldsForAll) {
  const auto entry = [&](const std::string& text, const Words& more) {
    Words words = {"--models", "mean," + folder_.write("entry.toml", text).string()};
    words.insert(words.end(), more.begin(), more.end());
    return compare(words);
  };
  const std::string bias = "model = \"bias\"\n";
  const Outcome refused = entry(bias + "folds = 3\n", {});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("entry.toml has folds = 3, which holds for all models"),
            std::string::npos)
      << refused.err;
  EXPECT_EQ(entry(bias + "folds = 3\n", {"--folds", "3"}).code, 0);
  EXPECT_EQ(entry(bias + "folds = 5\n", {}).code, 0) << "as it is";
  EXPECT_EQ(entry(bias + "scale = \"0:9\"\n", {}).code, 2);
  EXPECT_EQ(entry(bias + "top = 3\n", {}).code, 2);
  EXPECT_EQ(entry(bias + "metric = \"mae\"\n", {}).code, 2);
  EXPECT_EQ(entry(bias + "threads = 1\nquiet = true\n", {}).code, 0);
}

TEST_F(CompareTest, RefusesWhatMakesNoSense) {
  const auto refused = [&](const Words& words, const std::string& message) {
    const Outcome run = compare(words);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
  };
  refused({"--models", "mf,svdpp"}, "\"svdpp\" is not a model");
  refused({"--models", "mf,,bias"}, "is not a model");
  refused({"--models", "mf,mf"}, "mf twice");
  refused({"--models", "mf,SVD"}, "mf twice");
  refused({"--models", "mf,no.toml"}, "no.toml");
  const auto seedless = folder_.write("seedless.toml", "seed = \"abc\"\n");
  refused({"--models", seedless.string()}, "--seed is abc; it must be a whole number");
  refused({"--models", "bias,mean", "--factors", "5"}, "--factors is an option of none");
  refused({"--model", "mf"}, "no option --model");
  refused({"--metric", "ndcg@10", "--top", "0"}, "--top 0");
  refused({"--models", "bias", "--rank-by", "sum"}, "sum");
}

}  // namespace
}  // namespace tusk::test
