// tusk tune.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/cli/tune_fixture.hpp"

namespace tusk::test {
namespace {

TEST_F(TuneTest, AGridTriesEveryCombinationInOrder) {
  Words words = grid_;
  words.push_back("--json");
  const Outcome run = tune(words);
  ASSERT_EQ(run.code, 0) << run.err;
  const auto trials = run.objects("trial");
  ASSERT_EQ(trials.size(), 6u);
  std::vector<Json> settings;
  for (const Json& trial : trials) {
    expect_has(trial, {"trial", "settings", "status", "epochs", "metric", "score", "standard_error",
                       "rmse", "mae", "folds"});
    EXPECT_EQ(trial["folds"].size(), 3u);
    EXPECT_EQ(trial["epochs"], trial["settings"]["epochs"]);
    EXPECT_EQ(trial["status"], "ok");
    settings.push_back(trial["settings"]);
  }
  for (const int factors : {4, 8}) {
    for (const int epochs : {2, 4, 6}) {
      const Json wanted = {{"factors", factors}, {"epochs", epochs}};
      EXPECT_EQ(std::count(settings.begin(), settings.end(), wanted), 1) << wanted;
    }
  }
  const Json result = run.objects("result").at(0);
  expect_has(result, {"metric", "selection_score", "standard_error", "trial", "settings", "epochs",
                      "trials", "diverged", "ties", "folds", "split", "test", "seconds", "out"});
  EXPECT_EQ(result["trials"], 6);
  EXPECT_TRUE(result["test"].is_null());
  double lowest = 10;
  for (const Json& trial : trials) lowest = std::min(lowest, trial["score"].get<double>());
  EXPECT_EQ(result["selection_score"], lowest);
}

TEST_F(TuneTest, ScoresAreThoseOfCv) {
  const Outcome run = tune({"--grid", "learning-rate=0.01,0.03", "--factors", "6", "--epochs", "5",
                            "--folds", "4", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  const Outcome cv =
      run_tusk({"cv", data(), "--folds", "4", "--factors", "6", "--epochs", "5", "--learning-rate",
                result["settings"]["learning-rate"].dump(), "--top", "0", "--quiet", "--json"});
  ASSERT_EQ(cv.code, 0) << cv.err;
  EXPECT_NEAR(result["selection_score"].get<double>(),
              cv.objects("result").at(0)["rmse"].get<double>(), 1e-6);
}

TEST_F(TuneTest, ATableShowsTheBestAndSaysWhatTheScoreIs) {
  const Outcome run = tune(grid_);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("mf: 6 trials on 3 folds"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("selection score"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("factors"), std::string::npos);
}

TEST_F(TuneTest, TiesAreMarked) {
  // Twice the same setting, and so the same scores.
  const Outcome twice = tune({"--grid", "init-std=0.01,0.0100", "--factors", "4", "--epochs", "3"});
  ASSERT_EQ(twice.code, 0) << twice.err;
  EXPECT_NE(twice.out.find("2="), std::string::npos) << twice.out;
}

TEST_F(TuneTest, AParameterMayNeedWhatIsSearched) {
  const Outcome run = tune({"--schedule", "inverse", "--grid", "decay=0.01,0.05", "--factors", "4",
                            "--epochs", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("trial").size(), 2u);
}

TEST_F(TuneTest, ParametersCanShareTheirValues) {
  const Outcome run = tune({"--grid", "learning-rate+bias-learning-rate=0.01,0.02", "--factors",
                            "4", "--epochs", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto trials = run.objects("trial");
  ASSERT_EQ(trials.size(), 2u);
  for (const Json& trial : trials) {
    EXPECT_EQ(trial["settings"]["learning-rate"], trial["settings"]["bias-learning-rate"]);
  }
}

TEST_F(TuneTest, ListsCanBeWhatIsChosenBy) {
  const Outcome run = tune({"--model", "item-knn", "--grid", "neighbours=5,20", "--grid",
                            "rank-by=rating,sum", "--metric", "ndcg@5", "--folds", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  double best = 0;
  for (const Json& trial : run.objects("trial"))
    best = std::max(best, trial["score"].get<double>());
  const Json result = run.objects("result").at(0);
  EXPECT_EQ(result["selection_score"], best);
  EXPECT_EQ(result["metric"], "ndcg@5");
}

// By what the setting was chosen by, and not by the error.
TEST_F(TuneTest, TheTestPartIsJudgedByTheMetric) {
  const Words words = {"--grid", "factors=3,6", "--epochs", "4",     "--metric",
                       "ndcg@5", "--folds",     "3",        "--json"};
  Words one = words;
  one.insert(one.end(), {"--test", "0.2"});
  const Outcome run = tune(one);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json test = run.objects("result").at(0)["test"];
  EXPECT_EQ(test["ranking"]["k"], 5);
  EXPECT_EQ(test["score"], test["ranking"]["ndcg"]);
  Words all = words;
  all.insert(all.end(), {"--test-fold", "all"});
  const Outcome nested = tune(all);
  ASSERT_EQ(nested.code, 0) << nested.err;
  double sum = 0;
  for (const Json& result : nested.objects("result")) {
    sum += result["test"]["ranking"]["ndcg"].get<double>();
  }
  EXPECT_NEAR(nested.objects("nested").at(0)["test_score"].get<double>(), sum / 3, 1e-12);
  EXPECT_EQ(nested.objects("nested").at(0)["metric"], "ndcg@5");
}

TEST_F(TuneTest, WhatIsGivenIsNotSearched) {
  const Outcome run =
      tune({"--factors", "4", "--epochs", "2", "--random", "5", "--folds", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  for (const Json& trial : run.objects("trial"))
    EXPECT_FALSE(trial["settings"].contains("factors"));
  expect_refused({"--factors", "20", "--grid", "factors=2,3"},
                 "--factors is both given and searched");
  // Nor what has no effect.
  EXPECT_EQ(tune({"--no-bias", "--epochs", "2", "--random", "3", "--folds", "2"}).code, 0);
  const Outcome plain = tune({"--model", "item-knn", "--similarity", "cosine", "--centring", "none",
                              "--random", "3", "--folds", "2"});
  EXPECT_EQ(plain.code, 0) << plain.err;
}

// Whatever is in a setting, the command and the config that it makes are taken.
TEST_F(TuneTest, TheCommandAndTheConfigOfTheBestCanBeUsed) {
  const Outcome run =
      tune({"--no-bias", "--grid", "learning-rate=.01,.02", "--factors", "4", "--epochs", "3",
            "--scale", "0:6", "--config-out", file("b.toml"), "--report", file("b.html")});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(read_file(file("b.toml")).find("scale = \"0:6\""), std::string::npos);
  const Outcome config = run_tusk({"train", data(), "--config", file("b.toml"), "--quiet"});
  EXPECT_EQ(config.code, 0) << config.err;
  const std::string page = read_file(file("b.html"));
  const auto at = page.find("tusk train ");
  ASSERT_NE(at, std::string::npos);
  const std::string command = page.substr(at, page.find("--out", at) - at);
  EXPECT_NE(command.find("--no-bias=true"), std::string::npos) << command;
  Words words;
  std::istringstream stream(command);
  for (std::string word; stream >> word;) words.push_back(word);
  words.erase(words.begin());
  words[1] = data();
  const Outcome trained = run_tusk(words);
  EXPECT_EQ(trained.code, 0) << command << trained.err;
}

// The model is what train makes of the config, and its file tells of the search.
TEST_F(TuneTest, TheBestIsSavedAndTrainTakesItsConfig) {
  const Outcome run =
      tune({"--random", "4", "factors=3..12", "--seed", "5", "--folds", "3", "--out",
            file("best.safetensors"), "--config-out", file("best.toml"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  ASSERT_EQ(run_tusk({"train", data(), "--config", file("best.toml"), "--out",
                      file("same.safetensors"), "--quiet"})
                .code,
            0);
  const auto info = [&](const char* name) {
    return run_tusk({"info", file(name), "--json"}).objects("info").at(0);
  };
  const Json best = info("best.safetensors");
  const Json same = info("same.safetensors");
  EXPECT_EQ(best["factors"], result["settings"]["factors"]);
  for (const char* key : {"epochs", "factors", "seed", "user_learning_rate", "ratings_hash"}) {
    EXPECT_EQ(best["metadata"][key], same["metadata"][key]) << key;
  }
  // Whatever pair is asked for.
  for (const char* item : {"1", "7", "30"}) {
    const auto predict = [&](const char* name) {
      return run_tusk({"predict", file(name), "--user", "3", "--item", item, "--json"}).out;
    };
    EXPECT_EQ(predict("best.safetensors"), predict("same.safetensors"));
  }
  const Json search = Json::parse(best["metadata"]["search"].get<std::string>());
  ASSERT_EQ(search.size(), 4u);
  EXPECT_EQ(search[0]["trial"], 1);
  EXPECT_EQ(best["metadata"]["selection_metric"], "rmse");
  EXPECT_EQ(std::stod(best["metadata"]["selection_score"].get<std::string>()),
            result["selection_score"].get<double>());
}

// What is set aside is the test part of train --split, and the model has not seen it.
TEST_F(TuneTest, TheTestPartIsMeasuredOnce) {
  const Outcome run = tune({"--grid", "factors=3,6", "--epochs", "4", "--folds", "3", "--test",
                            "0.2", "--out", file("m.safetensors"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json test = run.objects("result").at(0)["test"];
  expect_has(test,
             {"rmse", "mae", "count", "by_evidence", "ranking", "score", "fold_models_score"});
  EXPECT_EQ(test["count"], 1000);
  const Outcome evaluated =
      run_tusk({"evaluate", file("m.safetensors"), data(), "--quiet", "--json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const Json again = evaluated.objects("result").at(0);
  EXPECT_EQ(again["count"], test["count"]);
  EXPECT_EQ(again["rmse"], test["rmse"]);
  const std::string factors = run.objects("result").at(0)["settings"]["factors"].dump();
  const Outcome trained = run_tusk({"train", data(), "--split", "random:0.2", "--factors", factors,
                                    "--epochs", "4", "--quiet", "--json"});
  EXPECT_EQ(trained.objects("result").at(0)["rmse"], test["rmse"]);
}

TEST_F(TuneTest, EachFoldCanBeTheTestPartInTurn) {
  const Outcome run = tune({"--grid", "factors=3,6", "--epochs", "4", "--folds", "4", "--test-fold",
                            "all", "--csv", file("all.csv"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto results = run.objects("result");
  ASSERT_EQ(results.size(), 4u);
  double sum = 0;
  for (std::size_t fold = 0; fold < 4; ++fold) {
    EXPECT_EQ(results[fold]["test_fold"], fold + 1);
    EXPECT_EQ(results[fold]["folds"], 3);
    EXPECT_EQ(results[fold]["test"]["count"], 1250);
    sum += results[fold]["test"]["rmse"].get<double>();
  }
  EXPECT_NEAR(run.objects("nested").at(0)["test_score"].get<double>(), sum / 4, 1e-12);
  const std::string csv = read_file(file("all.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 2);
  EXPECT_TRUE(csv.starts_with("test_fold,rank,trial,")) << csv;
  const Outcome one = tune(
      {"--grid", "factors=3,6", "--epochs", "4", "--folds", "4", "--test-fold", "2", "--json"});
  EXPECT_EQ(one.objects("result").at(0)["test"]["rmse"], results[1]["test"]["rmse"]);
}

TEST_F(TuneTest, TheCsvHasEveryTrialBestFirst) {
  Words words = grid_;
  words.insert(words.end(), {"--csv", file("t.csv")});
  ASSERT_EQ(tune(words).code, 0);
  std::istringstream lines(read_file(file("t.csv")));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "rank,trial,status,tie,factors,epochs,score,standard_error,rmse,mae,fold_1,fold_2,"
            "fold_3");
  double before = 0;
  int rows = 0;
  while (std::getline(lines, line)) {
    ++rows;
    std::istringstream fields(line);
    std::string field;
    for (int f = 0; f <= 6; ++f) std::getline(fields, field, ',');
    EXPECT_GE(std::stod(field), before);
    before = std::stod(field);
  }
  EXPECT_EQ(rows, 6);
}

TEST_F(TuneTest, AllTrialsThatDivergeAreExitCode6) {
  const Outcome run = tune({"--grid", "learning-rate=40,50", "--regularization", "0"});
  EXPECT_EQ(run.code, 6) << run.err;
  EXPECT_NE(run.err.find("all 2 trials diverged"), std::string::npos) << run.err;
  const Outcome some =
      tune({"--grid", "learning-rate=0.01,50", "--regularization", "0", "--epochs", "3", "--json"});
  ASSERT_EQ(some.code, 0) << some.err;
  EXPECT_EQ(some.objects("result").at(0)["diverged"], 1);
  int diverged = 0;
  for (const Json& trial : some.objects("trial")) {
    diverged += trial["status"] == "diverged" ? 1 : 0;
    EXPECT_EQ(trial["score"].is_null(), trial["status"] == "diverged");
  }
  EXPECT_EQ(diverged, 1);
}

TEST_F(TuneTest, RefusesWhatCannotBeSearched) {
  expect_refused({"--grid", "factor=2,3"}, "no parameter \"factor\" to be searched (did you mean");
  expect_refused({"--grid", "factors=2,x"}, "--factors is x");
  expect_refused({"--grid", "factors=2..9"},
                 "a grid does not end; list values, or search with --random N");
  expect_refused({"--grid", "factors=2,3", "--grid", "factors=4"}, "searched twice");
  expect_refused({"--model", "mean"}, "--model mean has nothing to tune");
  expect_refused({"--grid", "seed=1,2"}, "no parameter \"seed\"");
  expect_refused({"--grid", "model=mf,bias"}, "no parameter \"model\"");
  expect_refused({"--grid", "schedule=constant,inverse"}, "needs --decay");
  expect_refused({"--random", "x", "factors=2,3"}, "--random begins with a number");
  expect_refused({"--random", "0", "factors=2,3"}, "--random begins with a number");
  expect_refused({"--grid", "factors=0"}, "factors");
  expect_refused({"--metric", "auc"}, "is not a metric");
  expect_refused({"--metric", "ndcg@10", "--top", "0"}, "--top 0");
  expect_refused({"--halving", "--grid", "epochs=3,4"}, "halving");
  expect_refused({"--test", "0.1", "--test-fold", "1"}, "not both");
  expect_refused({"--test", "1.5"}, "between 0 and 1");
  expect_refused({"--test-fold", "six"}, "--test-fold six");
  expect_refused({"--test-fold", "6"}, "no fold 6");
  expect_refused({"--test-fold", "all", "--out", file("m.safetensors")}, "--test-fold all");
  expect_refused({"--holdout", "0.1"}, "no option --holdout");
  folder_.write("there.csv", "x");
  expect_refused({"--csv", file("there.csv")}, "remove it first or give --overwrite");
  expect_refused({"--report", file("no/r.html")}, "there is no folder");
  expect_refused({"--csv", file("x.html"), "--report", file("./x.html")}, "are the same file");
  expect_refused({"--csv", "not-made.html", "--report", "./not-made.html"}, "are the same file");
  expect_refused({"--state", file("x"), "--out", file("x")}, "are the same file");
  expect_refused({"--state", "/dev/null", "--grid", "factors=2"}, "not a regular file");
}

TEST_F(TuneTest, OptionsCanStandInAConfigFile) {
  folder_.write("c.toml", "[tune]\nrandom = [\"2\", \"factors=3..5\"]\nfolds = 2\nepochs = 2\n");
  const Outcome run = tune({"--config", file("c.toml"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("trial").size(), 2u);
  EXPECT_EQ(run.objects("result").at(0)["folds"], 2);
}

TEST_F(TuneTest, FoldsByTimeAreOne) {
  const Outcome run = tune(
      {"--grid", "factors=3,4", "--epochs", "2", "--folds", "time", "--test", "0.2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  EXPECT_EQ(result["folds"], 1);
  EXPECT_EQ(result["standard_error"], 0);
  EXPECT_FALSE(result["test"].is_null());
  const Outcome cv = run_tusk({"cv", data(), "--folds", "time:0.3", "--factors", "3", "--epochs",
                               "2", "--quiet", "--json"});
  ASSERT_EQ(cv.code, 0) << cv.err;
  EXPECT_EQ(cv.objects("fold").size(), 1u);
}

}  // namespace
}  // namespace tusk::test
