// What is done with a model before and after an epoch, on an emulated warp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "tests/cuda/kernel_test.hpp"

namespace tusk {
namespace {

using test::KernelTest;

// The factors that the CPU starts from, wherever a user's row is.
TEST_F(KernelTest, StartFromTheFactorsOfTheCpu) {
  const Index users = 5;
  const Index items = 4;
  const Dataset data =
      test::make_dataset(users, items, {{0, 0, 1}, {1, 0, 1}, {2, 1, 1}, {3, 2, 1}, {4, 3, 1}});
  const std::vector<Label> label(5);
  const std::vector<Index> user_of_row = {3, 1, 4, 0, 2};
  std::vector<Index> row_of(5);
  for (std::size_t r = 0; r < 5; ++r) row_of[static_cast<std::size_t>(user_of_row[r])] = Index(r);
  for (const int factors : {1, 2, 33, 64}) {
    const MfParams params = test::coarse_params(factors);
    const MfState cpu =
        make_cpu_backend(1)
            ->open_mf(
                {data.ratings(), label, data.scale, {{params, LabelSet().set(), {}, test::kMean}}})
            ->state(0);
    test::EmulatedModel model(params, users, items, Precision::fp32, user_of_row.data());
    const MfState state = model.state(row_of);
    EXPECT_EQ(state.user_factors, cpu.user_factors);
    EXPECT_EQ(state.item_factors, cpu.item_factors);
    EXPECT_TRUE(model.padding_is_zero());
  }
}

// A part of the users, whose rows are in another order, without padding.
TEST_F(KernelTest, UnpackRowsInTheOrderOfUsers) {
  const std::vector<Index> row_of = {2, 0, 1};
  const auto value = [](Index row, int factor) {
    return static_cast<float>(row) + static_cast<float>(factor) / 8;
  };
  const auto unpacked = [&](auto storage, Index first, Index count) {
    using Storage = decltype(storage);
    constexpr std::size_t kPadded = 32;
    std::vector<Storage> rows(3 * kPadded, Storage(9.0f));
    std::vector<float> bias(3 * kBiasSpacing, 9);
    for (Index row = 0; row < 3; ++row) {
      const auto r = static_cast<std::size_t>(row);
      for (int f = 0; f < 5; ++f) {
        rows[r * kPadded + static_cast<std::size_t>(f)] = to_storage<Storage>(value(row, f));
      }
      bias[r * kBiasSpacing] = -static_cast<float>(row);
    }
    std::vector<float> out(static_cast<std::size_t>(count) * 6, 7);
    RowsToUnpack a;
    a.rows = reinterpret_cast<const unsigned char*>(rows.data());
    a.bias = bias.data();
    a.stride = kPadded * sizeof(Storage);
    a.row_of = row_of.data();
    a.first = first;
    a.count = count;
    a.factors = 5;
    a.factor_out = out.data();
    a.bias_out = out.data() + static_cast<std::size_t>(count) * 5;
    for (unsigned block = 0; block < 2; ++block) {
      test::EmulatedWarp::run(block, 2, [&] { unpack_rows<Storage>(a); });
    }
    return out;
  };
  for (const Index first : {0, 1}) {
    std::vector<float> expected;
    for (Index user = first; user < 3; ++user) {
      for (int f = 0; f < 5; ++f) {
        expected.push_back(value(row_of[static_cast<std::size_t>(user)], f));
      }
    }
    for (Index user = first; user < 3; ++user) {
      expected.push_back(-static_cast<float>(row_of[static_cast<std::size_t>(user)]));
    }
    EXPECT_EQ(unpacked(0.0f, first, 3 - first), expected);
    EXPECT_EQ(unpacked(__half(), first, 3 - first), expected);
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
      double distance = 0;
      for (int n = 0; n < count; ++n) {
        user.push_back(n % 20);
        item.push_back(n * 7 % 30);
        rating.push_back(1.0f + static_cast<float>(n % 5));
        const double predicted = std::clamp(reference.predict(user.back(), item.back()), 1.0, 5.0);
        expected += std::pow(static_cast<double>(rating.back()) - predicted, 2);
        distance += std::abs(static_cast<double>(rating.back()) - predicted);
      }
      std::vector<ErrorSums> error(5);
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
      ErrorSums total;
      test::EmulatedWarp::run(0, 1, [&] { add_up_errors(error.data(), 5, &total); });
      EXPECT_EQ(total.count, count);
      EXPECT_NEAR(total.squared, expected, 1e-4 * expected + 1e-6);
      EXPECT_NEAR(total.absolute, distance, 1e-4 * distance + 1e-6);
    }
  }
}

TEST_F(KernelTest, AddUpAnyNumberOfErrors) {
  for (const int count : {0, 1, 31, 32, 33, 1000}) {
    std::vector<ErrorSums> error;
    for (int n = 0; n < count; ++n) error.push_back({n, 0.5 * n, 0.25 * n});
    ErrorSums total{7, 7, 7};
    test::EmulatedWarp::run(0, 1, [&] { add_up_errors(error.data(), count, &total); });
    EXPECT_EQ(total.squared, 0.25 * count * (count - 1));
    EXPECT_EQ(total.absolute, 0.125 * count * (count - 1));
    EXPECT_EQ(total.count, count * (count - 1) / 2);
  }
}

}  // namespace
}  // namespace tusk
