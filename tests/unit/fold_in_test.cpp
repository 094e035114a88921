// Users who were not trained: their vectors, predictions and lists.
#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/model_file.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "model/factor_prior.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

MfState random_state(Index users, Index items, int factors) {
  RandomSequence random(5, 5);
  const auto value = [&] { return static_cast<float>(random.uniform()) - 0.5f; };
  MfState state;
  state.users = users;
  state.items = items;
  state.factors = factors;
  state.mean = 3;
  const auto fill = [&](std::vector<float>& values, Index rows, int width) {
    values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
    for (float& v : values) v = value();
  };
  fill(state.user_factors, users, factors);
  fill(state.item_factors, items, factors);
  fill(state.user_bias, users, 1);
  fill(state.item_bias, items, 1);
  return state;
}

// The moments of a state whose users and items all have one rating.
FactorPriors priors_of_state(const MfState& state) {
  const std::vector<std::int64_t> users(static_cast<std::size_t>(state.users), 1);
  const std::vector<std::int64_t> items(static_cast<std::size_t>(state.items), 1);
  const std::vector<std::int64_t> offset = {0, 3};
  const std::vector<Index> item = {0, 1, 2};
  const std::vector<float> rating = {4, 2, 5};
  return estimate_priors(state, {users, items}, {offset, item, rating, state.items});
}

std::vector<Index> first_items(Index count) { return test::first_indices(count); }

std::vector<float> some_ratings(std::size_t count) {
  std::vector<float> ratings;
  for (std::size_t k = 0; k < count; ++k) ratings.push_back(static_cast<float>(1 + k * 7 % 5));
  return ratings;
}

TEST(FoldIn, IsThePosteriorMeanByItsDefinition) {
  MfState state;
  state.items = 1;
  state.factors = 1;
  state.mean = 3;
  state.item_factors = {2};
  state.item_bias = {0.5f};
  state.biased = true;
  const FactorPrior prior = {{0.25f, -0.5f}, {1, 0.5f, 0.5f, 2}, 0.75f};
  const std::vector<float> vector =
      FoldIn(state, prior, Side::user).fold(first_items(1), std::vector<float>{5});
  // With a = [2, 1]: C a = [2.5, 3], a' C a = 8, residual 5 - 3 - .5 - (.5 - .5) = 1.5.
  EXPECT_NEAR(vector[0], 0.25 + 2.5 * 1.5 / 8.75, 1e-5);
  EXPECT_NEAR(vector[1], -0.5 + 3 * 1.5 / 8.75, 1e-5);
}

TEST(FoldIn, IsTheSameSolvedInRatingsAndInFactors) {
  const MfState state = random_state(50, 60, 7);
  const FoldIn fold_in(state, priors_of_state(state).user, Side::user);
  for (const Index count : {1, 7, 8, 9, 60}) {
    const std::vector<Index> items = first_items(count);
    const std::vector<float> ratings = some_ratings(items.size());
    const std::vector<float> vector = fold_in.fold(items, ratings);
    const std::vector<float> start = fold_in.fold({}, {});
    const std::vector<float> gain = fold_in.gains(items);
    const std::vector<float> residual = fold_in.residuals(items, ratings);
    for (std::size_t f = 0; f < vector.size(); ++f) {
      float sum = start[f];
      for (std::size_t k = 0; k < items.size(); ++k) sum += residual[k] * gain[k * 8 + f];
      EXPECT_NEAR(vector[f], sum, 1e-4) << count << " ratings";
    }
  }
}

TEST(FoldIn, LearnsInTwoStepsWhatItLearnsInOne) {
  const MfState state = random_state(50, 60, 7);
  const FoldIn fold_in(state, priors_of_state(state).user, Side::user);
  const std::vector<Index> items = first_items(20);
  const std::vector<float> ratings = some_ratings(20);
  const auto first = std::span(items).first(12);
  const auto rest = std::span(items).subspan(12);
  const std::vector<float> half = fold_in.fold(first, std::span(ratings).first(12));
  const std::vector<float> whole =
      fold_in.update(half, first, rest, std::span(ratings).subspan(12));
  const std::vector<float> at_once = fold_in.fold(items, ratings);
  for (std::size_t f = 0; f < whole.size(); ++f) EXPECT_NEAR(whole[f], at_once[f], 1e-4);
}

