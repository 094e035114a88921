// Matrix factorization by Adam against its definition in double precision.
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

// One of the model's arrays and its running means.
struct Weights {
  explicit Weights(const std::vector<float>& initial)
      : value(initial.begin(), initial.end()), mean(value.size()), square(value.size()) {}

  void step(std::vector<double> gradient, const MfOptions& options, double rate, int number) {
    const auto decay = static_cast<double>(options.weight_decay);
    for (std::size_t k = 0; k < value.size(); ++k) {
      if (options.optimizer == Optimizer::adamw) {
        value[k] *= 1 - rate * decay;
      } else {
        gradient[k] += decay * value[k];
      }
      mean[k] = 0.9 * mean[k] + 0.1 * gradient[k];
      square[k] = 0.999 * square[k] + 0.001 * gradient[k] * gradient[k];
      const double m = mean[k] / (1 - std::pow(0.9, number));
      const double v = square[k] / (1 - std::pow(0.999, number));
      value[k] -= rate * m / (std::sqrt(v) + 1e-8);
    }
  }

  std::vector<double> value;
  std::vector<double> mean;
  std::vector<double> square;
};

class MfByAdam : public testing::Test {
 protected:
  static MfOptions by_adam(int epochs, float learning_rate) {
    MfOptions options;
    options.factors = 5;
    options.optimizer = Optimizer::adam;
    options.learning_rate = learning_rate;
    options.weight_decay = 0.01f;
    options.batch_size = 1'000'000;
    options.epochs = epochs;
    return options;
  }

  void expect_steps_of_the_definition(MfOptions options) {
    constexpr float kRate = 0.02f;
    options.learning_rate = 1e-30f;
    options.epochs = 1;
    const MfState initial = train(*backend_, data_, options).state();
    Weights users(initial.user_factors);
    Weights items(initial.item_factors);
    Weights user_bias(initial.user_bias);
    Weights item_bias(initial.item_bias);
    options.learning_rate = kRate;
    options.epochs = 3;
    const auto mean = static_cast<double>(initial.mean);
    for (int number = 1; number <= *options.epochs; ++number) {
      std::vector<double> of_users(users.value.size());
      std::vector<double> of_items(items.value.size());
      std::vector<double> of_user_bias(user_bias.value.size());
      std::vector<double> of_item_bias(item_bias.value.size());
      data_.ratings().each([&](Index user, std::size_t at) {
        const auto u = static_cast<std::size_t>(user);
        const auto i = static_cast<std::size_t>(data_.ratings().column[at]);
        double predicted = mean;
        for (std::size_t f = 0; f < 5; ++f) {
          predicted += users.value[5 * u + f] * items.value[5 * i + f];
        }
        if (options.biased) predicted += user_bias.value[u] + item_bias.value[i];
        const double slope = 2 * (predicted - static_cast<double>(data_.ratings().value[at])) /
                             static_cast<double>(data_.rating.size());
        for (std::size_t f = 0; f < 5; ++f) {
          of_users[5 * u + f] += slope * items.value[5 * i + f];
          of_items[5 * i + f] += slope * users.value[5 * u + f];
        }
        if (options.biased) {
          of_user_bias[u] += slope;
          of_item_bias[i] += slope;
        }
      });
      const auto rate = static_cast<double>(kRate);
      users.step(of_users, options, rate, number);
      items.step(of_items, options, rate, number);
      user_bias.step(of_user_bias, options, rate, number);
      item_bias.step(of_item_bias, options, rate, number);
    }
    const MfState state = train(*backend_, data_, options).state();
    const auto expect_near = [](const std::vector<float>& ours, const Weights& theirs) {
      ASSERT_EQ(ours.size(), theirs.value.size());
      for (std::size_t k = 0; k < ours.size(); ++k) {
        EXPECT_NEAR(static_cast<double>(ours[k]), theirs.value[k], 1e-5);
      }
    };
    expect_near(state.user_factors, users);
    expect_near(state.item_factors, items);
    expect_near(state.user_bias, user_bias);
    expect_near(state.item_bias, item_bias);
  }

