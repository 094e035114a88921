// The options of a model in its file.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

// A value that is not the default.
ParameterValue other_value(const Parameter& parameter, const TrainOptions& options) {
  const auto usual = options.get(parameter.name);
  switch (parameter.type) {
    case Parameter::Type::flag:
      return !std::get<bool>(usual.value());
    case Parameter::Type::whole:
      return std::int64_t{usual == ParameterValue(std::int64_t{3}) ? 4 : 3};
    case Parameter::Type::number:
      return 0.0123;
    case Parameter::Type::choice:
    case Parameter::Type::text:
      break;
  }
  const bool first = usual == ParameterValue(parameter.choices.front());
  return first ? parameter.choices.back() : parameter.choices.front();
}

Model saved_and_loaded(const Model& model) {
  const test::TempFolder folder;
  save_model(model, folder.path() / "m");
  return load_model(folder.path() / "m");
}

class OptionsInFiles : public testing::Test {
 protected:
  std::optional<TrainOptions> after(const TrainOptions& options) {
    return saved_and_loaded(train(*device_, data_, options)).options();
  }

  const Dataset data_ = test::random_dataset(12, 9, 70, 3);
  std::unique_ptr<Device> device_ = open_device({"cpu", 1});
};

TEST_F(OptionsInFiles, OfEveryModelAndParameterAreReadBack) {
  for (const AlgorithmInfo* model : algorithms()) {
    TrainOptions usual(model->name);
    usual.seed = 12'345'678'901'234'567'890u;
    EXPECT_EQ(after(usual), usual) << model->name;
    for (const Parameter& parameter : model->parameters) {
      if (parameter.type == Parameter::Type::text) continue;  // names a file
      if (parameter.name == "weighting") continue;            // is for weights
      TrainOptions options = usual;
      options.set(parameter.name, other_value(parameter, usual));
      if (parameter.name == "schedule" || parameter.name == "decay") {
        options.set("schedule", std::string("inverse"));
        options.set("decay", 0.25);
      }
      if (parameter.name == "sweeps") options.set("burn-in", std::int64_t{1});
      if (parameter.name == "similarity") options.set("centring", std::string("mean"));
      EXPECT_NE(options, usual) << parameter.name;
      EXPECT_EQ(after(options), options) << model->name << " " << parameter.name;
    }
  }
}

TEST_F(OptionsInFiles, AreMissingFromFilesOfEarlierVersions) {
  Model model = train(*device_, data_, MeanOptions());
  model.metadata.erase(kOptionsKey);
  EXPECT_FALSE(saved_and_loaded(model).options());
}

TEST_F(OptionsInFiles, AreNotTrusted) {
  Model model = train(*device_, data_, BiasOptions());
  for (const char* text :
       {"", "seed=1 ", "seed=-1", "seed=1x", "seed=", "seed", "factors=3", "user-damping=-1",
        "user-damping", "seed=1 user-damping=nan", "=1", "seed=99999999999999999999999"}) {
    model.metadata[kOptionsKey] = text;
    EXPECT_THROW(saved_and_loaded(model), FormatError) << text;
  }
}

}  // namespace
}  // namespace tusk
