// tusk tune.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

using Words = std::vector<std::string>;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class TuneTest : public CliTest {
 protected:
  Outcome tune(Words words, const RunOptions& options = {}) const {
    words.insert(words.begin(), {"tune", data(), "--quiet"});
    return run_tusk(words, options);
  }

  void expect_refused(const Words& words, const std::string& message) const {
    const Outcome run = tune(words);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
    EXPECT_EQ(run.out, "");
  }

  // A grid of six, three of which are one training.
  const Words grid_ = {"--grid", "factors=4,8", "--grid", "epochs=2,4,6", "--folds", "3"};
};

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
  // The second parameter changes nothing: exactly the same scores.
  const Outcome run =
      tune({"--grid", "epochs=3", "--factors", "4", "--grid", "early-stop=0", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("result").at(0)["ties"], 0);
  const Outcome twice = tune({"--grid", "init-std=0.01,0.0100", "--factors", "4", "--epochs", "3"});
  ASSERT_EQ(twice.code, 0) << twice.err;
  EXPECT_NE(twice.out.find("2="), std::string::npos) << twice.out;
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

TEST_F(TuneTest, RandomSettingsAreInRangeAndOfTheSeed) {
  const Words words = {"--random",
                       "40",
                       "factors=2..5",
                       "learning-rate=0.001..0.1:log",
                       "regularization=0..1",
                       "epochs=1,2",
                       "--folds",
                       "2",
                       "--json"};
  const Outcome run = tune(words);
  ASSERT_EQ(run.code, 0) << run.err;
  const auto trials = run.objects("trial");
  ASSERT_EQ(trials.size(), 40u);
  std::set<int> factors;
  int small = 0;
  for (const Json& trial : trials) {
    const Json& s = trial["settings"];
    ASSERT_TRUE(s["factors"].is_number_integer()) << s;
    factors.insert(s["factors"].get<int>());
    EXPECT_GE(s["learning-rate"], 0.001);
    EXPECT_LE(s["learning-rate"], 0.1);
    EXPECT_GE(s["regularization"], 0);
    EXPECT_LE(s["regularization"], 1);
    EXPECT_TRUE(s["epochs"] == 1 || s["epochs"] == 2);
    small += s["learning-rate"].get<double>() < 0.01 ? 1 : 0;
  }
  EXPECT_EQ(*factors.begin(), 2);
  EXPECT_EQ(*factors.rbegin(), 5);
  EXPECT_GT(small, 10) << "half of a logarithmic range is below its middle";
  EXPECT_LT(small, 30);
  const auto settings = [](const Outcome& o) {
    std::vector<Json> all;
    for (const Json& trial : o.objects("trial")) all.push_back(trial["settings"]);
    return all;
  };
  EXPECT_EQ(settings(run), settings(tune(words)));
  Words other = words;
  other.insert(other.end(), {"--seed", "9"});
  EXPECT_NE(settings(run), settings(tune(other)));
}

TEST_F(TuneTest, EveryModelHasASpaceOfItsOwn) {
  for (const char* model : {"mf", "bias", "popular", "user-knn", "item-knn"}) {
    const Outcome run = tune({"--model", model, "--random", "3", "--folds", "2", "--json"});
    ASSERT_EQ(run.code, 0) << run.err;
    const auto trials = run.objects("trial");
    ASSERT_EQ(trials.size(), 3u);
    const auto first = std::find_if(trials.begin(), trials.end(),
                                    [](const Json& trial) { return trial["trial"] == 1; });
    EXPECT_TRUE(first->at("settings").empty()) << "the defaults are tried, too";
  }
  expect_refused({"--model", "mean"}, "has nothing to tune");
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
  expect_has(test, {"rmse", "mae", "count", "by_evidence", "ranking", "fold_models_rmse"});
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
  EXPECT_NEAR(run.objects("nested").at(0)["test_rmse"].get<double>(), sum / 4, 1e-12);
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

// Killed wherever it is, the same command makes the table that it would have made.
TEST_F(TuneTest, GoesOnAfterKill9) {
  Words words = {"--random", "60", "factors=2..40", "learning-rate=0.005..0.05:log",
                 "--folds",  "3",  "--early-stop",  "3",
                 "--csv",    "{}", "--overwrite",   "--json"};
  const auto with_csv = [&](const std::string& name) {
    Words all = words;
    std::replace(all.begin(), all.end(), std::string("{}"), file(name));
    return all;
  };
  ASSERT_EQ(tune(with_csv("whole.csv")).code, 0);
  Words resumed = with_csv("resumed.csv");
  resumed.insert(resumed.end(), {"--state", file("state.jsonl")});
  int kills = 0;
  for (const char* at : {"\"trial\":3,", "\"trial\":20,", "\"trial\":41,"}) {
    RunOptions options;
    options.kill_at = at;
    const Outcome run = tune(resumed, options);
    kills += run.code == 128 + 9 ? 1 : 0;
  }
  EXPECT_GE(kills, 1) << "it was always faster";
  // A line that was being written.
  std::ofstream(file("state.jsonl"), std::ios::app) << R"({"part":0,"seconds":1,"tri)";
  const Outcome last = tune(resumed);
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(last.objects("trial").size(), 60u);
  EXPECT_EQ(read_file(file("resumed.csv")), read_file(file("whole.csv")));
  // And once more, with nothing left to do.
  ASSERT_EQ(tune(resumed).code, 0);
  EXPECT_EQ(read_file(file("resumed.csv")), read_file(file("whole.csv")));
}

TEST_F(TuneTest, AStateIsOfOneSearch) {
  const std::string state = file("s.jsonl");
  const Words search = {"--random", "3", "factors=2..9", "--epochs", "2", "--state", state};
  ASSERT_EQ(tune(search).code, 0);
  const auto differs = [&](const Words& words, const std::string& what) {
    Words all = search;
    for (std::size_t w = 0; w < words.size(); w += 2) {
      const auto at = std::find(all.begin(), all.end(), words[w]);
      if (at != all.end()) {
        *(at + 1) = words[w + 1];
      } else {
        all.insert(all.end(), {words[w], words[w + 1]});
      }
    }
    const Outcome run = tune(all);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find("is of another search: " + what), std::string::npos) << run.err;
  };
  differs({"--seed", "2"}, "folds");
  differs({"--folds", "3"}, "folds");
  differs({"--metric", "mae"}, "metric");
  differs({"--epochs", "3"}, "options");
  // More trials of a random search are the same search.
  Words more = search;
  more[1] = "5";
  more.push_back("--json");
  const Outcome run = tune(more);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("trial").size(), 5u);
}