TEST(FoldIn, OfABiasIsItsDampedMean) {
  MfState state = random_state(1, 3, 0);
  state.item_bias = {0.5f, -0.5f, 0};
  const FoldIn fold_in(state, damped_prior(15), Side::user);
  const std::vector<float> bias = fold_in.fold(first_items(3), std::vector<float>{5, 4, 3});
  EXPECT_NEAR(bias.at(0), (1.5 + 1.5 + 0) / (3 + 15), 1e-6);
}

TEST(FoldIn, OfABiasWithoutDampingIsItsMean) {
  MfState state = random_state(1, 4, 0);
  state.item_bias = {0.5f, -0.5f, 0, 0};
  const FoldIn fold_in(state, damped_prior(0), Side::user);
  const std::vector<float> bias = fold_in.fold(first_items(3), std::vector<float>{5, 4, 3});
  EXPECT_NEAR(bias.at(0), 1, 1e-6);
  EXPECT_EQ(fold_in.fold({}, {}).at(0), 0);
  const std::vector<Index> last = {3};
  const auto updated = fold_in.update(bias, first_items(3), last, std::vector<float>{7});
  EXPECT_NEAR(updated.at(0), (3 + 4) / 4.0, 1e-6);
}

TEST(FoldIn, WorksWithFewerUsersThanFactorsAndWithOneUser) {
  for (const Index users : {1, 2, 5}) {
    const MfState state = random_state(users, 40, 12);
    const FactorPriors priors = priors_of_state(state);
    const FoldIn fold_in(state, priors.user, Side::user);
    std::vector<float> ratings = some_ratings(30);
    const std::vector<float> vector = fold_in.fold(first_items(30), ratings);
    for (const float value : vector) EXPECT_TRUE(std::isfinite(value)) << users;
    ratings[7] += 1;
    EXPECT_NE(fold_in.fold(first_items(30), ratings), vector) << users << " users: it moves";
  }
}

TEST(FoldIn, AStateOfOneUserAndOneItemStillFolds) {
  const MfState state = random_state(1, 1, 3);
  const std::vector<std::int64_t> count = {1};
  const FactorPriors priors = estimate_priors(state, {count, count}, {{}, {}, {}, 1});
  const FoldIn fold_in(state, priors.user, Side::user);
  EXPECT_NE(fold_in.fold(first_items(1), std::vector<float>{5}),
            fold_in.fold(first_items(1), std::vector<float>{1}));
}

TEST(FoldIn, RefusesPriorsThatGiveNoFiniteVector) {
  MfState state = random_state(3, 4, 1);
  FactorPrior prior = {{1e15f, 0}, {1e15f, 0, 0, 1e15f}, 1e-45f};
  for (float& factor : state.item_factors) factor = 1e15f;
  const FoldIn fold_in(state, prior, Side::user);
  EXPECT_THROW(fold_in.fold(first_items(4), some_ratings(4)), FormatError);
  EXPECT_THROW(fold_in.gains(first_items(4)), FormatError);
}

TEST(FoldIn, EstimatingAsksWhetherToStop) {
  const MfState state = random_state(5, 5, 2);
  const std::vector<std::int64_t> count(5, 1);
  EXPECT_THROW(estimate_priors(state, {count, count}, {{}, {}, {}, 5}, [] { throw Interrupted(); }),
               Interrupted);
}

TEST(FoldIn, EstimatesWeightedMomentsOfTheVectors) {
  MfState state = random_state(3, 1, 0);
  state.user_bias = {1, 2, 4};
  const std::vector<std::int64_t> users = {1, 4, 0};  // the third has no ratings
  const std::vector<std::int64_t> items = {5};
  const FactorPriors priors = estimate_priors(state, {users, items}, {{}, {}, {}, 1});
  // Weights 1/3 and 2/3: mean 5/3, squares 1/3 (2/3)^2 + 2/3 (1/3)^2 = 2/9 over 1 - 5/9.
  EXPECT_NEAR(priors.user.mean.at(0), 5.0 / 3, 1e-6);
  EXPECT_NEAR(priors.user.covariance.at(0), 0.5, 1e-6);
  EXPECT_GT(priors.user.noise, 0);
}

class FoldInTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

