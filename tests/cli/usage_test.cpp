// Help, usage errors and exit codes.
#include <sstream>

#include "tests/cli/cli_test.hpp"
#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

class UsageTest : public CliTest {};

TEST_F(UsageTest, HelpGoesToStdoutAndShowsExamplesFirst) {
  const Outcome all = run_tusk({"--help"});
  EXPECT_EQ(all.code, 0);
  EXPECT_EQ(all.err, "");
  for (const char* command : {"data stats", "data synth", "train", "evaluate", "cv", "predict",
                              "recommend", "similar", "info", "doctor"}) {
    EXPECT_NE(all.out.find(command), std::string::npos) << command;
    Words words;
    std::istringstream stream(command);
    for (std::string word; stream >> word;) words.push_back(word);
    words.push_back("--help");
    const Outcome one = run_tusk(words);
    EXPECT_EQ(one.code, 0) << command;
    const auto examples = one.out.find(std::string("\n  tusk ") + command);
    EXPECT_LT(examples, one.out.find("Usage:")) << command;
    EXPECT_NE(one.out.find("--json"), std::string::npos);
  }
}

TEST_F(UsageTest, NoCommandIsAUsageErrorWithHelp) {
  const Outcome run = run_tusk({});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("Commands:"), std::string::npos);
}

TEST_F(UsageTest, VersionIsOneLine) {
  const Outcome run = run_tusk({"--version"});
  EXPECT_EQ(run.code, 0);
  EXPECT_TRUE(run.out.starts_with("tusk ")) << run.out;
}

struct ErrorCase {
  const char* name;
  Words words;  // DATA, MODEL and OUT stand for paths
  int code;
  const char* message;  // part of stderr
};

class ErrorTest : public CliTest, public testing::WithParamInterface<ErrorCase> {};

TEST_P(ErrorTest, HasItsExitCodeAndMessageAndLeavesNothing) {
  folder_.write("bad/ratings.csv", "userId,movieId,rating\n1,2,abc\n");
  folder_.write("empty/readme.txt", "x");
  folder_.write("good.csv", "userId,movieId,rating\n1,2,3\n1,3,4\n2,2,5\n");
  folder_.write("other.safetensors", "not a model");
  Words words = GetParam().words;
  const auto names_before = folder_.names();
  for (std::string& word : words) {
    if (word == "DATA") word = data();
    if (word == "MODEL") word = model();
    for (auto at = word.find("DIR/"); at != std::string::npos; at = word.find("DIR/")) {
      word.replace(at, 3, at == 0 ? folder_.path().string() : folder_.path().filename().string());
    }
  }
  const Outcome run = run_tusk(words);
  EXPECT_EQ(run.code, GetParam().code) << run.err;
  EXPECT_NE(run.err.find(GetParam().message), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("error: "), std::string::npos) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(folder_.names(), names_before);
}