TEST_F(TuneTest, AStateThatIsNoneIsLeftAsItIs) {
  for (const std::string text : {"user,item,rating\n1,2,3\n", "{\"tusk_search\":1}\nx\ny\n", "x"}) {
    const auto path = folder_.write("none.jsonl", text);
    const Outcome run = tune({"--grid", "factors=2", "--epochs", "1", "--state", path.string()});
    EXPECT_EQ(run.code, 3) << run.err;
    EXPECT_EQ(read_file(path.string()), text);
  }
  EXPECT_EQ(tune({"--grid", "factors=2", "--state", file("no/such/folder")}).code, 1);
}

TEST_F(TuneTest, ABudgetEndsTheSearchInTime) {
  const Outcome run = tune({"--random", "100000", "learning-rate=0.001..0.02", "--folds", "2",
                            "--budget", "1.5", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  EXPECT_GT(result["trials"], 0);
  EXPECT_LT(result["trials"], 100000);
  EXPECT_LT(result["seconds"], sanitized() ? 60 : 10);
  expect_refused({"--budget", "0"}, "--budget");
  expect_refused({"--budget", "0.0000001", "--grid", "factors=4"}, "the budget is used up");
}

TEST_F(TuneTest, AnInterruptKeepsWhatIsKnown) {
  RunOptions options;
  options.interrupt_at = "tuning, ";
  const Words words = {"tune",         data(), "--random",   "100000", "learning-rate=0.001..0.02",
                       "--folds",      "2",    "--progress", "plain",  "--state",
                       file("i.jsonl")};
  const Outcome run = run_tusk(words, options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_NE(run.err.find("the same command goes on from here"), std::string::npos) << run.err;
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
  expect_refused({"--grid", "factors"}, "there is no NAME=");
  expect_refused({"--grid", "factors=2,,3"}, "a value is missing");
  expect_refused({"--grid", "factors=2,x"}, "factors=x");
  expect_refused({"--grid", "factors=2..9"}, "a grid does not end");
  expect_refused({"--grid", "factors=2,3", "--grid", "factors=4"}, "searched twice");
  expect_refused({"--grid", "learning-rate+learning-rate=1"}, "searched twice");
  expect_refused({"--grid", "neighbours=2,3"}, "--neighbours is an option of --model user-knn");
  expect_refused({"--grid", "seed=1,2"}, "no parameter \"seed\"");
  expect_refused({"--grid", "model=mf,bias"}, "no parameter \"model\"");
  expect_refused({"--grid", "schedule=constant,inverse"}, "needs --decay");
  expect_refused({"--random", "x", "factors=2,3"}, "--random begins with a number");
  expect_refused({"--random", "0", "factors=2,3"}, "--random begins with a number");
  expect_refused({"--random", "3", "factors=2.5..9"}, "whole numbers");
  expect_refused({"--random", "3", "factors=9..2"}, "no numbers between");
  expect_refused({"--random", "3", "learning-rate=0..1:log"}, "above 0");
  expect_refused({"--random", "3", "learning-rate=a..1"}, "not numbers");
  expect_refused({"--random", "3", "similarity=1..2"}, "list its values");
  expect_refused({"--grid", "factors=0"}, "factors");
  expect_refused({"--metric", "auc"}, "is not a metric");
  expect_refused({"--metric", "ndcg@10", "--top", "0"}, "--top 0");
  expect_refused({"--halving", "--grid", "epochs=3,4"}, "halving");
  expect_refused({"--test", "0.1", "--test-fold", "1"}, "not both");
  expect_refused({"--test", "1.5"}, "fraction");
  expect_refused({"--test-fold", "six"}, "--test-fold six");
  expect_refused({"--test-fold", "6"}, "no fold 6");
  expect_refused({"--test-fold", "all", "--out", file("m.safetensors")}, "--test-fold all");
  expect_refused({"--holdout", "0.1"}, "no option --holdout");
  folder_.write("there.csv", "x");
  expect_refused({"--csv", file("there.csv")}, "remove it first or give --overwrite");
  expect_refused({"--report", file("no/r.html")}, "there is no folder");
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
