// How Gibbs sampling goes: its error by sweep, convergence, early stopping, memory, checkpoints.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "models/bayes/bayes_state.hpp"
#include "models/bayes/convergence.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/scores.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

BayesOptions sampling_options() {
  BayesOptions options;
  options.factors = 3;
  options.sweeps = 40;
  options.burn_in = 10;
  options.chains = 1;
  options.draws = 30;
  return options;
}

class BayesTrainingTest : public testing::Test {
 protected:
  FitResult fit_with(const TrainOptions& options, const FitExtras& extras,
                     const Observer& observer = {}) {
    const LabelSet part = split_.train();
    return std::move(
        fit(*backend_, data_, split_.label, {&part, 1}, options, observer, extras).front());
  }

  // What a file of the model would hold, but for ids.
  std::vector<float> bits(FitResult fitted) {
    const Model model = make_model(data_, split_, std::move(fitted));
    auto scores = test::scores_of(*model.open(*backend_), data_.users.size(), data_.items.size());
    const auto& draws = dynamic_cast<const BayesState&>(model.learned()).draws();
    draws.each([&](const char*, const std::vector<float>& values) {
      scores.insert(scores.end(), values.begin(), values.end());
    });
    return scores;
  }

  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const Partition split_ = make_split(data_, parse_split("random:0.2"), 1);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
  const test::TempFolder folder_;
};

TEST_F(BayesTrainingTest, ReportsTheErrorOfTheMeanSoFar) {
  std::vector<EpochReport> reports;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport> some) {
    reports.insert(reports.end(), some.begin(), some.end());
  };
  FitExtras extras;
  extras.watched = split_.test;
  FitResult fitted = fit_with(sampling_options(), extras, observer);
  ASSERT_EQ(reports.size(), 40u);
  for (const EpochReport& report : reports) {
    EXPECT_EQ(report.step, "sweep");
    EXPECT_EQ(report.watched_rmse.has_value(), report.epoch > 10) << "from the end of burn-in on";
    EXPECT_FALSE(report.validation_rmse);
  }
  EXPECT_TRUE(fitted.r_hat.contains("error"));
  // All draws are kept: at last it is the error of the model.
  const std::vector<float> watched = bits(fitted);
  const Model model = make_model(data_, split_, std::move(fitted));
  const RatingMetrics metrics =
      evaluate(*backend_, model, select_ratings(data_, split_.label, split_.test));
  EXPECT_NEAR(*reports.back().watched_rmse, metrics.all.rmse(), 2e-3);
  EXPECT_NE(*reports[10].watched_rmse, *reports.back().watched_rmse);
  EXPECT_EQ(watched, bits(fit_with(sampling_options(), {}))) << "to watch changes nothing";
  EXPECT_FALSE(fit_with(sampling_options(), {}).r_hat.contains("error"));
}

TEST(Convergence, RHatIsThatOfTheDefinition) {
  // Halves {1, 3}, {5, 7}: means 2 and 6, within variance 2, between (4 + 4) / 1 = 8.
  EXPECT_NEAR(potential_scale_reduction({{1, 3, 5, 7}}), std::sqrt(0.5 + 8.0 / 2), 1e-12);
  EXPECT_TRUE(std::isnan(potential_scale_reduction({{1, 2, 3}})));
  // Chains that are each at rest, at different places.
  const std::vector<double> low = {1, 1.1, 0.9, 1, 1.1, 0.9};
  std::vector<double> high = low;
  for (double& one : high) one += 5;
  EXPECT_LT(potential_scale_reduction({low, low}), kLargestRHat);
  EXPECT_GT(potential_scale_reduction({low, high}), 3);
}

TEST_F(BayesTrainingTest, StopsWhenTheErrorHasSettled) {
  BayesOptions options = sampling_options();
  options.sweeps = 2000;
  options.early_stop = 20;
  options.holdout = 0.2;
  const FitResult fitted = fit_with(options, {});
  EXPECT_GT(fitted.epochs, 10 + 20);
  EXPECT_LT(fitted.epochs, 2000);
  EXPECT_FALSE(fitted.still_learning);
  EXPECT_GT(fitted.validation_rmse.value(), 0);
  EXPECT_EQ(fitted.ratings, std::ssize(data_.rating) -
                                std::ssize(select_ratings(data_, split_.label, split_.test).rating))
      << "on all training ratings";
  BayesOptions as_many = options;
  as_many.sweeps = fitted.epochs;
  as_many.early_stop = 0;
  EXPECT_EQ(bits(fitted), bits(fit_with(as_many, {})));
  // The test part chooses nothing.
  FitExtras watching;
  watching.watched = split_.test;
  EXPECT_EQ(fit_with(options, watching).epochs, fitted.epochs);
  options.sweeps = 31;
  const FitResult cut = fit_with(options, {});
  EXPECT_EQ(cut.epochs, 31);
  EXPECT_TRUE(cut.still_learning);
}

TEST_F(BayesTrainingTest, PlansItsMemory) {
  const LabelSet part = split_.train();
  const auto planned = [&](const BayesOptions& options) {
    return plan_fit(*backend_, data_, split_.label, {&part, 1}, options);
  };
  BayesOptions options = sampling_options();
  const MfMemory few = planned(options);
  EXPECT_GT(few.ratings, 0u);
  EXPECT_GT(few.available, few.total());
  options.sweeps = 1010;
  options.draws = 1000;
  const MfMemory many = planned(options);
  // Vectors of 70 users, 50 items and nobody, links of the items, precision: 4 numbers each.
  EXPECT_EQ(many.total() - few.total(), 970u * (71 + 51 + 51 + 4) * 4 * 4);
  options.link = RatingLinks::none;
  EXPECT_LT(planned(options).total(), many.total());
}

