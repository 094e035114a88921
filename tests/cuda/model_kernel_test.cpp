// What is done with a model before and after an epoch, on an emulated warp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/cpu_backend.hpp"
#include "tests/cuda/kernel_test.hpp"

namespace tusk {
namespace {

using test::KernelTest;

// The factors that the CPU starts from, wherever a user's row is.
TEST_F(KernelTest, StartFromTheFactorsOfTheCpu) {
  const Index users = 5;
  const Index items = 4;
  const Dataset data = test::make_dataset(users, items, {{0, 0, 1}});
  const std::vector<Label> label(1);
  const std::vector<Index> user_of_row = {3, 1, 4, 0, 2};
  std::vector<Index> row_of(5);
  for (std::size_t r = 0; r < 5; ++r) row_of[static_cast<std::size_t>(user_of_row[r])] = Index(r);
  for (const int factors : {1, 2, 33, 64}) {
    const MfParams params = test::coarse_params(factors);
    const MfState cpu =
        make_cpu_backend(1)
            ->open_mf({data.ratings(), label, data.scale, {{params, {}, {}, test::kMean}}})
            ->state(0);
    test::EmulatedModel model(params, users, items, Precision::fp32, user_of_row.data());
    const MfState state = model.state(row_of);
    EXPECT_EQ(state.user_factors, cpu.user_factors);
    EXPECT_EQ(state.item_factors, cpu.item_factors);
    EXPECT_TRUE(model.padding_is_zero());
  }
}

// Some warps with more than one batch of ratings, some with part of one, some with none.
TEST_F(KernelTest, SumErrorsOfClippedPredictions) {
  for (const int count : {1, 31, 32, 33, 500}) {
    for (const int factors : {1, 33, 64, 600}) {
      MfParams params = test::coarse_params(factors);
      params.init_std = 2 / std::sqrt(static_cast<float>(factors));
      test::EmulatedModel model(params, 20, 30, Precision::fp32);
      const auto reference = test::reference_of(model.state());
      std::vector<Index> user;
      std::vector<Index> item;
      std::vector<float> rating;
      double expected = 0;
      for (int n = 0; n < count; ++n) {
        user.push_back(n % 20);
        item.push_back(n * 7 % 30);
        rating.push_back(1.0f + static_cast<float>(n % 5));
        const double predicted = std::clamp(reference.predict(user.back(), item.back()), 1.0, 5.0);
        expected += std::pow(static_cast<double>(rating.back()) - predicted, 2);
      }
      std::vector<ErrorSum> error(5);
      ValidationArguments a;
      a.rows = model.rows();
      a.user = user.data();
      a.item = item.data();
      a.rating = rating.data();
      a.count = count;
      a.scale = {1, 5};
      a.error = error.data();
      for (unsigned block = 0; block < error.size(); ++block) {
        test::EmulatedWarp::run(block, 5, [&] { sum_validation_errors<float>(a); });
      }
      ErrorSum total;
      test::EmulatedWarp::run(0, 1, [&] { add_up_errors(error.data(), 5, &total); });
      EXPECT_EQ(total.count, count);
      EXPECT_NEAR(total.sum, expected, 1e-4 * expected + 1e-6);
    }
  }
}

TEST_F(KernelTest, AddUpAnyNumberOfErrors) {
  for (const int count : {0, 1, 31, 32, 33, 1000}) {
    std::vector<ErrorSum> error;
    for (int n = 0; n < count; ++n) error.push_back({0.5 * n, n});
    ErrorSum total{7, 7};
    test::EmulatedWarp::run(0, 1, [&] { add_up_errors(error.data(), count, &total); });
    EXPECT_EQ(total.sum, 0.25 * count * (count - 1));
    EXPECT_EQ(total.count, count * (count - 1) / 2);
  }
}

}  // namespace
}  // namespace tusk
