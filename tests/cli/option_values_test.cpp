// Every option that takes a number, in every command, is given numbers that it may not expect.
#include <algorithm>
#include <regex>
#include <sstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

const Words kNumbers = {"0",   "-1",   "1",   "7",   "2147483648", "18446744073709551616",
                        "1e3", "1e39", "nan", "inf", "0x10",       " 7",
                        ""};
// What no option takes for a number.
const Words kNoNumbers = {"1e39", "nan", "inf", "0x10", " 7", ""};
// Options of another type that numbers are written into, each after what stands before the number.
const std::vector<std::pair<std::string, std::string>> kTexts = {{"--memory", ""},
                                                                 {"--shard", "1/"},
                                                                 {"--shard", ""},
                                                                 {"--support-prior", ""},
                                                                 {"--support-prior", "2:"},
                                                                 {"--folds", ""},
                                                                 {"--folds", "time:"},
                                                                 {"--test-fold", ""},
                                                                 {"--candidate-policy", "sampled:"},
                                                                 {"--scale", "0:"},
                                                                 {"--random", ""},
                                                                 {"--grid", "factors="},
                                                                 {"--metric", "ndcg@"},
                                                                 {"--split", "random:"},
                                                                 {"--split", "last:"},
                                                                 {"--split", "kfold:"},
                                                                 {"--device", "cuda:"},
                                                                 {"--split", "users:"},
                                                                 {"--folds", "users:"},
                                                                 {"--top", ""},
                                                                 {"--top", "3,"},
                                                                 {"--seeds", ""},
                                                                 {"--seeds", "3.."}};

struct CommandCase {
  const char* name;  // with _ for a space
  Words words;       // DATA, MODEL, its OWN data and OUT stand for paths
};

class OptionValuesTest : public CliTest, public testing::WithParamInterface<CommandCase> {
 protected:
  // A training that takes no time, and what makes options take effect.
  RunOptions settings_{.environment = {{"TUSK_EPOCHS", "1"},
                                       {"TUSK_FACTORS", "2"},
                                       {"TUSK_EARLY_STOP", "1"},
                                       {"TUSK_SCHEDULE", "inverse"},
                                       {"TUSK_DECAY", "0.5"},
                                       {"TUSK_THREADS", "1"},
                                       {"TUSK_QUIET", "true"},
                                       {"TUSK_RANDOM", "1"},
                                       {"TUSK_MODELS", "mf,item-knn,bias"},
                                       {"TUSK_TOP", "3"}}};

  std::string command() const {
    std::string name = GetParam().name;
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
  }

  Words words(const std::string& command) const {
    std::istringstream stream(command);
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
  }

  // Of the model that has the option, where the command trains one.
  Outcome run_with(const std::string& argument) {
    Words all = words(command());
    for (const std::string& word : GetParam().words) {
      all.push_back(word == "DATA"    ? tiny_data()
                    : word == "OWN"   ? data()
                    : word == "MODEL" ? model()
                    : word == "OUT"   ? file("out" + std::to_string(++outputs_))
                                      : word);
    }
    all.push_back(argument);
    const Outcome run = run_tusk(all, settings_);
    std::smatch found;
    if (!std::regex_search(run.err, found, std::regex("is an option of --model ([a-z-]+)"))) {
      return run;
    }
    RunOptions other = settings_;
    other.environment["TUSK_MODEL"] = found[1];
    return run_tusk(all, other);
  }

  void expect_done_or_refused(const std::string& option, const std::string& value) {
    const std::string argument = option + "=" + value;
    const Outcome run = run_with(argument);
    const bool known = std::set<int>{0, 2, 3, 4, 5, 6}.contains(run.code);
    EXPECT_TRUE(known) << command() << ' ' << argument << " ends with " << run.code << run.err;
  }

  const std::string& tiny_data() {
    static const TempFolder folder;
    static const std::string path = [] {
      std::ostringstream text;
      text << "user,item,rating,time\n";
      for (int u = 0; u < 12; ++u) {
        for (int i = u % 2; i < 10; i += 2) {
          text << u << ',' << i << ',' << 1 + (u * 3 + i) % 5 << ',' << u + i << '\n';
        }
      }
      return folder.write("ratings.csv", text.str()).string();
    }();
    return path;
  }

  int outputs_ = 0;
};

