// Flag, environment, config file, default: the first that is there counts.
#include <sstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class SettingsTest : public CliTest {};

int epochs_of(const Outcome& run) {
  const auto results = run.objects("result");
  return results.empty() ? -1 : results[0]["epochs"].get<int>();
}

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsConfigFile) {
  const auto config = folder_.write("c.toml", "epochs = 2\nfactors = 4\n").string();
  const Words train = {"train", data(), "--json", "--quiet", "--config", config};
  EXPECT_EQ(epochs_of(run_tusk(train)), 2);
  RunOptions environment;
  environment.environment = {{"TUSK_EPOCHS", "3"}};
  EXPECT_EQ(epochs_of(run_tusk(train, environment)), 3);
  Words with_flag = train;
  with_flag.insert(with_flag.end(), {"--epochs", "4"});
  EXPECT_EQ(epochs_of(run_tusk(with_flag, environment)), 4);
}

TEST_F(SettingsTest, ConfigTablesBelongToTheirCommands) {
  const auto config = folder_
                          .write("c.toml",
                                 "epochs = 2\nquiet = true\n"
                                 "[train]\nepochs = 3\nlearning_rate = 0.01\n"
                                 "[cv]\nfolds = 4\n[data.stats]\nscale = \"0:9\"\n")
                          .string();
  const Outcome train = run_tusk({"train", data(), "--json", "--factors", "4", "--config", config});
  EXPECT_EQ(epochs_of(train), 3) << train.err;
  EXPECT_EQ(train.err, "");
  EXPECT_FLOAT_EQ(train.objects("epoch").at(0)["learning_rate"].get<float>(), 0.01f);
  const Outcome cv = run_tusk({"cv", data(), "--json", "--factors", "4", "--config", config});
  EXPECT_EQ(cv.objects("fold").size(), 4u) << cv.err;
  const Outcome stats = run_tusk({"data", "stats", data(), "--json", "--config", config});
  EXPECT_EQ(stats.objects().at(0)["scale"], Json({0, 9}));
}

struct ConfigCase {
  const char* name;
  const char* text;
  const char* message;
};

class ConfigTest : public CliTest, public testing::WithParamInterface<ConfigCase> {};

TEST_P(ConfigTest, IsRefusedWithItsLine) {
  const auto config = folder_.write("c.toml", GetParam().text).string();
  const Outcome run = run_tusk({"train", data(), "--config", config, "--out", file("m")});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find(GetParam().message), std::string::npos) << run.err;
  EXPECT_EQ(folder_.names(), Words{"c.toml"});
}

INSTANTIATE_TEST_SUITE_P(
    Files, ConfigTest,
    testing::Values(ConfigCase{"UnknownKey", "\nfacters = 3\n",
                               "c.toml:2: there is no option \"facters\" (did "
                               "you mean factors?)"},
                    ConfigCase{"UnknownTable", "[trian]\nfactors = 3\n", "did you mean train?"},
                    ConfigCase{"KeyOfAnotherCommand", "[train]\nfolds = 3\n",
                               "no option \"folds\" of tusk train"},
                    ConfigCase{"BadValue", "factors = \"many\"\n", "c.toml:1"},
                    ConfigCase{"OutOfRange", "factors = 0\n", "--factors is 0"},
                    ConfigCase{"AliasOutOfRange", "\nrank = 0\n", "c.toml:2: --rank is 0"},
                    ConfigCase{"TwoNamesOfOneOption", "\nlr = 1\nlearning_rate = 1\n",
                               "c.toml:2: learning-rate and lr are names of one option"},
                    ConfigCase{"EmptyList", "factors = []\n", "c.toml:1: the list is empty"},
                    ConfigCase{"EmptyText", "scale = ''\n", "--scale is given an empty value"},
                    ConfigCase{"NotToml", "factors = = 3\n", "c.toml:1"},
                    ConfigCase{"NoFlag", "quiet = 'maybe'\n", "it must be true or false"},
                    ConfigCase{"Date", "factors = 2020-01-01\n", "is expected"}),
    [](const auto& test) { return test.param.name; });

TEST_F(SettingsTest, RequiredOptionsMayComeFromTheEnvironmentAndAFile) {
  const Words predict = {"predict", model(), "--user", "1", "--json"};
  RunOptions options;
  options.environment = {{"TUSK_ITEM", "1"}};
  EXPECT_EQ(run_tusk(predict, options).code, 0);
  options.environment = {
      {"TUSK_CONFIG", folder_.write("c.toml", "[predict]\nitem = 1\n").string()}};
  EXPECT_EQ(run_tusk(predict, options).code, 0);
  EXPECT_EQ(run_tusk(predict).code, 2);
}

TEST_F(SettingsTest, OptionsAreCheckedBesideThoseOfTheEnvironmentAndTheFile) {
  const auto config = folder_.write("c.toml", "model = 'bias'\nfactors = 3\n").string();
  const Words bias = {"train", data(), "--config", config};
  Words words = bias;
  words.insert(words.end(), {"--user-damping", "5"});
  EXPECT_EQ(run_tusk(words).code, 0);
  words = bias;
  words.insert(words.end(), {"--factors", "5"});
  EXPECT_EQ(run_tusk(words).code, 2);
  RunOptions options;
  options.environment = {{"TUSK_EARLY_STOP", "3"}};
  words = {"train", data(), "--epochs", "20", "--factors", "4", "--holdout", "0.1"};
  EXPECT_EQ(run_tusk(words, options).code, 0);
  EXPECT_EQ(run_tusk(words).code, 2);
}

