// Blends: weights, predictions, parts, files.
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "models/blend/blend_state.hpp"
#include "models/blend/ridge.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/scores.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

BlendOptions blend_options() {
  BlendOptions options;
  options.parts = "mf:factors=4:epochs=20,item-knn:k=10,mf:factors=2:epochs=9";
  options.inner_folds = 3;
  return options;
}

class BlendTest : public testing::Test {
 protected:
  std::vector<float> scores(const Model& model) {
    return test::scores_of(*model.open(*backend_), data_.users.size(), data_.items.size());
  }
  static const BlendState& state_of(const Model& model) {
    return dynamic_cast<const BlendState&>(model.learned());
  }

  const Dataset data_ = test::random_dataset(70, 50, 1500, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST(RidgeWeights, AreThoseOfLeastSquares) {
  const std::vector<std::vector<float>> prediction = {{1, 2, 3, 4, 5}, {2, 1, 4, 3, 5}};
  std::vector<float> rating;
  for (std::size_t k = 0; k < 5; ++k) {
    rating.push_back(0.5f + 0.7f * prediction[0][k] + 0.2f * prediction[1][k]);
  }
  const BlendWeights exact = ridge_weights(prediction, rating, 0);
  EXPECT_NEAR(exact.weight[0], 0.7, 1e-5);
  EXPECT_NEAR(exact.weight[1], 0.2, 1e-5);
  EXPECT_NEAR(exact.constant, 0.5, 1e-5);
  const BlendWeights drawn = ridge_weights(prediction, rating, 1e9);
  EXPECT_NEAR(drawn.weight[0], 0.5, 1e-5);
  EXPECT_NEAR(drawn.weight[1], 0.5, 1e-5);
  // By hand: one part with variance 2 and covariance 1.4, 5 ratings and a ridge of 5 of them.
  const BlendWeights one =
      ridge_weights({{prediction[0]}}, std::vector<float>{0.7f, 1.4f, 2.1f, 2.8f, 3.5f}, 5);
  EXPECT_NEAR(one.weight[0], (5 * 1.4 + 5 * 2 * 1) / (5 * 2 + 5 * 2), 1e-5);
}

TEST(RidgeWeights, OfPartsThatAreAlikeAreFinite) {
  const std::vector<float> same = {1, 2, 3, 4};
  const BlendWeights twins = ridge_weights({{same, same}}, same, 1);
  EXPECT_NEAR(twins.weight[0], 0.5, 1e-5);
  EXPECT_NEAR(twins.weight[1], 0.5, 1e-5);
  const std::vector<float> flat = {3, 3, 3, 3};
  const BlendWeights none = ridge_weights({{flat, flat}}, same, 1);
  EXPECT_NEAR(none.weight[0], 0.5, 1e-6);
  EXPECT_NEAR(none.constant, 2.5 - 3, 1e-6);
  EXPECT_TRUE(std::isfinite(ridge_weights({{same, same}}, same, 0).weight[0]));
}

TEST_F(BlendTest, PredictsTheWeightedSumOfItsParts) {
  const Model model = train(*backend_, data_, blend_options());
  const BlendState& state = state_of(model);
  const auto options = blend_parts(blend_options(), 1);
  EXPECT_EQ(part_names(options), (std::vector<std::string>{"mf", "item-knn", "mf-2"}));
  std::vector<float> expected(scores(model).size(), state.weights().constant);
  for (std::size_t p = 0; p < options.size(); ++p) {
    const auto alone = scores(train(*backend_, data_, options[p]));
    for (std::size_t k = 0; k < alone.size(); ++k) {
      expected[k] += state.weights().weight[p] * alone[k];
    }
  }
  EXPECT_EQ(scores(model), expected) << "parts are trained on all ratings";
  const auto predictor = model.open(*backend_);
  const std::vector<Index> user = {0, kNone, 3};
  const std::vector<Index> item = {1, 2, kNone};
  const auto predictions = predictor->predict(user, item);
  EXPECT_EQ(predictions[0].evidence, Evidence::full);
  EXPECT_EQ(predictions[1].evidence, Evidence::item_only);
  EXPECT_EQ(predictions[2].evidence, Evidence::user_only);
  for (const Prediction& one : predictions) EXPECT_TRUE(data_.scale.contains(one.rating));
}

TEST_F(BlendTest, IsBetterThanItsPartsAndSeesNoTestRating) {
  const Dataset data = test::random_dataset(300, 200, 9000, 5);
  const Partition folds = make_folds(data, parse_folds("3"), 1);
  const auto error = [&](const TrainOptions& options) {
    return spread(cross_validate(*backend_, data, folds, options), &ErrorSums::rmse).mean;
  };
  const double blended = error(blend_options());
  for (const TrainOptions& part : blend_parts(blend_options(), 1)) {
    EXPECT_LT(blended, error(part) - 0.001) << part.model();
  }
  // What is held out changes nothing.
  Dataset other = data;
  for (std::size_t at = 0; at < other.rating.size(); ++at) {
    if (folds.held_out[0].test(folds.label[at])) other.rating[at] = other.scale.low;
  }
  const LabelSet part = folds.train(0);
  const auto weights = [&](const Dataset& of) {
    const auto fits = fit(*backend_, of, folds.label, {&part, 1}, blend_options());
    return static_cast<const BlendState&>(*fits.front().state).weights().weight;
  };
  EXPECT_EQ(weights(data), weights(other));
}

TEST_F(BlendTest, ThreadsChangeNoBitAndFilesKeepIt) {
  const Model model = train(*backend_, data_, blend_options());
  EXPECT_EQ(scores(model), scores(train(*make_cpu_backend(3), data_, blend_options())));
  const test::TempFolder folder;
  save_model(model, folder.path() / "m");
  const Model loaded = load_model(folder.path() / "m");
  EXPECT_EQ(scores(loaded), scores(model));
  EXPECT_EQ(loaded.learned().parts().size(), 3u);
  EXPECT_EQ(loaded.ratings().value.size(), data_.rating.size());
  save_model(loaded, folder.path() / "again");
  EXPECT_EQ(test::read_file(folder.path() / "m"), test::read_file(folder.path() / "again"));
}

TEST_F(BlendTest, FoldsInAndListsAndUpdates) {
  const Model model = train(*backend_, data_, blend_options());
  const std::vector<std::int64_t> offset = {0, 2};
  const std::vector<Index> item = {1, 4};
  const std::vector<float> rating = {5, 1};
  const CsrView ratings{offset, item, rating, data_.items.size()};
  const Recommender recommender(*backend_, model);
  const auto list = recommender.recommend_new(ratings, 4).front();
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].evidence, Evidence::folded_in);
  const auto own = recommender.recommend(3, 4);
  for (std::size_t r = 1; r < own.size(); ++r) EXPECT_GE(own[r - 1].score, own[r].score);
  BlendOptions flat = blend_options();
  flat.parts = "mf:factors=4:epochs=20,bias";
  const Model before = train(*backend_, data_, flat);
  const Dataset more = test::make_dataset(72, 50, {{70, 0, 5}, {71, 1, 1}, {70, 2, 4}});
  const Model updated = update_model(*backend_, before, more);
  EXPECT_EQ(updated.users.size(), 72);
  EXPECT_EQ(updated.learned().parts().size(), 2u);
}

TEST_F(BlendTest, PartsThatCannotBeAreRefusedByName) {
  const auto refused = [&](const std::string& parts, const char* why) {
    BlendOptions options = blend_options();
    options.parts = parts;
    try {
      TrainOptions(options).check();
      FAIL() << parts;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
  };
  refused("mf", "2 to 20 models");
  refused("", "model");
  refused("mf,ease", "ease: it predicts no ratings");
  refused("mf,hybrid", "hybrid: it is made of parts itself");
  refused("mf,blend", "blend");
  refused("mf,wonder", "wonder");
  refused("mf:factors,bias", "no setting");
  refused("mf:factors=0,bias", "factors is 0");
  refused("mf:sweeps=3,bias", "sweeps");
  const Dataset tiny = test::make_dataset(2, 2, {{0, 0, 5}, {1, 1, 2}, {1, 0, 4}});
  BlendOptions options = blend_options();
  options.parts = "bias,mean";
  EXPECT_THROW(train(*backend_, tiny, options), InputError);
}

}  // namespace
}  // namespace tusk