TEST_F(FoldInTest, PriorsAreInTheFileAndFilesWithoutThemAreFolded) {
  const test::TempFolder folder;
  const Dataset data = test::random_dataset(60, 40, 900, 3);
  MfOptions options;
  options.factors = 6;
  options.epochs = 5;
  const Model model = train(*backend_, data, options);
  ASSERT_NE(model.learned().priors(), nullptr);
  save_model(model, folder.path() / "m.safetensors");
  const Model loaded = load_model(folder.path() / "m.safetensors");
  ASSERT_NE(loaded.learned().priors(), nullptr);
  const FactorPriors& kept = *loaded.learned().priors();
  EXPECT_EQ(kept.user.mean, model.learned().priors()->user.mean);
  EXPECT_EQ(kept.item.covariance, model.learned().priors()->item.covariance);
  EXPECT_EQ(kept.user.noise, model.learned().priors()->user.noise);

  Model old(make_dot_state("mf", model.state()), model.seen(), model.scale());
  old.rating_sample = model.rating_sample;
  const std::vector<std::int64_t> offset = {0, 3};
  const std::vector<Index> item = {1, 2, 3};
  const std::vector<float> rating = {5, 1, 4};
  const CsrView ratings = {offset, item, rating, 40};
  const std::vector<Index> user(40, 0);
  const auto new_one = model.open(*backend_);
  const auto old_one = old.open(*backend_);
  const auto a = new_one->fold_in(ratings)->predict(user, first_items(40));
  const auto b = old_one->fold_in(ratings)->predict(user, first_items(40));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i].score, b[i].score, 0.1);
}

CsrView one_row(const std::vector<std::int64_t>& offset, const std::vector<Index>& item,
                const std::vector<float>& rating, Index items) {
  return {offset, item, rating, items};
}

TEST_F(FoldInTest, EvidenceIsOfTheRatingsThatCount) {
  const Model model = test::small_model();  // item 3 has no training rating
  const std::vector<std::int64_t> offset = {0, 1, 3};
  const std::vector<Index> item = {3, 0, 3};
  const std::vector<float> rating = {5, 4, 5};
  const auto opened = model.open(*backend_);
  const auto folded = opened->fold_in({offset, item, rating, 4});
  const std::vector<Index> users = {0, 1, 1};
  const std::vector<Index> items = {1, 1, 3};
  const auto predictions = folded->predict(users, items);
  EXPECT_EQ(predictions[0].evidence, Evidence::item_only) << "folded in from nothing";
  EXPECT_EQ(predictions[1].evidence, Evidence::folded_in);
  EXPECT_EQ(predictions[2].evidence, Evidence::user_only);
}

// A score is that of the average item, moved by each rating.
TEST_F(FoldInTest, ContributionsOfFactorsAddUpToTheDifferenceFromTheAverageItem) {
  for (const bool biased : {true, false}) {
    MfOptions options;
    options.factors = 5;
    options.epochs = 5;
    options.biased = biased;
    const Model model = train(*backend_, test::random_dataset(60, 40, 900, 3), options);
    const std::vector<std::int64_t> offset = {0, 3, 3};
    const std::vector<Index> rated = {1, 2, 3};
    const std::vector<float> rating = {5, 1, 4};
    const CsrView ratings = one_row(offset, rated, rating, 40);
    const auto opened = model.open(*backend_);
    const auto folded = opened->fold_in(ratings);
    const std::vector<Index> items = first_items(40);
    const auto contributions = folded->contributions(0, items);
    // User 1 has no rating and is the prior's mean; a bias is the same of all items.
    const auto moved = folded->predict(std::vector<Index>(40, 0), items);
    const auto unmoved = folded->predict(std::vector<Index>(40, 1), items);
    double average = 0;  // how the ratings move the average item
    const auto& mean = model.learned().priors()->item.mean;
    const UserVectors vectors = folded->user_vectors().value();
    for (std::size_t f = 0; f < 5; ++f) {
      average += (vectors.factors[f] - vectors.factors[5 + f]) * mean[f];
    }
    if (biased) average += vectors.bias[0] - vectors.bias[1];
    for (std::size_t i = 0; i < items.size(); ++i) {
      ASSERT_EQ(contributions[i].size(), 3u);
      double sum = 0;
      for (const Contribution& one : contributions[i]) sum += one.part;
      EXPECT_NEAR(sum, moved[i].score - unmoved[i].score - average, 1e-4) << biased;
    }
  }
}

