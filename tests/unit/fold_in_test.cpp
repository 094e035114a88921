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
#include "models/dot_predictor.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
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
      fold_in.after(half, first).fold(rest, std::span(ratings).subspan(12));
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

TEST(FoldIn, WorksWithFewerUsersThanFactorsAndWithOneUser) {
  for (const Index users : {1, 2, 5}) {
    const MfState state = random_state(users, 40, 12);
    const FactorPriors priors = priors_of_state(state);
    const std::vector<float> vector =
        FoldIn(state, priors.user, Side::user).fold(first_items(30), some_ratings(30));
    for (const float value : vector) EXPECT_TRUE(std::isfinite(value)) << users;
  }
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

// A model trained on all users but the last `left`, whose ratings are the rows of `ratings`.
struct LeftOut {
  Dataset all;
  Dataset trained;
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> item;
  std::vector<float> rating;

  CsrView ratings() const { return {offset, item, rating, all.items.size()}; }
};

LeftOut leave_out(Index left) {
  LeftOut out;
  out.all = test::random_dataset(50, 40, 900, 7);
  RandomSequence random(8, 8);
  for (float& value : out.all.rating) value += static_cast<float>(random.uniform());
  out.all.scale = {0, 7};
  std::vector<test::Rating> kept;
  const Index users = out.all.users.size();
  out.all.ratings().each([&](Index user, std::size_t at) {
    if (user < users - left) {
      kept.push_back({user, out.all.item[at], out.all.rating[at]});
      return;
    }
    out.item.push_back(out.all.item[at]);
    out.rating.push_back(out.all.rating[at]);
  });
  for (Index user = users - left; user < users; ++user) {
    out.offset.push_back(out.all.offset[static_cast<std::size_t>(user) + 1] -
                         out.all.offset[static_cast<std::size_t>(users - left)]);
  }
  out.trained = test::make_dataset(users - left, out.all.items.size(), kept);
  out.trained.scale = out.all.scale;
  return out;
}

template <class Options>
void expect_as_trained_with(Backend& backend, const Options& options) {
  const LeftOut out = leave_out(1);
  const Model without = train(backend, out.trained, options);
  const Model with = train(backend, out.all, options);
  const auto opened = without.open(backend);
  const auto folded = opened->fold_in(out.ratings());
  const auto expected = with.open(backend);
  const Index last = out.all.users.size() - 1;
  std::vector<Index> unseen;
  for (Index item = 0; item < out.all.items.size(); ++item) {
    const auto seen = out.ratings().row(0);
    if (!std::binary_search(seen.begin(), seen.end(), item)) unseen.push_back(item);
  }
  ASSERT_FALSE(unseen.empty());
  const auto a = folded->predict(std::vector<Index>(unseen.size(), 0), unseen);
  const auto b = expected->predict(std::vector<Index>(unseen.size(), last), unseen);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i].score, b[i].score, 2e-5) << "item " << unseen[i];
  }
}

TEST_F(FoldInTest, ANewUserOfUserKnnIsPredictedAsIfTrained) {
  for (const Centring centring : {Centring::none, Centring::mean, Centring::z_score}) {
    for (const SimilarityMetric metric :
         {SimilarityMetric::cosine, SimilarityMetric::centered_cosine, SimilarityMetric::pearson,
          SimilarityMetric::msd, SimilarityMetric::cosine_corated}) {
      for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(centring) << static_cast<int>(metric)
                                        << static_cast<int>(policy));
        UserKnnOptions options;
        options.similarity = metric;
        options.centring = centring;
        options.policy = policy;
        options.neighbours = 5;
        options.shrinkage = 3;
        // Without neighbours the mean of all ratings would be another with the user.
        if (centring == Centring::none && policy == NeighbourPolicy::table) continue;
        expect_as_trained_with(*backend_, options);
      }
    }
  }
}

TEST_F(FoldInTest, ANewUserOfSlopeOneIsPredictedAsIfTrained) {
  expect_as_trained_with(*backend_, SlopeOneOptions());
}

// Similarities of items come from who was trained, so a trained user's own row folds into the same.
TEST_F(FoldInTest, ATrainedRowOfItemKnnFoldsIntoItsOwnPredictions) {
  const Dataset data = leave_out(1).all;
  for (const Centring centring : {Centring::none, Centring::mean, Centring::z_score}) {
    for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
      ItemKnnOptions options;
      options.centring = centring;
      options.policy = policy;
      options.similarity = SimilarityMetric::cosine;
      options.neighbours = 6;
      const Model model = train(*backend_, data, options);
      const auto trained = model.open(*backend_);
      const auto folded = trained->fold_in(data.ratings());
      std::vector<Index> user;
      std::vector<Index> item;
      for (Index u = 0; u < data.users.size(); u += 5) {
        for (Index i = 0; i < data.items.size(); ++i) {
          user.push_back(u);
          item.push_back(i);
        }
      }
      for (const RankBy by : {RankBy::rating, RankBy::sum}) {
        const auto a = folded->rank(by, user, item);
        const auto b = trained->rank(by, user, item);
        for (std::size_t p = 0; p < a.size(); ++p) ASSERT_NEAR(a[p].score, b[p].score, 2e-5);
      }
    }
  }
}

TEST_F(FoldInTest, ContributionsOfItemKnnAddUpToThePrediction) {
  const LeftOut out = leave_out(1);
  ItemKnnOptions options;
  options.centring = Centring::mean;
  const Model model = train(*backend_, out.trained, options);
  const auto opened = model.open(*backend_);
  const auto folded = opened->fold_in(out.ratings());
  const std::vector<Index> items = first_items(40);
  const auto predictions = folded->predict(std::vector<Index>(items.size(), 0), items);
  const auto contributions = folded->contributions(0, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    double mean = 0;
    double count = 0;
    out.trained.ratings().each([&](Index, std::size_t at) {
      if (out.trained.item[at] != items[i]) return;
      mean += out.trained.rating[at];
      ++count;
    });
    double sum = mean / count;
    for (const Contribution& one : contributions[i]) sum += one.part;
    EXPECT_NEAR(sum, predictions[i].score, 1e-4);
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
    Split split;
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