TEST_P(OptionValuesTest, AreTakenOrRefusedByName) {
  const Outcome help = run_tusk([&] {
    Words all = words(command());
    all.push_back("--help");
    return all;
  }());
  const std::regex with_value("^  (?:-.,)?(--[a-z-]+)(?:,--[a-z-]+)* ([A-Z]+)");
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_search(line, found, with_value)) continue;
    const std::string option = found[1];
    if (found[2] == "TEXT") {
      for (const auto& [name, before] : kTexts) {
        if (name != option) continue;
        for (const std::string& value : kNumbers) expect_done_or_refused(option, before + value);
      }
      continue;
    }
    for (const std::string& value : kNumbers) {
      if (std::find(kNoNumbers.begin(), kNoNumbers.end(), value) == kNoNumbers.end()) {
        expect_done_or_refused(option, value);
        continue;
      }
      const Outcome run = run_with(option + "=" + value);
      EXPECT_EQ(run.code, 2) << command() << ' ' << option << '=' << value << ": " << run.err;
      const char* const refused = value.empty() ? " needs a value" : " is ";
      EXPECT_NE(run.err.find("error: " + option + refused), std::string::npos) << run.err;
    }
  }
}

const std::vector<CommandCase> kCommands = {
    {"chat", {"MODEL"}},
    {"compare", {"DATA"}},
    {"cv", {"DATA"}},
    {"data_split", {"DATA", "--folds", "2", "--out", "OUT"}},
    {"data_stats", {"DATA"}},
    {"data_synth", {"--like", "ml-100k", "--out", "OUT"}},
    {"doctor", {}},
    {"evaluate", {"MODEL", "OWN"}},
    {"export", {"MODEL", "--to", "OUT"}},
    {"info", {"MODEL"}},
    {"predict", {"MODEL", "--user", "1", "--item", "1"}},
    {"rate", {"MODEL", "--list"}},
    {"recommend", {"MODEL", "--all"}},
    {"serve", {"OWN"}},  // no model, or it would not end
    {"similar", {"MODEL", "--item", "1"}},
    {"train", {"DATA"}},
    {"tune", {"DATA"}},
    {"update", {"MODEL", "DATA", "--out", "OUT"}}};

INSTANTIATE_TEST_SUITE_P(Commands, OptionValuesTest, testing::ValuesIn(kCommands),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(OptionValues, AreTriedInEveryCommand) {
  const Outcome help = run_tusk({"--help"});
  const auto begin = help.out.find("Commands:\n");
  std::istringstream lines(help.out.substr(begin + 10, help.out.find("\n\n", begin) - begin - 10));
  for (std::string line; std::getline(lines, line);) {
    std::string name = line.substr(2, line.find("  ", 2) - 2);
    std::replace(name.begin(), name.end(), ' ', '_');
    EXPECT_TRUE(std::any_of(kCommands.begin(), kCommands.end(), [&](const CommandCase& c) {
      return name == c.name;
    })) << name;
  }
}

class RefusedOptionsTest : public CliTest {
 protected:
  void refused(const Words& words, const std::string& message) const {
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 2) << words.back();
    EXPECT_NE(run.err.find("error: " + message), std::string::npos) << run.err;
  }
};

TEST_F(RefusedOptionsTest, AreNamedAsTheyWereTyped) {
  refused({"train", data(), "--n_factors", "0"}, "--n-factors is 0; it must be");
  refused({"train", data(), "--decay", "0.5", "--lr", "0.1"}, "--decay needs --schedule");
  refused({"train", data(), "--lr", "2", "--reg", "2"},
          "--lr times --reg is 4; it must be below 1");
  refused({"train", data(), "--on-bad", "ignore"},
          "--on-bad is ignore; it must be one of error and skip");
}

TEST_F(RefusedOptionsTest, AreNamedWithDashesInMessagesOfModels) {
  const auto untitled = folder_.write("r.csv", "user,item,rating\n1,1,3\n1,2,4\n2,1,5\n").string();
  const Outcome run = run_tusk({"train", untitled, "--model", "content"});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("give --titles or --embeddings"), std::string::npos) << run.err;
  refused({"train", data(), "--model", "hybrid", "--collaborative", "item-knn", "--content-weight",
           "0", "--collaborative-weight", "0"},
          "--content-weight and --collaborative-weight are both 0");
}

TEST_F(RefusedOptionsTest, HaveNoEffect) {
  const Words user = {"recommend", model(), "--user", "1"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  refused({"recommend", model(), "--all", "--raw-cells"},
          "--raw-cells has no effect without --out");
  refused({"tune", data(), "--raw-cells"}, "--raw-cells has no effect without --csv");
  refused({"export", model(), "--to", file("x"), "--format", "npy", "--raw-cells"},
          "--raw-cells has no effect with --format npy");
  refused(with(user, {"--on-unknown", "skip"}),
          "--on-unknown skip has no effect without --users or --candidates");
  refused({"recommend", model(), "--all", "--on-unknown", "popular"},
          "--on-unknown popular has no effect without --users or --user");
  refused(with(user, {"--memory", "1G"}), "--memory has no effect without --users or --all");
  EXPECT_EQ(run_tusk(with(user, {"--on-unknown", "error"})).code, 0);
  EXPECT_TRUE(folder_.names().empty());
}

}  // namespace
}  // namespace tusk::test