INSTANTIATE_TEST_SUITE_P(
    Usage, ErrorTest,
    testing::Values(
        ErrorCase{"UnknownCommand", {"trian", "DATA"}, 2, "did you mean train?"},
        ErrorCase{"HalfACommand", {"data", "stat"}, 2, "did you mean data stats?"},
        ErrorCase{"UnknownCommandWithoutANeighbour", {"xyzzyq"}, 2, "there is no command"},
        ErrorCase{"UnknownFlag", {"train", "DATA", "--facters", "3"}, 2, "did you mean --factors?"},
        ErrorCase{"BegunFlag", {"train", "DATA", "--regu=1"}, 2, "did you mean --regularization?"},
        ErrorCase{"FlagBeforeCommand", {"--json", "train"}, 2, "a command comes before"},
        ErrorCase{"NoData", {"train"}, 2, "DATA is required"},
        ErrorCase{"NoUser", {"predict", "MODEL", "--item", "1"}, 2, "--user is required"},
        ErrorCase{"NotANumber", {"train", "DATA", "--factors", "many"}, 2, "--factors"},
        ErrorCase{"FactorsOutOfRange", {"train", "DATA", "--factors", "0"}, 2, "from 1 to 4096"},
        ErrorCase{"RateNotANumber",
                  {"train", "DATA", "--learning-rate", "nan"},
                  2,
                  "--learning-rate is nan; it must be a number from 0"},
        ErrorCase{"RateNegative", {"train", "DATA", "--learning-rate=-1"}, 2, "a number from 0"},
        ErrorCase{"TooLargeForAnInt", {"train", "DATA", "--epochs", "99999999999"}, 2, "--epochs"},
        ErrorCase{"SeedNegative",
                  {"train", "DATA", "--seed=-3"},
                  2,
                  "--seed is -3; it must be a whole number from 0"},
        ErrorCase{"UnknownModelKind",
                  {"train", "DATA", "--model", "svdpp"},
                  2,
                  "it must be one of mean, bias, mf, popular, user-knn, item-knn, "},
        ErrorCase{"OptionOfAnotherModel",
                  {"train", "DATA", "--model", "bias", "--factors", "3"},
                  2,
                  "an option of --model mf"},
        ErrorCase{"DampingOfAnotherModel",
                  {"train", "DATA", "--item-damping", "3"},
                  2,
                  "--item-damping is an option of --model bias, popular, user-knn"},
        ErrorCase{"UserDampingOfPopular",
                  {"train", "DATA", "--model", "popular", "--user-damping", "3"},
                  2,
                  "an option of --model bias, user-knn"},
        ErrorCase{"UnknownCandidates",
                  {"evaluate", "MODEL", "DATA", "--candidate-policy", "some"},
                  2,
                  "all-unseen, rated-only and sampled:N"},
        ErrorCase{"NegativeTop", {"cv", "DATA", "--top=-1"}, 2, "--top is -1"},
        ErrorCase{"RelevanceNotANumber",
                  {"train", "DATA", "--relevance", "nan"},
                  2,
                  "--relevance is nan"},
        ErrorCase{"NeighboursOfAnotherModel",
                  {"train", "DATA", "-k", "3"},
                  2,
                  "-k is an option of --model user-knn"},
        ErrorCase{"UnknownSimilarity",
                  {"train", "DATA", "--model", "item-knn", "--similarity", "jaccard"},
                  2,
                  "it must be one of cosine, centered-cosine, "},
        ErrorCase{"UnknownCentring",
                  {"train", "DATA", "--model", "user-knn", "--centring", "median"},
                  2,
                  "--centring is median; it must be one of none, mean, "},
        ErrorCase{"UnknownNeighbourPolicy",
                  {"train", "DATA", "--model", "user-knn", "--neighbour-policy", "all"},
                  2,
                  "raters and table"},
        ErrorCase{"NoNeighbours",
                  {"train", "DATA", "--model", "user-knn", "--neighbours", "0"},
                  2,
                  "--neighbours is 0"},
        ErrorCase{"DampingWithoutBaseline",
                  {"train", "DATA", "--model", "user-knn", "--centring", "mean", "--similarity",
                   "msd", "--user-damping", "5"},
                  2,
                  "--user-damping has no effect"},
        ErrorCase{"UnknownSplit", {"train", "DATA", "--split", "half"}, 2, "is not a split"},
        ErrorCase{"OneFold", {"cv", "DATA", "--folds", "1"}, 2, "a number of folds from 2"},
        ErrorCase{"DecayWithoutSchedule", {"train", "DATA", "--decay", "0.9"}, 2, "--schedule"},
        ErrorCase{"ScheduleWithoutDecay", {"train", "DATA", "--schedule", "inverse"}, 2, "--decay"},
        ErrorCase{"UpsideDownScale", {"data", "stats", "DATA", "--scale", "5:1"}, 2, "LOW:HIGH"},
        ErrorCase{"NoFolderForOut",
                  {"train", "DATA", "--out", "/nowhere/at/all/m"},
                  2,
                  "there is no folder"},
        ErrorCase{"OutIsAFolder", {"train", "DATA", "--out", "DIR/empty"}, 2, "is a folder"},
        ErrorCase{"OutIsTheData",
                  {"train", "DIR/good.csv", "--out", "DIR/../DIR/good.csv"},
                  2,
                  "is there; remove it first or give --overwrite"},
        ErrorCase{"OutIsTheDataWithOverwrite",
                  {"train", "DIR/good.csv", "--out", "DIR/../DIR/good.csv", "--overwrite"},
                  2,
                  "is not a model, which --overwrite does not replace"},
        ErrorCase{"OutIsThere", {"train", "DATA", "--out", "MODEL"}, 2, "give --overwrite"},
        ErrorCase{"OutsAreTheSame",
                  {"train", "DATA", "--out", "DIR/new.html", "--report", "DIR/../DIR/new.html"},
                  2,
                  "--out and --report are the same file"},
        ErrorCase{"OutHasTooLongAName",
                  {"train", "DATA", "--out", "DIR/" + std::string(300, 'x')},
                  1,
                  "File name too long"},
        ErrorCase{"OutIsADevice", {"train", "DATA", "--out", "/dev/null"}, 1, "regular file"},
        ErrorCase{"ForNobody",
                  {"recommend", "MODEL"},
                  2,
                  "exactly one of --user, --users, --all, --ratings"},
        ErrorCase{"ForOneAndAll", {"recommend", "MODEL", "--user", "1", "--all"}, 2, "one of"},
        ErrorCase{"ShardZero", {"recommend", "MODEL", "--all", "--shard", "0/3"}, 2, "not i/n"},
        ErrorCase{"ShardBeyond", {"recommend", "MODEL", "--all", "--shard", "4/3"}, 2, "not i/n"},
        ErrorCase{"ShardWord", {"recommend", "MODEL", "--all", "--shard", "half"}, 2, "not i/n"},
        ErrorCase{"ShardOfOne",
                  {"recommend", "MODEL", "--user", "1", "--shard", "1/2"},
                  2,
                  "--shard has no effect without --users or --all"},
        ErrorCase{"SeenBothWays",
                  {"recommend", "MODEL", "--all", "--exclude-seen", "--include-seen"},
                  2,
                  "contradict"},
        ErrorCase{"RankedByNothing",
                  {"recommend", "MODEL", "--all", "--rank-by", "mood"},
                  2,
                  "\"mood\" is not an order of lists"},
        ErrorCase{"SumsWithoutNeighbours",
                  {"recommend", "MODEL", "--all", "--rank-by", "sum"},
                  2,
                  "has no neighbours"},
        ErrorCase{"SumsOfAModelToTrain",
                  {"train", "DATA", "--rank-by", "sum"},
                  2,
                  "an mf model has no neighbours"},
        ErrorCase{"PriorOfNoNumber",
                  {"evaluate", "MODEL", "DATA", "--support-prior", "much"},
                  2,
                  "is no support prior"},
        ErrorCase{"PriorNegative",
                  {"evaluate", "MODEL", "DATA", "--support-prior=-3"},
                  2,
                  "--support-prior is -3"},
        ErrorCase{"WeightShrinkageNegative",
                  {"train", "DATA", "--model", "item-knn", "--weight-shrinkage=-1"},
                  2,
                  "--weight-shrinkage is -1"},
        ErrorCase{"TableOfNoKind",
                  {"recommend", "MODEL", "--all", "--out", "DIR/recs.xlsx"},
                  2,
                  "must end in .tsv, .csv, .jsonl or .run"},
        ErrorCase{
            "MemoryOfNoSize", {"recommend", "MODEL", "--all", "--memory", "much"}, 2, "--memory"},
        ErrorCase{"MemoryNegative",
                  {"recommend", "MODEL", "--all", "--memory=-3"},
                  2,
                  "--memory is -3; it must be a size such as 512M"},
        ErrorCase{"MemoryOfNoUnit",
                  {"recommend", "MODEL", "--all", "--memory", "1q"},
                  2,
                  "--memory is 1q; it must be a size such as 512M"},
        ErrorCase{"TooFewRatings",
                  {"recommend", "MODEL", "--all", "--min-ratings=-1"},
                  2,
                  "--min-ratings"},
        ErrorCase{"EmptyValue", {"train", "DATA", "--out", ""}, 2, "--out is given an empty value"},
        ErrorCase{"GivenTwice", {"info", "MODEL", "MODEL"}, 2, "one argument too many"},
        ErrorCase{"OptionGivenTwice",
                  {"train", "DATA", "--seed", "1", "--seed", "2"},
                  2,
                  "--seed is given more than once"},
        ErrorCase{"NoValue", {"train", "DATA", "--out"}, 2, "--out needs a value"},
        ErrorCase{"BiasRateWithoutBiases",
                  {"train", "DATA", "--no-bias", "--bias-learning-rate", "0.1"},
                  2,
                  "no effect with --no-bias"},
        ErrorCase{"HoldoutWithoutEarlyStop",
                  {"train", "DATA", "--epochs", "3", "--holdout", "0.2"},
                  2,
                  "no effect without --early-stop"},
        ErrorCase{"ColumnTwice",
                  {"data", "stats", "DATA", "--columns", "1,2,1"},
                  2,
                  "names column 1 twice"},
        ErrorCase{"TwinOverData",
                  {"data", "synth", "--like", "ml-100k", "--out", "DIR/bad"},
                  2,
                  "has a ratings.csv already"},
        ErrorCase{"UnknownTwin",
                  {"data", "synth", "--like", "ml-1b", "--out", "DIR/x"},
                  2,
                  "ml-100k, ml-1m"},
        ErrorCase{"HalfPrecisionOnTheCpu",
                  {"train", "DATA", "--device", "cpu", "--precision", "fp16"},
                  2,
                  "needs a GPU"},
        ErrorCase{"MemoryOfAModelWithoutAPlan",
                  {"train", "DATA", "--model", "bias", "--dry-run"},
                  2,
                  "training a bias model takes cannot be told beforehand"},
        ErrorCase{"UnknownDevice", {"train", "DATA", "--device", "tpu"}, 2, "is not a device"},
        ErrorCase{"NoSuchData", {"train", "DIR/nothing", "--out", "DIR/m"}, 3, "no such file"},
        ErrorCase{"FolderWithoutRatings",
                  {"data", "stats", "DIR/empty"},
                  3,
                  "ratings.csv, u.data, ratings.dat"},
        ErrorCase{"BadRow",
                  {"train", "DIR/bad", "--out", "DIR/m"},
                  3,
                  "ratings.csv:2:5: found rating \"abc\""},
        ErrorCase{
            "OffScale", {"data", "stats", "DATA", "--scale", "1:4"}, 3, "a number from 1 to 4"},
        ErrorCase{"NoOfficialFolds", {"cv", "DATA", "--folds", "official"}, 3, "u1.test"},
        ErrorCase{"UnknownUser",
                  {"recommend", "MODEL", "--user", "nobody"},
                  3,
                  "no training ratings in this model"},
        ErrorCase{"NotAModel", {"info", "DIR/other.safetensors"}, 4, "not a usable model file"},
        ErrorCase{"NoSuchModel",
                  {"predict", "DIR/none", "--user", "1", "--item", "1"},
                  4,
                  "No such file"},
        ErrorCase{"Diverged",
                  {"train", "DATA", "--learning-rate", "5", "--out", "DIR/m"},
                  6,
                  "Lower --learning-rate"}),
    [](const auto& test) { return test.param.name; });

