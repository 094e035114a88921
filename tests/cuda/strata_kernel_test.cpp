// Deterministic training on emulated warps, against the definition in double precision.
#include <cstdint>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "backend/block_order.hpp"
#include "tests/cuda/kernel_test.hpp"
#include "tests/support/reference_strata.hpp"

namespace tusk {
namespace {

using test::KernelTest;

// Trains some epochs by emulated warps, the blocks of a round from last to first.
template <class Storage>
void expect_strata_like_the_reference(const Dataset& data, const StrataRatings& packed,
                                      const LabelSet& train, int factors, double tolerance,
                                      std::uint64_t seed = 0) {
  auto ratings = static_cast<std::int64_t>(packed.rating.size());
  for (const Label label : packed.label) ratings -= train.test(label) ? 0 : 1;
  const Precision precision = sizeof(Storage) == 2 ? Precision::fp16 : Precision::fp32;
  MfParams params = test::coarse_params(factors);
  params.seed += seed;
  test::EmulatedModel model(params, data.ratings().rows(), data.ratings().columns, precision);
  auto reference = test::reference_of(model.state(packed.user_row, packed.item_row));
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    const BlockOrder order = draw_block_order(params.seed, epoch, packed.stripes);
    std::vector<ErrorSums> error(static_cast<std::size_t>(packed.stripes));
    StrataArguments a;
    a.rows = model.rows();
    a.rates = sgd_rates(params, 1);
    a.train = label_mask(train);
    a.first = packed.first.data();
    a.rating = packed.rating.data();
    if (!packed.label.empty()) a.label = packed.label.data();
    a.first_user_row = packed.first_user_row.data();
    a.first_item_row = packed.first_item_row.data();
    a.user_stripe = order.user_stripe.data();
    a.item_stripe = order.item_stripe.data();
    a.stripes = packed.stripes;
    a.seed = params.seed;
    a.epoch = epoch;
    a.error = error.data();
    const auto kernel = test::strata_kernel(precision, a.rows.factors_per_lane);
    for (const int round : order.round) {
      a.round = round;
      for (int place = packed.stripes - 1; place >= 0; --place) {
        test::EmulatedWarp::run(static_cast<unsigned>(place), static_cast<unsigned>(packed.stripes),
                                [&] { kernel(a); });
      }
    }
    double sum = 0;
    std::int64_t count = 0;
    for (const ErrorSums& e : error) {
      sum += e.squared;
      count += e.count;
    }
    const double expected = test::train_strata(reference, params, packed, train, epoch);
    EXPECT_EQ(count, ratings);
    EXPECT_NEAR(sum, expected, 10 * tolerance * expected);
  }
  EXPECT_LT(test::largest_difference(reference, model.state(packed.user_row, packed.item_row)),
            tolerance)
      << factors << " factors";
  EXPECT_TRUE(model.padding_is_zero());
}

TEST_F(KernelTest, StrataTrainEveryRatingByTheDefinition) {
  const auto packed = pack_strata(data_.ratings(), label_, LabelSet().set(), false, threads_);
  ASSERT_GE(packed.stripes, 4);
  for (const int factors : {1, 33, 96, 200, 256, 512, 513}) {
    expect_strata_like_the_reference<float>(data_, packed, train_, factors, 1e-4);
    expect_strata_like_the_reference<__half>(data_, packed, train_, factors, 0.02);
  }
}

TEST_F(KernelTest, StrataTrainThePartOfAModel) {
  const auto packed = pack_strata(data_.ratings(), label_, LabelSet().set(), true, threads_);
  for (const int factors : {33, 513}) {
    expect_strata_like_the_reference<float>(data_, packed, train_, factors, 1e-4);
  }
}

// In one block, a rating's neighbours are of its user or its item as often as can be.
TEST_F(KernelTest, StrataGoOnWithTheRowsOfTheLastRating) {
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 2; ++user) {
    for (Index item = 0; item < 40; ++item) ratings.push_back({user, item, 1.0f + (item % 5)});
  }
  for (const bool swapped : {false, true}) {
    std::vector<test::Rating> these = ratings;
    if (swapped) {
      for (test::Rating& rating : these) std::swap(rating.user, rating.item);
    }
    const Dataset data = test::make_dataset(swapped ? 40 : 2, swapped ? 2 : 40, these);
    const std::vector<Label> label(data.rating.size());
    const auto packed = pack_strata(data.ratings(), label, LabelSet().set(), false, threads_);
    ASSERT_EQ(packed.stripes, 1);
    expect_strata_like_the_reference<float>(data, packed, train_, 33, 1e-4);
  }
}

// Blocks of fewer ratings than are read ahead and of more, begun at any rating of an item, so that
// users and items come back at every distance.
TEST_F(KernelTest, StrataPassOnRowsThatAreReadAhead) {
  for (const auto& [users, items] : {std::pair(1, 1), {1, 9}, {2, 3}, {3, 2}, {5, 4}, {7, 9}}) {
    std::vector<test::Rating> ratings;
    for (Index user = 0; user < users; ++user) {
      for (Index item = 0; item < items; ++item) {
        if ((user * 3 + item) % 4 != 3) ratings.push_back({user, item, 1.0f + (user + item) % 5});
      }
    }
    const Dataset data = test::make_dataset(users, items, ratings);
    const std::vector<Label> label(data.rating.size());
    const auto packed = pack_strata(data.ratings(), label, LabelSet().set(), false, threads_);
    ASSERT_EQ(packed.stripes, 1);
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      expect_strata_like_the_reference<float>(data, packed, train_, 33, 1e-4, seed);
      expect_strata_like_the_reference<float>(data, packed, train_, 512, 1e-4, seed);
    }
  }
}

}  // namespace
}  // namespace tusk