  const Dataset data_ = test::random_dataset(30, 20, 300, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(MfByAdam, TakesTheStepsOfItsDefinition) {
  for (const Optimizer optimizer : {Optimizer::adam, Optimizer::adamw}) {
    for (const bool biased : {true, false}) {
      MfOptions options = by_adam(1, 0);
      options.optimizer = optimizer;
      options.biased = biased;
      expect_steps_of_the_definition(options);
    }
  }
}

TEST_F(MfByAdam, RowsWithoutRatingsAreZero) {
  const Dataset data = test::make_dataset(3, 2, {{0, 0, 5}, {1, 0, 2}});
  const MfState state = train(*backend_, data, by_adam(3, 0.02f)).state();
  EXPECT_EQ(std::vector<float>(state.user_factors.begin() + 10, state.user_factors.end()),
            std::vector<float>(5, 0));
  EXPECT_EQ(state.user_bias[2], 0);
  EXPECT_EQ(state.item_bias[1], 0);
  EXPECT_NE(state.user_bias[0], 0);
}

TEST_F(MfByAdam, LearnsTheRatingsInMiniBatchesWithTheSameBitsOnAnyThreads) {
  MfOptions options = by_adam(60, 0.02f);
  options.batch_size = 64;
  options.weight_decay = 0;
  std::vector<double> errors;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport> reports) {
    errors.push_back(reports.front().train_rmse);
  };
  const MfState one = train(*make_cpu_backend(1), data_, options, {}, observer).state();
  const MfState three = train(*make_cpu_backend(3), data_, options).state();
  EXPECT_EQ(one.user_factors, three.user_factors);
  EXPECT_EQ(one.item_bias, three.item_bias);
  ASSERT_EQ(errors.size(), 60u);
  EXPECT_LT(errors.back(), 0.6 * errors.front());
}

// With ratings from 0 to 100 it makes 20 times the errors that it makes with 0 to 5.
TEST_F(MfByAdam, DefaultsFollowTheSpreadOfTheRatings) {
  std::vector<test::Rating> small;
  std::vector<test::Rating> large;
  data_.ratings().each([&](Index user, std::size_t at) {
    const Index item = data_.ratings().column[at];
    small.push_back({user, item, data_.ratings().value[at]});
    large.push_back({user, item, 20 * data_.ratings().value[at]});
  });
  MfOptions options = by_adam(10, 0);
  options.learning_rate.reset();
  options.weight_decay = 0;
  const auto error = [&](const std::vector<test::Rating>& ratings) {
    double last = 0;
    Observer observer;
    observer.on_epoch = [&](std::span<const EpochReport> reports) {
      last = reports.front().train_rmse;
    };
    options.biased = false;
    train(*backend_, test::make_dataset(30, 20, ratings), options, {}, observer);
    return last;
  };
  EXPECT_NEAR(error(large) / error(small), 20, 0.1);
}

TEST_F(MfByAdam, ItsFileSaysHowItWasTrained) {
  const Model model = train(*backend_, data_, by_adam(2, 0.02f));
  EXPECT_EQ(model.metadata.at("optimizer"), "adam");
  EXPECT_EQ(model.metadata.at("batch_size"), "1000000");
  EXPECT_FALSE(model.metadata.contains("user_regularization"));
  EXPECT_FALSE(train(*backend_, data_,
                     [] {
                       MfOptions options;
                       options.epochs = 1;
                       return options;
                     }())
                   .metadata.contains("optimizer"));
  UpdateOptions update;
  update.epochs = 2;
  EXPECT_THROW(update_model(*backend_, model, test::random_dataset(30, 20, 310, 6), update),
               UsageError);
}

TEST_F(MfByAdam, StepsThatChangeTheSignOfWeightsAreRefused) {
  MfOptions options = by_adam(1, 0.5f);
  options.optimizer = Optimizer::adamw;
  options.weight_decay = 2;
  EXPECT_THROW(train(*backend_, data_, options), ParameterError);
}

TEST_F(MfByAdam, ASearchMayHaveRunsByBothButDoesNotHalveThem) {
  MfOptions sgd = by_adam(3, 0.01f);
  sgd.optimizer = Optimizer::sgd;
  const Partition folds = make_folds(data_, parse_folds("3"), 1);
  const std::vector<Candidate> candidates = {
      {by_adam(3, 0.02f), {}}, {sgd, {}}, {by_adam(2, 0.02f), {}}};
  const auto trials = search(*backend_, data_, folds, candidates, {}, {});
  ASSERT_EQ(trials.size(), candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const auto folded = cross_validate(*backend_, data_, folds, candidates[c].options);
    for (std::size_t f = 0; f < folded.size(); ++f) {
      EXPECT_NEAR(trials[c].folds[f].errors.rmse(), folded[f].metrics.all.rmse(), 1e-5);
    }
  }
  SearchOptions halving;
  halving.halving = true;
  std::vector<Candidate> sought = candidates;
  for (Candidate& one : sought) one.options.as<MfOptions>().epochs.reset();
  EXPECT_THROW(search(*backend_, data_, folds, sought, {}, halving), UsageError);
}

}  // namespace
}  // namespace tusk