TEST_F(UsageTest, CpuKernelsAreChosenShownAndStored) {
  const Json report = run_tusk({"doctor", "--json"}).objects().at(0);
  std::string automatic;
  for (const Json& set : report["cpu_kernel_sets"]) {
    const std::string name = set["name"];
    const Outcome doctor = run_tusk({"doctor", "--json", "--cpu-kernels", name});
    const Outcome run = run_tusk({"train", data(), "--epochs", "2", "--factors", "8",
                                  "--cpu-kernels", name, "--out", file(name)});
    if (!set["usable"]) {
      EXPECT_EQ(doctor.code, 5);
      EXPECT_EQ(run.code, 5);
      EXPECT_NE(run.err.find(name), std::string::npos) << run.err;
      EXPECT_NE(run.err.find(set["needs"].get<std::string>()), std::string::npos) << run.err;
      continue;
    }
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(doctor.objects().at(0)["cpu_kernels"], name);
    const Json info = run_tusk({"info", file(name), "--json"}).objects().at(0);
    EXPECT_EQ(info["metadata"]["cpu_kernels"], set["bits"]);
    if (set["bits"] != "fma") continue;
    // One file, whichever of them trained it.
    if (automatic.empty()) automatic = read_file(file(name));
    EXPECT_EQ(read_file(file(name)), automatic) << name;
  }
  const Outcome unknown = run_tusk({"train", data(), "--cpu-kernels", "sse9"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("sse9"), std::string::npos);
}

TEST_F(UsageTest, DoctorTestsEverySetOfKernels) {
  const Outcome run = run_tusk({"doctor", "--self-test", "--json"});
  EXPECT_EQ(run.code, 0) << run.out;
  const auto objects = run.objects();
  std::set<std::string> tested;
  for (const Json& object : objects) {
    if (object["event"] != "self_test") continue;
    tested.insert(object["name"]);
    EXPECT_TRUE(object["ok"]) << object;
  }
  for (const Json& set : objects.at(0)["cpu_kernel_sets"]) {
    EXPECT_EQ(tested.contains(set["name"]), set["usable"].get<bool>()) << set;
  }
}

TEST_F(UsageTest, CudaThatCannotBeHadIsADeviceErrorThatSaysWhy) {
  const Outcome doctor = run_tusk({"doctor", "--json"});
  ASSERT_EQ(doctor.code, 0);
  const Json report = doctor.objects().at(0);
  if (report["cuda_usable"]) GTEST_SKIP() << "this machine has a usable GPU";
  const Outcome run = run_tusk({"train", data(), "--device", "cuda", "--out", file("m")});
  EXPECT_EQ(run.code, 5);
  EXPECT_NE(run.err.find(report["cuda_reason"].get<std::string>()), std::string::npos);
  // With `auto` it is said once, where there is a GPU or a build for one.
  const Outcome automatic = run_tusk({"train", data(), "--epochs", "1", "--progress", "none"});
  EXPECT_EQ(automatic.code, 0);
  const auto said = automatic.err.find("computing on the CPU: ");
  EXPECT_EQ(said == std::string::npos, report["gpus"].empty() && report["cuda_module"].is_null());
  EXPECT_EQ(automatic.err.find("computing on the CPU: ", said + 1), std::string::npos);
  // Neither is a GPU sought for what only the CPU does.
  const Outcome bias = run_tusk({"train", data(), "--model", "bias", "--progress", "none"});
  EXPECT_EQ(bias.err.find("computing on the CPU"), std::string::npos);
  const Outcome half = run_tusk({"train", data(), "--precision", "fp16"});
  EXPECT_EQ(half.code, 5);
  EXPECT_NE(half.err.find("precision fp16 needs a GPU"), std::string::npos);
}

TEST_F(UsageTest, DivergenceLeavesTheOldModelAlone) {
  const std::string precious = read_file(model());
  const auto old = folder_.write("m.safetensors", precious);
  EXPECT_EQ(
      run_tusk({"train", data(), "--learning-rate", "9", "--out", old.string(), "--overwrite"})
          .code,
      6);
  EXPECT_EQ(read_file(old), precious);
}

// When it is not, write it anew: build/release/tusk help parameters > docs/parameters.md
TEST_F(UsageTest, TheReferenceOfParametersIsThatOfThisProgram) {
  EXPECT_EQ(run_tusk({"help", "parameters"}).out,
            read_file(source_folder() / "docs/parameters.md"));
}

TEST_F(UsageTest, AliasesOfModelsAndParametersAreTaken) {
  const Outcome run = run_tusk({"train", data(), "--model", "svd", "--n_factors", "3", "--lr=0.01",
                                "--n-epochs", "2", "--reg", "0.1", "--out", file("m")});
  EXPECT_EQ(run.code, 0) << run.err;
  const Json model = run_tusk({"info", file("m"), "--json"}).objects().at(0);
  EXPECT_EQ(model["model"], "mf");
  EXPECT_EQ(model["metadata"]["factors"], "3");
  EXPECT_EQ(model["metadata"]["user_learning_rate"], "0.01");
  EXPECT_EQ(model["metadata"]["item_regularization"], "0.1");
  EXPECT_EQ(model["metadata"]["epochs"], "2");
}

TEST_F(UsageTest, HelpOfACommandIsFoundEitherWay) {
  const std::string help = run_tusk({"train", "--help"}).out;
  EXPECT_NE(help, "");
  EXPECT_EQ(run_tusk({"help", "train"}).out, help);
  EXPECT_EQ(run_tusk({"help"}).out, run_tusk({"--help"}).out);
  EXPECT_EQ(run_tusk({"data", "--help"}).code, 0);
}

}  // namespace
}  // namespace tusk::test