TEST_F(SettingsTest, AFolderIsNoConfigFile) {
  const Outcome run = run_tusk({"train", data(), "--config", folder_.path().string()});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("Is a directory"), std::string::npos) << run.err;
}

TEST_F(SettingsTest, AMissingConfigFileIsAUsageError) {
  const Outcome run = run_tusk({"train", data(), "--config", file("none.toml")});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("none.toml"), std::string::npos);
}

TEST_F(SettingsTest, DeepOrLargeConfigFilesAreRefused) {
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int t = 0; t < times; ++t) all += text;
    return all;
  };
  const Words deep = {"\nfactors = " + repeated("[", 100'000),
                      "factors = " + repeated("{a=", 100'000),
                      "[a" + repeated(".a", 100'000) + "]\n",
                      "\"a\"" + repeated(".'a'", 100'000) + "=1\n",
                      "factors = '[' # [\nout = \"\"\"\n]\"\"\"\n" + repeated("[", 100'000),
                      "seed = {a='''x'''', c" + repeated(".c", 100'000) + "=1}\n",
                      "seed = {a=\"\"\"x\"\"\"\"\", c" + repeated(".c", 100'000) + "=1}\n"};
  for (const std::string& text : deep) {
    const auto config = folder_.write("c.toml", text).string();
    const Outcome run = run_tusk({"train", data(), "--config", config});
    EXPECT_EQ(run.code, 2) << text.substr(0, 20);
    EXPECT_NE(run.err.find(": it is nested too deep"), std::string::npos) << run.err.substr(0, 200);
  }
  const auto brackets = folder_.write(
      "c.toml", "# " + repeated("[", 100) + "\nmodel = '" + repeated("[", 30) + "'\nepochs = 1\n");
  const Outcome text = run_tusk({"train", data(), "--config", brackets.string()});
  EXPECT_EQ(text.err.find("nested"), std::string::npos) << text.err;

  const auto large = folder_.write("c.toml", "model = '" + std::string(2'000'000, 'x') + "'\n");
  const Outcome run = run_tusk({"train", data(), "--config", large.string()});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("it has more than 1.0 MB"), std::string::npos) << run.err.substr(0, 200);
}

TEST_F(SettingsTest, LongValuesAreNotEchoed) {
  const std::string line(500'000, 'x');
  for (const char* option :
       {"model",         "factors",   "learning-rate", "header",    "scale",
        "split",         "seed",      "columns",       "delimiter", "device",
        "quiet",         "threads",   "top",           "relevance", "candidate-policy",
        "support-prior", "rank-by",   "similarity",    "centring",  "neighbour-policy",
        "schedule",      "precision", "progress",      "after-stop"}) {
    const auto config = folder_.write("c.toml", std::string(option) + " = '" + line + "'\n");
    const Outcome run = run_tusk({"train", data(), "--epochs", "1", "--config", config.string()});
    EXPECT_LT(run.err.size(), 600u) << option << ": " << run.err.substr(0, 100);
  }
  const auto key = folder_.write("c.toml", line + " = 1\n[" + line + "]\n");
  EXPECT_LT(run_tusk({"train", data(), "--config", key.string()}).err.size(), 600u);
  const std::string word(20'000, 'x');
  for (const Words& words : {Words{word},
                             Words{"train", "--" + word},
                             Words{"train", data(), word},
                             Words{"train", data(), "--factors", word},
                             Words{"data", word},
                             Words{"recommend", model(), "--user", word},
                             Words{"predict", model(), "--user", word, "--item", "1"},
                             Words{"similar", model(), "--item", word},
                             Words{"similar", model(), "--title", word},
                             Words{"recommend", model(), "--all", "--shard", word},
                             Words{"recommend", model(), "--all", "--memory", word},
                             Words{"recommend", model(), "--all", "--genre", word},
                             Words{"cv", data(), "--folds", word},
                             Words{"tune", data(), "--test-fold", word},
                             Words{"tune", data(), "--metric", word},
                             Words{"tune", data(), "--random", word},
                             Words{"tune", data(), "--grid", word},
                             Words{"tune", data(), "--grid", "factors=" + word},
                             Words{"compare", data(), "--models", word},
                             Words{"data", "synth", "--like", word, "--out", file("x")}}) {
    EXPECT_LT(run_tusk(words).err.size(), 1000u) << words[0] << ' ' << words.back().substr(0, 10);
  }
}

TEST_F(SettingsTest, AVariableThatNoOptionHasIsRefused) {
  RunOptions options;
  options.environment = {{"TUSK_FACTOR", "8"}};
  const Outcome run = run_tusk({"train", data()}, options);
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(
      run.err.find("variable TUSK_FACTOR: there is no such option (did you mean TUSK_FACTORS?)"),
      std::string::npos)
      << run.err;
  options.environment = {{"TUSK_Epochs", "8"}};
  EXPECT_EQ(run_tusk({"info", model()}, options).code, 2);
}

TEST_F(SettingsTest, VariablesOfOtherCommandsAndOfOtherProgramsAreFine) {
  RunOptions options;
  options.environment = {{"TUSK_FACTORS", "8"},   {"TUSK_FOLDS", "3"},      {"TUSK_DATA", "x"},
                         {"TUSK_TEST_DATA", "x"}, {"TUSK_BENCH_DATA", "x"}, {"TUSKER", "x"}};
  EXPECT_EQ(run_tusk({"info", model()}, options).code, 0);
}

TEST_F(SettingsTest, ABadEnvironmentValueNamesItsVariable) {
  RunOptions options;
  options.environment = {{"TUSK_FACTORS", "many"}};
  const Outcome run = run_tusk({"train", data()}, options);
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("TUSK_FACTORS"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace tusk::test