class CheckpointTest : public BayesTrainingTest {
 protected:
  FitExtras at(const std::filesystem::path& path, int every) const {
    FitExtras extras;
    extras.watched = split_.test;
    extras.checkpoint = {path, every};
    return extras;
  }

  // Trains until so many sweeps are done and throws then, as if it were killed.
  void die_after(int sweeps, const TrainOptions& options, const FitExtras& extras) {
    struct Killed {};
    Observer observer;
    observer.on_epoch = [&](std::span<const EpochReport> reports) {
      if (reports.front().epoch == sweeps) throw Killed();
    };
    EXPECT_THROW(fit_with(options, extras, observer), Killed);
  }

  int first_sweep(const TrainOptions& options, const FitExtras& extras, FitResult& fitted) {
    int first = 0;
    Observer observer;
    observer.on_epoch = [&](std::span<const EpochReport> reports) {
      if (first == 0) first = reports.front().epoch;
    };
    fitted = fit_with(options, extras, observer);
    return first;
  }
};

TEST_F(CheckpointTest, GoesOnToTheSameBits) {
  for (const RatingLinks link : {RatingLinks::none, RatingLinks::both}) {
    for (const int chains : {1, 3}) {
      BayesOptions options = sampling_options();
      options.link = link;
      options.chains = chains;
      options.draws = 20;
      std::filesystem::remove(folder_.path() / "whole");
      const FitResult whole = fit_with(options, at(folder_.path() / "whole", 1000));
      for (const int killed : {5, 12, 26, 40}) {
        const auto path = folder_.path() / "stopped";
        std::filesystem::remove(path);
        die_after(killed, options, at(path, 4));
        FitResult resumed;
        const int first = first_sweep(options, at(path, 4), resumed);
        EXPECT_EQ(first, (killed - 1) / 4 * 4 + 1) << "from the last checkpoint";
        EXPECT_EQ(bits(resumed), bits(whole)) << to_string(link) << chains << ", " << killed;
        EXPECT_EQ(resumed.r_hat, whole.r_hat);
        EXPECT_EQ(resumed.metadata, whole.metadata);
      }
    }
  }
}

TEST_F(CheckpointTest, OfATrainingThatIsDoneGivesItsModel) {
  const FitExtras extras = at(folder_.path() / "done", 7);
  const FitResult whole = fit_with(sampling_options(), extras);
  FitResult again;
  EXPECT_EQ(first_sweep(sampling_options(), extras, again), 0) << "no sweep is left";
  EXPECT_EQ(bits(again), bits(whole));
}

TEST_F(CheckpointTest, OfAnotherTrainingIsRefusedByName) {
  const auto path = folder_.path() / "c";
  die_after(9, sampling_options(), at(path, 4));
  const std::string before = test::read_file(path);
  const auto refused = [&](const TrainOptions& options, const FitExtras& extras, const char* name) {
    try {
      fit_with(options, extras);
      FAIL() << name;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    EXPECT_EQ(test::read_file(path), before) << "it is left alone";
  };
  TrainOptions options = sampling_options();
  options.seed = 2;
  refused(options, at(path, 4), "seed was 1 and is 2");
  options = sampling_options();
  options.as<BayesOptions>().factors = 4;
  refused(options, at(path, 4), "factors was 3 and is 4");
  options = sampling_options();
  options.as<BayesOptions>().sweeps = 41;
  refused(options, at(path, 4), "sweeps was 40 and is 41");
  FitExtras unwatched = at(path, 4);
  unwatched.watched = {};
  refused(sampling_options(), unwatched, "the split is another");
  Dataset other = data_;
  other.rating[3] = other.rating[3] == 1 ? 2 : 1;
  const LabelSet part = split_.train();
  try {
    fit(*backend_, other, split_.label, {&part, 1}, sampling_options(), {}, at(path, 4));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("the data are others"), std::string::npos);
  }
  refused(BiasOptions(), at(path, 4), "is for mf and bayes");
  const LabelSet two[] = {part, part};
  EXPECT_THROW(fit(*backend_, data_, split_.label, two, sampling_options(), {}, at(path, 4)),
               UsageError);
}

TEST_F(CheckpointTest, ThatIsNoneOrDamagedIsRefused) {
  const auto path = folder_.path() / "c";
  die_after(9, sampling_options(), at(path, 4));
  std::string bytes = test::read_file(path);
  const auto refused = [&](const std::string& content) {
    folder_.write("c", content);
    EXPECT_THROW(fit_with(sampling_options(), at(path, 4)), Error);
    EXPECT_EQ(test::read_file(path), content);
  };
  refused("user,item,rating\n");
  refused(bytes.substr(0, bytes.size() / 2));
  bytes[bytes.size() - 9] ^= 1;
  refused(bytes);
  const Model model = make_model(data_, split_, fit_with(sampling_options(), {}));
  save_model(model, path);
  refused(test::read_file(path));
  EXPECT_THROW(fit_with(sampling_options(), at(folder_.path() / "no" / "c", 4)), Error)
      << "before any sweep";
}

}  // namespace
}  // namespace tusk