TEST_F(FoldInTest, DoesNotDependOnTheNumberOfThreads) {
  const Dataset data = test::random_dataset(60, 40, 900, 3);
  MfOptions options;
  options.factors = 6;
  options.epochs = 4;
  const Model model = train(*backend_, data, options);
  const auto one_thread = make_backend({"cpu", 1});
  const auto one = model.open(*one_thread);
  const auto two = model.open(*backend_);
  const auto a = one->fold_in(data.ratings());
  const auto b = two->fold_in(data.ratings());
  EXPECT_TRUE(std::ranges::equal(a->user_vectors()->factors, b->user_vectors()->factors));
  EXPECT_TRUE(std::ranges::equal(a->user_vectors()->bias, b->user_vectors()->bias));
}

// Files of each released layout; they have no priors.
TEST_F(FoldInTest, UsersAreFoldedIntoFilesOfEarlierVersions) {
  for (const char* name : {"model-v1.safetensors", "model-v2.safetensors"}) {
    const Model model = load_model(test::source_folder() / "tests/data" / name);
    ASSERT_EQ(model.learned().priors(), nullptr);
    const std::vector<std::int64_t> offset = {0, 2, 4};
    const std::vector<Index> item = {0, 1, 0, 1};
    const std::vector<float> rating = {5, 1, 1, 5};
    const auto opened = model.open(*backend_);
    const auto folded = opened->fold_in({offset, item, rating, model.state().items});
    const std::vector<Index> users = {0, 1};
    const auto predictions = folded->predict(users, std::vector<Index>{2, 2});
    EXPECT_EQ(predictions[0].evidence, Evidence::folded_in);
    EXPECT_TRUE(std::isfinite(predictions[0].score));
    EXPECT_NE(predictions[0].score, predictions[1].score);
  }
}

// Against the damped biases, which a fold-in by ridge regression does not reach with few ratings.
TEST_F(FoldInTest, IsNeverWorseThanBiasesAlone) {
  if (test::sanitized()) GTEST_SKIP() << "trains a large model";
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  constexpr Index kEvery = 5;  // of the users one is left out
  std::vector<Label> label(data.rating.size());
  data.ratings().each([&](Index user, std::size_t at) { label[at] = user % kEvery == 0 ? 1 : 0; });
  const LabelSet part = only(0);
  const auto model = [&](const TrainOptions& options) {
    Partition split;
    split.label = label;
    split.test = only(1);
    return make_model(data, split, fit(*backend_, data, label, {&part, 1}, options)[0]);
  };
  const Model factors = model(MfOptions());
  const Model biases = model(BiasOptions());
  const auto of_factors = factors.open(*backend_);
  const auto of_biases = biases.open(*backend_);
  for (const auto& [given, gain] : std::vector<std::pair<std::size_t, double>>{
           {1, 0}, {3, 0}, {5, 0.008}, {10, 0}, {15, 0.016}, {30, 0}}) {
    std::vector<std::int64_t> offset = {0};
    std::vector<Index> item;
    std::vector<float> rating;
    RatingList test;
    RandomSequence random(1, 1);
    for (Index user = 0; user < data.users.size(); user += kEvery) {
      const auto begin = data.offset[static_cast<std::size_t>(user)];
      std::vector<std::size_t> places;
      for (auto at = begin; at < data.offset[static_cast<std::size_t>(user) + 1]; ++at) {
        places.push_back(static_cast<std::size_t>(at));
      }
      random.shuffle(places);
      const std::size_t shown = std::min(given, places.size());
      std::sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown));
      for (std::size_t k = 0; k < places.size(); ++k) {
        if (k < shown) {
          item.push_back(data.item[places[k]]);
          rating.push_back(data.rating[places[k]]);
        } else {
          test.user.push_back(static_cast<Index>(std::ssize(offset)) - 1);
          test.item.push_back(data.item[places[k]]);
          test.rating.push_back(data.rating[places[k]]);
        }
      }
      offset.push_back(std::ssize(item));
    }
    const CsrView ratings = {offset, item, rating, data.items.size()};
    const auto rmse = [&](const Predictor& predictor) {
      ErrorSums errors;
      const auto predictions = predictor.fold_in(ratings)->predict(test.user, test.item);
      for (std::size_t k = 0; k < test.size(); ++k) {
        errors.add(static_cast<double>(predictions[k].rating) - test.rating[k]);
      }
      return errors.rmse();
    };
    const double by_biases = rmse(*of_biases);
    const double by_factors = rmse(*of_factors);
    RecordProperty("ratings_" + std::to_string(given),
                   std::to_string(by_biases) + " " + std::to_string(by_factors));
    EXPECT_LT(by_factors, by_biases - gain) << given << " ratings";
  }
}

}  // namespace
}  // namespace tusk
