// Model files whose priors or popular items are not what they should be.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

Model train_factors() {
  MfOptions options;
  options.factors = 2;
  options.epochs = 2;
  return train(*open_device({"cpu", 1}), random_dataset(6, 5, 20, 1), options);
}

class HostilePriors : public testing::TestWithParam<HostileCase> {};

TEST_P(HostilePriors, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

HostileCase priors(const char* name, std::function<void(Parts&)> how, const char* message) {
  HostileCase spoilt = change(name, std::move(how), message);
  spoilt.model = train_factors;
  return spoilt;
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostilePriors,
    testing::Values(
        priors(
            "NoMean", [](Parts& p) { rename(p, "user_prior_mean"); }, "no tensor user_prior_mean"),
        priors(
            "NoCovariance", [](Parts& p) { rename(p, "item_prior_covariance"); },
            "no tensor item_prior_covariance"),
        priors(
            "MeanOfAnotherShape",
            [](Parts& p) {
              p.header["user_prior_mean"]["shape"] = {1, 3};
            },
            "2 dimensions, not 1"),
        priors(
            "CovarianceIsNoSquare",
            [](Parts& p) {
              p.header["user_prior_covariance"]["shape"] = {1, 9};
            },
            "tensor user_prior_covariance has a shape"),
        priors(
            "CovarianceNotFinite",
            [](Parts& p) { p.put("item_prior_covariance", 4, std::nanf("")); }, "not finite"),
        priors(
            "VarianceNegative", [](Parts& p) { p.put("user_prior_covariance", 4, -1.0f); },
            "user_prior_covariance is no covariance"),
        priors(
            "CovarianceNotSymmetric", [](Parts& p) { p.put("item_prior_covariance", 1, 7.0f); },
            "item_prior_covariance is no covariance"),
        priors(
            "NoiseIsNone", [](Parts& p) { p.put("rating_noise", 0, 0.0f); }, "not above 0"),
        priors(
            "NoiseNegative", [](Parts& p) { p.put("rating_noise", 0, -1.0f); }, "not above 0"),
        priors(
            "PopularOfAnotherShape",
            [](Parts& p) {
              p.header["popular_rating"]["shape"] = {1, 5};
            },
            "2 dimensions, not 1"),
        priors(
            "PopularNotFinite", [](Parts& p) { p.put("popular_rating", 0, std::nanf("")); },
            "not finite"),
        priors(
            "TrendNotFinite", [](Parts& p) { p.put("popular_trend", 0, INFINITY); }, "not finite")),
    [](const auto& test) { return test.param.name; });

// Numbers that a file may hold and floats cannot be computed with: a vector is finite, or refused.
TEST(HostilePriors, NumbersAtTheEndsOfTheirRangesFoldOrAreRefused) {
  struct Numbers {
    float noise;
    float variance;
    float mean;
    float factor;
  };
  const auto device = open_device({"cpu", 1});
  for (const auto& [noise, variance, mean, factor] :
       {Numbers{1e-45f, 1e15f, 1, 1}, Numbers{1e-45f, 0, 1, 1}, Numbers{1e15f, 1e15f, 1e15f, 1e15f},
        Numbers{1, 1e15f, 1e15f, 1e15f}, Numbers{1e-45f, 1e-30f, 0, 1e-20f}}) {
    Parts parts(train_factors());
    parts.put("rating_noise", 0, noise);
    for (const std::size_t place : {0, 4, 8}) parts.put("user_prior_covariance", place, variance);
    for (const std::size_t place : {1, 2, 3, 5, 6, 7}) {
      parts.put("user_prior_covariance", place, 0.0f);
    }
    for (std::size_t place = 0; place < 3; ++place) parts.put("user_prior_mean", place, mean);
    for (std::size_t place = 0; place < 10; ++place) parts.put("item_factors", place, factor);
    const TempFolder folder;
    const Model model = load_model(folder.write("m.safetensors", parts.bytes()), Checksum::ignore);
    const std::vector<std::int64_t> offset = {0, 3};
    const std::vector<Index> item = {0, 1, 2};
    const std::vector<float> rating = {5, 1, 4};
    const auto opened = model.open(*device);
    try {
      const auto folded = opened->fold_in({offset, item, rating, 5});
      for (const Prediction& prediction :
           folded->predict(std::vector<Index>(5, 0), first_indices(5))) {
        EXPECT_TRUE(std::isfinite(prediction.score)) << noise << " " << variance;
      }
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("finite"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tusk::test
