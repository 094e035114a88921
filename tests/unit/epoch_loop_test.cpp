#include "train/epoch_loop.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

constexpr float kLearningRate = 0.01f;

// A session whose errors are written down beforehand, and which notes what is asked of it.
using Script = std::vector<std::vector<double>>;  // by model and epoch

class ScriptedSession : public MfSession {
 public:
  explicit ScriptedSession(Script validation)
      : validation_(std::move(validation)), alive_(validation_.size(), true) {}

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override {
    rates.assign(rate.begin(), rate.end());
    ++epoch_;
    std::vector<SquaredError> errors(validation_.size(), {train_rmse * train_rmse * 10, 10});
    return errors;
  }
  std::vector<ErrorSums> validate() override {
    std::vector<ErrorSums> errors;
    for (std::size_t m = 0; m < validation_.size(); ++m) {
      const double rmse = validation_[m].at(epoch_ - 1);
      errors.push_back(alive_[m] ? ErrorSums{4, rmse * rmse * 4, rmse * 4} : ErrorSums{});
    }
    return errors;
  }
  void checkpoint(std::size_t model) override {
    log += "c" + std::to_string(model) + "@" + std::to_string(epoch_) + " ";
  }
  void retire(std::size_t model) override {
    alive_[model] = false;
    log += "r" + std::to_string(model) + "@" + std::to_string(epoch_) + " ";
  }
  MfState state(std::size_t) const override { return {}; }

  double train_rmse = 1;
  std::string log;
  std::vector<float> rates;

 private:
  Script validation_;
  std::vector<bool> alive_;
  std::size_t epoch_ = 0;
};

class EpochLoopTest : public testing::Test {
 protected:
  EpochLoop loop(std::size_t models, int epochs, std::optional<int> patience) {
    EpochLoop loop{observer_, {1, 5}};
    ModelPlan plan;
    plan.learning_rate = plan.rate = kLearningRate;
    plan.schedule = schedule_;
    plan.decay = 0.5;
    plan.epochs = epochs;
    loop.models.assign(models, plan);
    loop.patience = patience;
    return loop;
  }

  Schedule schedule_ = Schedule::constant;
  Observer observer_;
};

TEST_F(EpochLoopTest, StopsWhenPatienceEndsAndNamesTheBestEpoch) {
  ScriptedSession session({{1.0, 0.9, 0.95, 0.92, 0.91, 0.90, 0.1}});
  const auto outcome = run_epochs(session, loop(1, 100, 3)).model[0];
  EXPECT_EQ(outcome.best, 2);
  EXPECT_EQ(outcome.trained, 5);
  EXPECT_DOUBLE_EQ(*outcome.validation_rmse, 0.9);
  EXPECT_EQ(session.log, "c0@1 c0@2 r0@5 ");
}

TEST_F(EpochLoopTest, AnEqualErrorIsNoImprovement) {
  ScriptedSession session({{1.0, 1.0, 1.0, 0.5}});
  EXPECT_EQ(run_epochs(session, loop(1, 100, 2)).model[0].best, 1);
  EXPECT_EQ(session.log, "c0@1 r0@3 ");
}

TEST_F(EpochLoopTest, EachModelHasItsOwnPatience) {
  ScriptedSession session({{1.0, 1.1, 1.2, 9, 9, 9, 9}, {1.0, 0.9, 0.8, 0.7, 0.75, 0.8, 9}});
  const auto outcomes = run_epochs(session, loop(2, 100, 2));
  EXPECT_EQ(outcomes.model[0].best, 1);
  EXPECT_EQ(outcomes.model[1].best, 4);
  EXPECT_EQ(session.log, "c0@1 c1@1 c1@2 r0@3 c1@3 c1@4 r1@6 ");
}

TEST_F(EpochLoopTest, TrainsForExactlyTheEpochsOfEachModelWithoutPatience) {
  ScriptedSession session(Script(2));
  EpochLoop two = loop(2, 1, std::nullopt);
  two.models[0].epochs = 2;
  two.models[1].epochs = 4;
  const auto outcomes = run_epochs(session, two);
  EXPECT_EQ(outcomes.model[0].trained, 2);
  EXPECT_EQ(outcomes.model[1].trained, 4);
  EXPECT_EQ(session.log, "r0@2 r1@4 ");
}

TEST_F(EpochLoopTest, ReportsEveryEpochOfTheModelsStillTrained) {
  std::vector<std::size_t> sizes;
  observer_.on_epoch = [&](std::span<const EpochReport> reports) {
    sizes.push_back(reports.size());
    EXPECT_DOUBLE_EQ(reports[0].train_rmse, 1);
    EXPECT_FALSE(reports[0].validation_rmse);
  };
  ScriptedSession session(Script(2));
  EpochLoop two = loop(2, 1, std::nullopt);
  two.models[0].epochs = 1;
  two.models[1].epochs = 3;
  run_epochs(session, two);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1, 1}));
}

TEST_F(EpochLoopTest, FollowsTheSchedule) {
  schedule_ = Schedule::exponential;
  ScriptedSession session(Script(1));
  float reported = 0;
  observer_.on_epoch = [&](auto reports) { reported = reports[0].learning_rate; };
  run_epochs(session, loop(1, 3, std::nullopt));
  EXPECT_FLOAT_EQ(session.rates[0], 0.25f);
  EXPECT_FLOAT_EQ(reported, 0.25f * kLearningRate);
  schedule_ = Schedule::inverse;
  ScriptedSession inverse(Script(1));
  run_epochs(inverse, loop(1, 3, std::nullopt));
  EXPECT_FLOAT_EQ(inverse.rates[0], 0.5f);
}

TEST_F(EpochLoopTest, CallsGrowthWithoutBoundDivergence) {
  for (const double rmse : {std::nan(""), std::numeric_limits<double>::infinity(), 51.0}) {
    ScriptedSession session(Script(1));
    session.train_rmse = rmse;
    try {
      run_epochs(session, loop(1, 3, std::nullopt));
      FAIL() << rmse;
    } catch (const DivergedError& error) {
      EXPECT_EQ(error.epoch(), 1);
      EXPECT_NE(std::string(error.what()).find("learning-rate"), std::string::npos);
    }
  }
  ScriptedSession large(Script(1));
  large.train_rmse = 49;
  EXPECT_NO_THROW(run_epochs(large, loop(1, 3, std::nullopt)));
  ScriptedSession validation({{1.0, std::nan("")}});
  EXPECT_THROW(run_epochs(validation, loop(1, 3, 2)), DivergedError);
}

TEST_F(EpochLoopTest, StopsBeforeTheNextEpochWhenAsked) {
  int asked = 0;
  observer_.should_stop = [&] { return ++asked == 3; };
  ScriptedSession session(Script(1));
  const auto outcomes = run_epochs(session, loop(1, 10, std::nullopt));
  EXPECT_TRUE(outcomes.interrupted);
  EXPECT_EQ(outcomes.model[0].trained, 2);
}

}  // namespace
}  // namespace tusk
