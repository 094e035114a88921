// Gibbs sampling from the command line: deviations, calibration, sweeps.
#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

const Words kShortSampling = {"--model",  "bayes", "--factors", "3",
                              "--sweeps", "30",    "--burn-in", "10"};

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class CliBayesTest : public CliTest {
 protected:
  static const std::string& sampled() {
    static const TempFolder folder;
    static const std::string path = [] {
      const std::string out = (folder.path() / "bayes.safetensors").string();
      run_tusk(Words{"train", data(), "--split", "random:0.2", "--out", out} + kShortSampling);
      return out;
    }();
    return path;
  }
};

TEST_F(CliBayesTest, ListsShowDeviationsAndFollowRisk) {
  const Words user = {"recommend", sampled(), "--user", "7", "-k", "5"};
  const auto json = run_tusk(user + Words{"--json"}).objects("recommendation");
  ASSERT_EQ(json.size(), 5u);
  const Outcome safe = run_tusk(user + Words{"--risk", "-1", "--json"});
  for (const Json& row : safe.objects("recommendation")) {
    const double deviation = row["deviation"];
    EXPECT_GT(deviation, 0);
    EXPECT_LT(double(row["score"]), double(row["rating"]) - deviation + 0.5);
  }
  EXPECT_NE(safe.err.find("ranked by rating - 1 deviations"), std::string::npos) << safe.err;
  const Outcome text = run_tusk(user);
  EXPECT_NE(text.out.find("+-"), std::string::npos) << text.out;
  const Outcome table = run_tusk({"recommend", sampled(), "--all", "-k", "3", "--risk", "0.5",
                                  "--out", file("r.csv"), "--json"});
  EXPECT_EQ(table.objects("result").at(0)["risk"], 0.5);
  EXPECT_TRUE(read_file(file("r.csv")).starts_with("user,rank,item,score,rating,deviation,title,"));
  const Outcome refused = run_tusk({"recommend", model(), "--user", "7", "--risk", "0.5"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--risk is for bayes"), std::string::npos) << refused.err;
  EXPECT_EQ(run_tusk({"recommend", model(), "--user", "7"}).out.find("+-"), std::string::npos);
  for (const char* bad : {"1.1", "x", "nan"}) {
    EXPECT_EQ(run_tusk(user + Words{"--risk", bad}).code, 2) << bad;
  }
}

TEST_F(CliBayesTest, EvaluationRanksByRisk) {
  const auto ndcg = [&](const Words& more) {
    return double(run_tusk(Words{"evaluate", sampled(), data(), "--json"} + more)
                      .objects("result")
                      .at(0)["ranking"]["ndcg"]);
  };
  EXPECT_NE(ndcg({}), ndcg({"--risk", "-1"}));
}

TEST_F(CliBayesTest, CalibrationIsInTablesAndOnThePage) {
  const Outcome cv = run_tusk(Words{"cv", data(), "--folds", "2", "--json", "--report",
                                    file("cv.html"), "--table", file("cv.md")} +
                              kShortSampling);
  ASSERT_EQ(cv.code, 0) << cv.err;
  const auto folds = cv.objects("fold");
  const Json result = cv.objects("result").at(0);
  const auto mean = [&](const char* key) {
    return (double(folds[0]["calibration"][key]) + double(folds[1]["calibration"][key])) / 2;
  };
  for (const char* key : {"coverage_50", "coverage_90", "crps", "mean_deviation"}) {
    EXPECT_NEAR(double(result["calibration"][key]), mean(key), 1e-9) << key;
  }
  EXPECT_NE(read_file(file("cv.md")).find("in 90%"), std::string::npos);
  EXPECT_NE(read_file(file("cv.html")).find("\"levels\""), std::string::npos);
  EXPECT_FALSE(folds[0].contains("epochs")) << "sweeps are no epochs";
  const Outcome both = run_tusk(
      Words{"compare", data(), "--folds", "2", "--models", "bayes,bias", "--csv", file("c.csv")} +
      Words(kShortSampling.begin() + 2, kShortSampling.end()));
  ASSERT_EQ(both.code, 0) << both.err;
  EXPECT_NE(both.out.find("CRPS"), std::string::npos) << both.out;
  EXPECT_NE(read_file(file("c.csv")).find(",coverage_90,"), std::string::npos);
  for (const Json& row :
       run_tusk({"compare", data(), "--folds", "2", "--models", "mean,bias", "--json"})
           .objects("model")) {
    EXPECT_FALSE(row.contains("calibration")) << "nothing is promised without deviations";
  }
  const Outcome bias = run_tusk({"cv", data(), "--folds", "2", "--model", "bias"});
  EXPECT_EQ(bias.out.find("90%"), std::string::npos) << bias.out;
}

TEST_F(CliBayesTest, TrainingTellsOfSweeps) {
  const Words train =
      Words{"train", data(), "--split", "random:0.2", "--out", file("m")} + kShortSampling;
  const Outcome text = run_tusk(train);
  EXPECT_NE(text.out.find("for 30 sweeps"), std::string::npos) << text.out;
  EXPECT_EQ((text.out + text.err).find("epoch"), std::string::npos) << text.out << text.err;
  EXPECT_NE(text.err.find("sweep 30 of 30"), std::string::npos) << text.err;
  EXPECT_NE(text.err.find("test RMSE"), std::string::npos) << text.err;
  EXPECT_NE(text.out.find("split R-hat: alpha "), std::string::npos) << text.out;
  const Outcome json =
      run_tusk(train + Words{"--chains", "2", "--json", "--overwrite", "--report", file("r.html")});
  const Json result = json.objects("result").at(0);
  EXPECT_EQ(result["sweeps"], 30);
  EXPECT_GT(double(result["r_hat"]["error"]), 0.5);
  EXPECT_NEAR(double(json.objects("epoch").back()["test_rmse"]), double(result["rmse"]), 0.02);
  EXPECT_NE(read_file(file("r.html")).find("\"step\":\"sweep\""), std::string::npos);
  const Outcome hasty = run_tusk({"train", data(), "--model", "bayes", "--sweeps", "8", "--burn-in",
                                  "0", "--factors", "3", "--chains", "2"});
  EXPECT_NE(hasty.err.find("split R-hat is "), std::string::npos) << hasty.err;
}

TEST_F(CliBayesTest, DryRunTellsItsMemory) {
  const Outcome run = run_tusk(Words{"train", data(), "--dry-run", "--json"} + kShortSampling);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json plan = run.objects("plan").at(0);
  EXPECT_GT(plan["parameter_bytes"], 0);
  EXPECT_GT(plan["rating_bytes"], 0);
  EXPECT_TRUE(run.objects("epoch").empty());
}

TEST_F(CliBayesTest, SearchesTakeTheLengthOfChains) {
  const Outcome run = run_tusk(Words{"tune", data(), "--folds", "2", "--grid", "factors=2,3",
                                     "--chains", "2", "--draws", "10", "--json"} +
                               Words{"--model", "bayes", "--sweeps", "12", "--burn-in", "4"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects("trial").size(), 2u);
  const Outcome refused = run_tusk({"tune", data(), "--model", "bayes", "--grid", "factors=2,3",
                                    "--sweeps", "4", "--burn-in", "4"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--burn-in"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace tusk::test
