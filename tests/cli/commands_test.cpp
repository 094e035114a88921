// What each command prints and does.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

using Keys = std::set<std::string>;
class CommandsTest : public CliTest {};

const Keys kMetrics = {"rmse", "mae", "mse", "count", "by_evidence"};
const Keys kEvidence = {"content", "full", "global", "item-only", "user-only"};

TEST_F(CommandsTest, TrainPrintsEpochsAndAResult) {
  const Outcome run = run_tusk({"train", data(), "--split", "random:0.1", "--factors", "8",
                                "--json", "--out", file("m.safetensors")});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto epochs = run.objects("epoch");
  ASSERT_GT(epochs.size(), 2u);
  for (const Json& epoch : epochs) {
    expect_has(epoch, {"epoch", "train_rmse", "validation_rmse", "learning_rate",
                       "ratings_per_second", "seconds"});
    EXPECT_EQ(epoch["validation_rmse"].is_null(), epoch["phase"] == "fit");
    EXPECT_GT(epoch["ratings_per_second"], 0);
  }
  const auto results = run.objects("result");
  ASSERT_EQ(results.size(), 1u);
  expect_has(results[0], kMetrics);
  EXPECT_EQ(keys(results[0]["by_evidence"]), kEvidence);
  EXPECT_EQ(results[0]["count"], 500);
  EXPECT_GT(results[0]["seconds"], 0);
  EXPECT_NEAR(results[0]["mse"], std::pow(results[0]["rmse"].get<double>(), 2), 1e-9);
  EXPECT_EQ(results[0]["epochs"], epochs.back()["epoch"]);
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"m.safetensors"});
}

TEST_F(CommandsTest, ADryRunShowsTheMemoryAndTrainsNothing) {
  const Outcome run = run_tusk({"train", data(), "--device", "cpu", "--factors", "8", "--dry-run",
                                "--json", "--out", file("m")});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(run.objects().size(), 1u);
  const Json plan = run.objects()[0];
  EXPECT_EQ(plan["event"], "plan");
  EXPECT_EQ(plan["device"], "cpu");
  EXPECT_EQ(plan["parameter_bytes"], 2 * (200 + 120) * (16 + 1) * 4) << "and their checkpoint";
  EXPECT_EQ(plan["validation_bytes"], 250 * 12) << "5% of the ratings";
  EXPECT_EQ(plan["bytes"], plan["parameter_bytes"].get<int>() + plan["rating_bytes"].get<int>() +
                               plan["validation_bytes"].get<int>());
  EXPECT_GT(plan["available_bytes"], 0);
  EXPECT_FALSE(std::filesystem::exists(file("m")));
}

