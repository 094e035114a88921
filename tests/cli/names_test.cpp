// Names of options, models and commands: aliases, opposites, two names at once, and what is
// suggested in place of a wrong one.
#include <fstream>
#include <map>

#include <tusk/train_options.hpp>

#include "tests/cli/tune_fixture.hpp"

namespace tusk::test {
namespace {

class NamesTest : public TuneTest {
 protected:
  // What train says of the options, with as little work as there is.
  Outcome train(Words words, const RunOptions& options = {}) const {
    words.insert(words.begin(),
                 {"train", data(), "--quiet", "--epochs", "1", "--out", file("m"), "--overwrite"});
    return run_tusk(words, options);
  }
  Outcome train_with(const std::string& toml) const {
    const auto config = folder_.write("c.toml", toml).string();
    return train({"--config", config});
  }
  Outcome train_in(const std::map<std::string, std::string>& environment) const {
    RunOptions options;
    options.environment = environment;
    return train({}, options);
  }
  Json metadata() const {
    return run_tusk({"info", file("m"), "--json"}).objects().at(0)["metadata"];
  }

  static void expect_usage_error(const Outcome& run, const std::string& message) {
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
  }
};

std::string value_of(const Parameter& parameter) {
  switch (parameter.type) {
    case Parameter::Type::flag:
      return "true";
    case Parameter::Type::whole:
      return "2";
    case Parameter::Type::number:
      return "0.01";
    case Parameter::Type::text:
      return "8";  // the outputs of a hidden layer
    case Parameter::Type::choice:
      break;
  }
  return parameter.choices.front();
}

// The kind of hybrid in which a parameter has an effect; "" if that is the usual one.
std::string hybrid_with(const Parameter& parameter) {
  const std::string& name = parameter.name;
  const bool works = !parameter.idle || parameter.idle(TrainOptions("hybrid").values()).empty();
  if (works || find_algorithm("ials").find(name) != nullptr) return "";
  return find_algorithm("mf").find(name) != nullptr ? "mf" : "item-knn";
}

// Of every model and every name of every parameter that a search may set.
TEST_F(NamesTest, WhatTuneWritesIsReadByTrain) {
  for (const AlgorithmInfo* model : algorithms()) {
    for (const Parameter& parameter : model->parameters) {
      if (!parameter.searchable) continue;
      const bool is_hybrid = model->name == "hybrid";
      const std::string hybrid = is_hybrid ? hybrid_with(parameter) : "";
      std::vector<std::string> names = parameter.aliases;
      names.push_back(parameter.option());
      names.push_back(parameter.name);
      for (const std::string& name : names) {
        const char* const top = model->capabilities.only_ranks ? "3" : "0";  // lists to judge
        Words words = {"--model", model->name, "--grid", name + "=" + value_of(parameter),
                       "--folds", "2",         "--top",  top};
        for (const auto& [other, value] : {std::pair{"factors", "2"}, std::pair{"epochs", "1"},
                                           std::pair{"sweeps", "9"}, std::pair{"burn-in", "1"}}) {
          if (model->find(other) == nullptr || parameter.name == other) continue;
          if (hybrid == "item-knn") continue;  // without mf
          words.insert(words.end(), {std::string("--") + other, value});
        }
        if (!hybrid.empty()) words.insert(words.end(), {"--collaborative", hybrid});
        if (name == "asymmetry") words.insert(words.end(), {"--similarity", "cosine"});
        if (parameter.idle && model->find("optimizer") != nullptr &&
            (parameter.name == "weight-decay" || parameter.name == "batch-size")) {
          words.insert(words.end(), {"--optimizer", "adam"});
        }
        if (name == "cg-steps") words.insert(words.end(), {"--solver", "cg"});
        if (name == "decay") words.insert(words.end(), {"--schedule", "exponential"});
        words.insert(words.end(), {"--config-out", file("b.toml"), "--overwrite"});
        const Outcome run = tune(words);
        ASSERT_EQ(run.code, 0) << model->name << ' ' << name << ' ' << run.err;
        const std::string config = read_file(file("b.toml"));
        if (parameter.name != "early-stop") {  // epochs stand in its place
          EXPECT_NE(config.find("\n" + parameter.option() + " = "), std::string::npos) << config;
        }
        if (name != parameter.name) continue;  // the file is the same for all of its names
        const Outcome trained = run_tusk({"train", data(), "--config", file("b.toml"), "--quiet"});
        EXPECT_EQ(trained.code, 0) << config << trained.err;
      }
    }
  }
}

TEST_F(NamesTest, TheOppositeOfAFlagIsTakenWhereverItIs) {
  const auto expect_biased = [&](const Outcome& run, const char* biased) {
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(metadata()["biased"], biased);
  };
  expect_biased(train({"--biased=false"}), "false");
  expect_biased(train({"--biased"}), "true");
  expect_biased(train({"--no-bias"}), "false");
  expect_biased(train_with("biased = false\n"), "false");
  expect_biased(train_with("biased = true\n"), "true");
  expect_biased(train_with("no_bias = true\n"), "false");
  expect_biased(train_in({{"TUSK_BIASED", "false"}}), "false");
  expect_biased(train_in({{"TUSK_NO_BIAS", "false"}}), "true");
  const Outcome run = tune({"--grid", "biased=false", "--factors", "2", "--epochs", "1", "--folds",
                            "2", "--config-out", file("b.toml")});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(read_file(file("b.toml")).find("no-bias = true"), std::string::npos);
}

TEST_F(NamesTest, TwoNamesOfOneOptionAreRefused) {
  const std::string both = " are names of one option";
  expect_usage_error(train({"--lr", "0.01", "--learning-rate=0.02"}),
                     "--lr and --learning-rate" + both);
  expect_usage_error(train({"--no-bias", "--biased"}), "--no-bias and --biased" + both);
  expect_usage_error(train({"-k", "3", "--neighbours", "4"}), "-k and --neighbours" + both);
  expect_usage_error(train_with("n_factors = 3\nfactors = 4\n"), "factors and n_factors" + both);
  expect_usage_error(train_with("[train]\nlr = 0.1\nlr_all = 0.2\n"), "lr and lr_all" + both);
  expect_usage_error(train_with("model = 'item-knn'\nk = 3\nneighbours = 4\n"),
                     "c.toml:3: k and neighbours" + both);
  expect_usage_error(train_with("init_std = 0.1\ninit-std = 0.2\n"), both);
  expect_usage_error(train_in({{"TUSK_N_FACTORS", "3"}, {"TUSK_RANK", "4"}}),
                     "in the environment TUSK_N_FACTORS and TUSK_RANK" + both);
  expect_refused({"--grid", "lr=0.1,0.2", "--grid", "learning_rate=0.1"},
                 "learning-rate is searched twice");
  expect_refused({"--grid", "lr=0.1,0.2", "--learning-rate", "0.1"}, "both given and searched");
  expect_refused({"--grid", "biased=true", "--grid", "no-bias=true"}, "no-bias is searched twice");
}

// As it is with one name: command line, environment, the command's table, the top of the file.
TEST_F(NamesTest, AnotherNameChangesNoPrecedence) {
  const auto config =
      folder_.write("c.toml", "factors = 2\nlr = 0.1\n[train]\nn_factors = 3\n").string();
  RunOptions options;
  ASSERT_EQ(train({"--config", config}).code, 0);
  EXPECT_EQ(metadata()["factors"], "3");
  EXPECT_EQ(metadata()["user_learning_rate"], "0.1");
  for (const char* variable : {"TUSK_LR", "TUSK_LEARNING_RATE", "TUSK_LR_ALL"}) {
    options.environment = {{variable, "0.02"}};
    ASSERT_EQ(train({"--config", config}, options).code, 0);
    EXPECT_EQ(metadata()["user_learning_rate"], "0.02") << variable;
  }
  ASSERT_EQ(train({"--config", config, "--lr-all", "0.03"}, options).code, 0);
  EXPECT_EQ(metadata()["user_learning_rate"], "0.03");
}

TEST_F(NamesTest, NamesOfOtherProgramsAreTaken) {
  const Outcome run = train({"--model", "SVD", "--rank", "3"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(metadata()["factors"], "3");
  const Outcome knn = run_tusk({"train", data(), "--model", "Item-KNN", "--k", "7", "--min_k", "2",
                                "--out", file("knn"), "--quiet"});
  ASSERT_EQ(knn.code, 0) << knn.err;
  const Json of_knn = run_tusk({"info", file("knn"), "--json"}).objects().at(0)["metadata"];
  EXPECT_EQ(of_knn["neighbours"], "7");
  EXPECT_EQ(of_knn["min_neighbours"], "2");
}

TEST_F(NamesTest, OfModelsAndValuesMayHaveCapitalsAndUnderscores) {
  const Outcome knn = run_tusk({"train", data(), "--model", "Item_KNN", "--similarity",
                                "Centered_Cosine", "--split", "Random:0.1", "--on-bad", "SKIP",
                                "--device", "CPU", "--out", file("m"), "--quiet"});
  ASSERT_EQ(knn.code, 0) << knn.err;
  EXPECT_EQ(metadata()["similarity"], "centered-cosine");
  EXPECT_EQ(run_tusk({"evaluate", file("m"), data(), "--ratings", "Unseen", "--rank-by", "SUM",
                      "--candidate-policy", "Rated_Only"})
                .code,
            0);
}

TEST_F(NamesTest, LengthsOfListsAreKEverywhere) {
  const Words list = {"recommend", model(), "--user", "1", "--json"};
  const auto rows = [&](const RunOptions& options) {
    return run_tusk(list, options).objects("recommendation").size();
  };
  RunOptions options;
  options.environment = {{"TUSK_K", "3"}};
  EXPECT_EQ(rows(options), 3u);
  options.environment = {{"TUSK_CONFIG", folder_.write("c.toml", "k = 4\n").string()}};
  EXPECT_EQ(rows(options), 4u);
  const Outcome judged = run_tusk({"evaluate", model(), data(), "--k", "5", "--json"});
  EXPECT_EQ(judged.objects("result").at(0)["ranking"]["k"], 5) << judged.err;
}

TEST_F(NamesTest, HalfOfACommandListsItsOtherHalves) {
  const Outcome run = run_tusk({"data"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("  data split"), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("  train"), std::string::npos) << run.err;
  EXPECT_EQ(run_tusk({"data", "--help"}).out, run.err);
}

TEST_F(NamesTest, AWrongNameIsAnsweredWithTheRightOne) {
  const auto says = [&](const Words& words, const std::string& message) {
    expect_usage_error(run_tusk(words), message);
  };
  says({"train", data(), "--model", "bais"}, "\"bais\" is not a model (did you mean bias?)");
  says({"compare", data(), "--models", "mf,itemknn"}, "(did you mean item-knn?)");
  says({"recommend", model(), "--user", "1", "--top", "3"}, "--top (did you mean --count?)");
  says({"evaluate", model(), data(), "--count", "3"}, "--count (did you mean --top?)");
  says({"train", data(), "--Factors", "3"}, "(did you mean --factors?)");
  says({"parameters"}, "(did you mean help parameters?)");
  const std::string page = run_tusk({"help", "parameters"}).out;
  EXPECT_EQ(run_tusk({"help", "params"}).out, page);
  EXPECT_NE(page.find("# Parameters"), std::string::npos);
}

TEST_F(NamesTest, ModelsHaveTheirArticle) {
  expect_usage_error(run_tusk({"train", data(), "--model", "item-knn", "--dry-run"}),
                     "an item-knn model");
  expect_usage_error(run_tusk({"train", data(), "--rank-by", "sum"}), "an mf model");
}

TEST_F(NamesTest, CpuKernelsThatMayBeChosenAreListed) {
  const std::string help = run_tusk({"train", "--help"}).out;
  const std::string refused = run_tusk({"train", data(), "--cpu-kernels", "sse9"}).err;
  const Json doctor = run_tusk({"doctor", "--json"}).objects().at(0);
  for (const Json& set : doctor["cpu_kernel_sets"]) {
    const std::string name = set["name"];
    EXPECT_NE(help.find(name), std::string::npos) << name;
    EXPECT_EQ(refused.find(name) != std::string::npos, set["usable"].get<bool>()) << refused;
  }
}

}  // namespace
}  // namespace tusk::test