TEST_F(CommandsTest, ADryRunOfEaseShowsTheMemory) {
  const Outcome run =
      run_tusk({"train", data(), "--model", "ease", "--low-weight", "1", "--dry-run", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json plan = run.objects()[0];
  EXPECT_EQ(plan["parameter_bytes"], 120 * 120 * 4) << "the table of all items";
  EXPECT_EQ(plan["rating_bytes"], 5000 * 24);
  EXPECT_GT(plan["available_bytes"], plan["bytes"]);
}

TEST_F(CommandsTest, ADryRunOfFactorsForListsShowsTheMemory) {
  for (const auto& [model, floats] : {std::pair{"ials", 16 + 1 + 16}, std::pair{"pure-svd", 16}}) {
    const Outcome run = run_tusk({"train", data(), "--model", model, "--factors", "16",
                                  "--low-weight", "1", "--dry-run", "--json"});
    ASSERT_EQ(run.code, 0) << run.err;
    const Json plan = run.objects()[0];
    EXPECT_EQ(plan["parameter_bytes"], (200 + 120) * floats * 4) << model;
    EXPECT_GE(plan["rating_bytes"], 2 * 5000 * 8) << "by user and by item";
    EXPECT_GT(plan["available_bytes"], plan["bytes"]);
  }
}

TEST_F(CommandsTest, TrainWithoutATestPartHasNoTestError) {
  const Outcome run = run_tusk({"train", data(), "--epochs", "2", "--factors", "4", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  EXPECT_TRUE(result["rmse"].is_null());
  EXPECT_EQ(result["count"], 0);
  EXPECT_EQ(run.objects("epoch").size(), 2u);
}

TEST_F(CommandsTest, EpochsAloneTrainsForExactlySoMany) {
  const Outcome exact = run_tusk({"train", data(), "--epochs", "7", "--factors", "4", "--json"});
  EXPECT_EQ(exact.objects("epoch").size(), 7u);
  const Outcome most =
      run_tusk({"train", data(), "--epochs", "7", "--early-stop", "3", "--factors", "4", "--json"});
  EXPECT_LE(most.objects("result").at(0)["epochs"], 7);
  EXPECT_EQ(most.objects("epoch").at(0)["phase"], "select");
}

// The reproducibility promise.
TEST_F(CommandsTest, ThreadsDoNotChangeAByteOfTheModel) {
  std::vector<std::string> models;
  for (const char* threads : {"1", "2", "5"}) {
    const std::string out = file(std::string("m") + threads);
    ASSERT_EQ(
        run_tusk({"train", data(), "--threads", threads, "--out", out, "--split", "random:0.2"})
            .code,
        0);
    models.push_back(read_file(out));
  }
  EXPECT_EQ(models[0], models[1]);
  EXPECT_EQ(models[0], models[2]);
  ASSERT_EQ(
      run_tusk({"train", data(), "--seed", "2", "--out", file("other"), "--split", "random:0.2"})
          .code,
      0);
  EXPECT_NE(models[0], read_file(file("other")));
}

TEST_F(CommandsTest, ThreadsDoNotChangeAByteOfARealModel) {
  TUSK_REAL_DATA(folder, "ml-100k");
  std::vector<std::string> models;
  for (const char* threads : {"1", "2"}) {
    const std::string out = file(std::string("m") + threads);
    ASSERT_EQ(run_tusk({"train", folder.string(), "--threads", threads, "--out", out, "--epochs",
                        "5", "--factors", "32"})
                  .code,
              0);
    models.push_back(read_file(out));
  }
  EXPECT_EQ(models[0], models[1]);
}

TEST_F(CommandsTest, ThreadsDoNotChangeAByteOfANeighbourTable) {
  std::vector<std::string> models;
  for (const char* threads : {"1", "2", "5"}) {
    const std::string out = file(std::string("m") + threads);
    ASSERT_EQ(run_tusk({"train", data(), "--model", "item-knn", "--neighbour-policy", "table", "-k",
                        "20", "--threads", threads, "--out", out, "--split", "random:0.2"})
                  .code,
              0);
    models.push_back(read_file(out));
  }
  EXPECT_EQ(models[0], models[1]);
  EXPECT_EQ(models[0], models[2]);
}

TEST_F(CommandsTest, TrainPrintsHowFarTheNeighboursAre) {
  const Outcome run = run_tusk({"train", data(), "--model", "user-knn", "--neighbour-policy",
                                "table", "--split", "random:0.1", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto steps = run.objects("neighbours");
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.back()["done"], 4500);
  EXPECT_EQ(steps.back()["of"], 4500);
  EXPECT_EQ(run.objects("result").at(0)["model"], "user-knn");
}

TEST_F(CommandsTest, NeighbourOptionsReachTheModel) {
  ASSERT_EQ(run_tusk({"train",
                      data(),
                      "--model",
                      "user-knn",
                      "--similarity",
                      "msd",
                      "--shrinkage",
                      "7",
                      "--min-support",
                      "2",
                      "--centring",
                      "z-score",
                      "-k",
                      "11",
                      "--min-neighbours",
                      "3",
                      "--neighbour-policy",
                      "table",
                      "--weight-shrinkage",
                      "0.5",
                      "--out",
                      file("m")})
                .code,
            0);
  const Json metadata = run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  EXPECT_EQ(metadata["similarity"], "msd");
  EXPECT_EQ(metadata["shrinkage"], "7");
  EXPECT_EQ(metadata["min_support"], "2");
  EXPECT_EQ(metadata["centring"], "z-score");
  EXPECT_EQ(metadata["neighbours"], "11");
  EXPECT_EQ(metadata["min_neighbours"], "3");
  EXPECT_EQ(metadata["neighbour_policy"], "table");
  EXPECT_EQ(metadata["weight_shrinkage"], "0.5");
}

// The shrinkage that was found for one metric is not another's.
TEST_F(CommandsTest, AnotherSimilarityHasItsOwnShrinkage) {
  ASSERT_EQ(run_tusk({"train", data(), "--model", "item-knn", "--similarity", "cosine", "--out",
                      file("m")})
                .code,
            0);
  const Json metadata = run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  EXPECT_EQ(metadata["shrinkage"], "0");
  EXPECT_EQ(metadata["weight_shrinkage"], "0");
}

TEST_F(CommandsTest, EvaluateFindsTheRatingsThatTrainingHeldOut) {
  const Outcome train = run_tusk(
      {"train", data(), "--split", "random:0.1", "--factors", "8", "--json", "--out", file("m")});
  const Json trained = train.objects("result").at(0);
  const Outcome run = run_tusk({"evaluate", file("m"), data(), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects("result").at(0);
  expect_has(result, kMetrics);
  expect_has(result, {"seconds"});
  EXPECT_EQ(result["ratings"], "unseen");
  EXPECT_EQ(result["count"], trained["count"]);
  EXPECT_DOUBLE_EQ(result["rmse"], trained["rmse"]);
  EXPECT_EQ(result["by_evidence"], trained["by_evidence"]);
  const Json all =
      run_tusk({"evaluate", file("m"), data(), "--json", "--ratings", "all"}).objects("result")[0];
  EXPECT_EQ(all["count"], 5000);
  EXPECT_LT(all["rmse"], result["rmse"]) << "training ratings are easier";
  const Outcome warned = run_tusk({"evaluate", file("m"), data(), "--ratings", "all"});
  EXPECT_NE(warned.err.find("was trained on 4500 of these 5000 ratings"), std::string::npos)
      << warned.err;
}

TEST_F(CommandsTest, EvaluateHasNoRankingOfTrainingRatings) {
  ASSERT_EQ(run_tusk({"train", data(), "--model", "bias", "--out", file("m")}).code, 0);
  const Outcome run = run_tusk({"evaluate", file("m"), data(), "--ratings", "all"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("no ranking: no user has a relevant rating"), std::string::npos);
  EXPECT_EQ(run.out.find("ranking, top"), std::string::npos) << run.out;
}

TEST_F(CommandsTest, EvaluateSaysWhenThereIsNothingButTrainingRatings) {
  ASSERT_EQ(run_tusk({"train", data(), "--epochs", "3", "--factors", "4", "--out", file("m")}).code,
            0);
  const Outcome run = run_tusk({"evaluate", file("m"), data(), "--json", "--quiet"});
  EXPECT_EQ(run.code, 0);
  EXPECT_NE(run.err.find("these are training errors"), std::string::npos);
  EXPECT_EQ(run.objects("result").at(0)["ratings"], "seen");
  EXPECT_EQ(run_tusk({"evaluate", file("m"), data(), "--ratings", "unseen"}).code, 3);
}

TEST_F(CommandsTest, EvaluateWarnsOfDataThatIsNotTheModels) {
  const auto other = folder_.write("other.csv", "user,item,rating\na,b,50\nc,d,100\n");
  const Outcome run = run_tusk({"evaluate", model(), other.string()});
  EXPECT_EQ(run.code, 0);
  EXPECT_NE(run.err.find("is it the same kind of data?"), std::string::npos);
  EXPECT_NE(run.err.find("2 of 2 ratings are of a user or an item that the model does not know"),
            std::string::npos);
}

TEST_F(CommandsTest, EvaluateRefusesAnotherDataSetUnderTheSameIds) {
  SyntheticSpec spec = small_spec();
  write_synthetic(spec, 2, folder_.path() / "twin");
  const std::string twin = (folder_.path() / "twin").string();
  folder_.write("bare.csv", read_file(folder_.path() / "twin/ratings.csv"));
  for (const std::string& other : {twin, file("bare.csv")}) {
    const Outcome run = run_tusk({"evaluate", model(), other, "--json"});
    EXPECT_EQ(run.code, 3);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("is another data set than the model was trained on: of "),
              std::string::npos)
        << run.err;
    const Outcome anyway = run_tusk({"evaluate", model(), other, "--json", "--other-data"});
    EXPECT_EQ(anyway.code, 0) << anyway.err;
    EXPECT_NE(anyway.err.find("warning: "), std::string::npos);
    EXPECT_EQ(anyway.objects("result").size(), 1u);
  }
}

TEST_F(CommandsTest, EvaluateTakesATestFileWithoutAWord) {
  std::istringstream lines(read_file(std::filesystem::path(data()) / "ratings.csv"));
  std::string train;
  std::string test;
  int number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    if (number == 0 || number % 5 != 0) train += line + '\n';
    if (number == 0 || number % 5 == 0) test += line + '\n';
  }
  folder_.write("train.csv", train);
  folder_.write("test.csv", test);
  ASSERT_EQ(run_tusk({"train", file("train.csv"), "--model", "bias", "--out", file("m")}).code, 0);
  const Outcome run = run_tusk({"evaluate", file("m"), file("test.csv"), "--progress", "none"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.err.find("another data set"), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("not the very data"), std::string::npos) << run.err;
  const Outcome whole = run_tusk({"evaluate", file("m"), data()});
  EXPECT_EQ(whole.code, 0);
  EXPECT_NE(whole.err.find("not the very data that the model was trained on: it has 256 of 256 "
                           "sampled training ratings, 256 of them unchanged"),
            std::string::npos)
      << whole.err;
}

TEST_F(CommandsTest, CvPrintsAFoldEachAndTheirMean) {
  const Outcome run = run_tusk({"cv", data(), "--folds", "3", "--factors", "8", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto folds = run.objects("fold");
  ASSERT_EQ(folds.size(), 3u);
  double mean = 0;
  std::int64_t count = 0;
  for (std::size_t f = 0; f < 3; ++f) {
    expect_has(folds[f], kMetrics);
    EXPECT_EQ(folds[f]["fold"], f + 1);
    mean += folds[f]["rmse"].get<double>() / 3;
    count += folds[f]["count"].get<std::int64_t>();
  }
  EXPECT_EQ(count, 5000);
  double variance = 0;
  for (const Json& fold : folds) variance += std::pow(fold["rmse"].get<double>() - mean, 2) / 2;
  const Json result = run.objects("result").at(0);
  expect_has(result, {"rmse", "mae", "rmse_std", "seconds"});
  EXPECT_NEAR(result["rmse"], mean, 1e-12);
  EXPECT_NEAR(result["rmse_std"], std::sqrt(variance), 1e-12);
  const std::vector<Json> epochs = run.objects("epoch");
  expect_has(epochs.at(0), {"fold", "epoch", "validation_rmse"});
  double ndcg = 0;
  for (const Json& fold : folds) ndcg += fold["ranking"]["ndcg"].get<double>() / 3;
  EXPECT_NEAR(result["ranking"]["ndcg"], ndcg, 1e-12);
}

TEST_F(CommandsTest, CvOfOneFoldHasNoStandardDeviation) {
  const Words words = {"cv", data(), "--folds", "time", "--model", "bias", "--quiet"};
  const Outcome table = run_tusk(words);
  EXPECT_NE(table.out.find("std               -       -\n"), std::string::npos) << table.out;
  Words json = words;
  json.emplace_back("--json");
  EXPECT_TRUE(run_tusk(json).objects("result").at(0)["rmse_std"].is_null());
}

TEST_F(CommandsTest, DataSynthWritesATwin) {
  const Outcome run =
      run_tusk({"data", "synth", "--like", "ml-100k", "--out", file("twin"), "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects().at(0);
  EXPECT_EQ(result["ratings"], 100'000);
  EXPECT_GT(result["floor_rmse"], 0.8);
  EXPECT_TRUE(std::filesystem::exists(file("twin/movies.csv")));
}

TEST_F(CommandsTest, EveryModelTrainsEvaluatesAndRecommends) {
  for (const char* kind : {"mean", "bias", "mf", "popular", "user-knn", "item-knn"}) {
    ASSERT_EQ(run_tusk({"train", data(), "--model", kind, "--split", "time:0.2", "--out", file("m"),
                        "--overwrite"})
                  .code,
              0)
        << kind;
    EXPECT_EQ(run_tusk({"evaluate", file("m"), data()}).code, 0);
    EXPECT_EQ(run_tusk({"recommend", file("m"), "--user", "1"}).code, 0);
  }
}

TEST_F(CommandsTest, WarnsWhereTheEpochsAreUsedUp) {
  const Words train = {"train", data(), "--early-stop", "3", "--factors", "4", "--epochs"};
  const auto warned = [&](const char* epochs) {
    Words words = train;
    words.emplace_back(epochs);
    return run_tusk(words).err.find("still falling") != std::string::npos;
  };
  EXPECT_TRUE(warned("4"));
  EXPECT_FALSE(warned("500"));
}

}  // namespace
}  // namespace tusk::test
