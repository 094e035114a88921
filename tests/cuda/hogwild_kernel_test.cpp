// Lock-free training on an emulated warp, against the definition in double precision.
#include <cmath>
#include <cstddef>
#include <vector>

#include "backend/backend.hpp"
#include "cuda/hogwild_ratings.hpp"
#include "tests/cuda/kernel_test.hpp"

namespace tusk {
namespace {

using test::KernelTest;

// Trains one epoch by an emulated warp, and by the definition in the same order.
struct HogwildRun {
  MfState trained;
  test::ReferenceModel reference;
  ErrorSums error{};
  double reference_error = 0;
  std::int64_t ratings = 0;
  bool padding_is_zero = false;
};

template <class Storage>
HogwildRun run_hogwild(const Dataset& data, const HogwildRatings& packed, const LabelSet& train,
                       int factors, float rate = 1, bool side_by_side = false) {
  const Precision precision = sizeof(Storage) == 2 ? Precision::fp16 : Precision::fp32;
  const MfParams params = test::coarse_params(factors);
  const Index users = data.ratings().rows();
  test::EmulatedModel model(params, users, data.ratings().columns, precision);
  HogwildRun run;
  run.reference = test::reference_of(model.state());
  for (const RunChunk& chunk : packed.chunks) {
    unsigned long long taken = 0;
    HogwildArguments a;
    a.rows = model.rows();
    a.rates = sgd_rates(params, rate);
    a.train = label_mask(train);
    a.runs = packed.runs.data() + chunk.first_run;
    a.rating = packed.rating.data() + chunk.first_rating;
    if (!packed.label.empty()) a.label = packed.label.data() + chunk.first_rating;
    a.run_count = chunk.runs;
    a.first_run = chunk.first_run;
    a.first_rating = chunk.first_rating;
    a.order_first = chunk.runs / 2;
    a.order_step = 1;
    a.seed = params.seed;
    a.epoch = 4;
    a.taken = &taken;
    a.error = &run.error;
    const auto kernels = test::hogwild_kernels(precision, a.rows.factors_per_lane);
    test::EmulatedWarp::run(
        0, 1, [&] { side_by_side ? kernels.side_by_side(&a) : kernels.one_model(a); });
    for (std::size_t r = 0; r < chunk.runs; ++r) {
      const std::size_t number = chunk.first_run + (a.order_first + r) % chunk.runs;
      const UserRun& user_run = packed.runs[number];
      const RunVisit visit = visit_run(params.seed, a.epoch, number, user_run.count);
      for (std::uint32_t k = 0; k < user_run.count; ++k) {
        const auto at = static_cast<std::size_t>(user_run.first) + visit.place(k, user_run.count);
        if (!packed.label.empty() && !train.test(packed.label[at])) continue;
        const PackedRating& rating = packed.rating[at];
        run.reference_error += std::pow(run.reference.update(params, user_run.user, rating.item,
                                                             static_cast<double>(rating.value)),
                                        2);
        ++run.ratings;
      }
    }
  }
  run.trained = model.state();
  run.padding_is_zero = model.padding_is_zero();
  return run;
}

void expect_like_the_reference(const HogwildRun& run, double tolerance, int factors) {
  EXPECT_EQ(run.error.count, run.ratings);
  EXPECT_NEAR(run.error.squared, run.reference_error, 10 * tolerance * run.reference_error);
  EXPECT_LT(test::largest_difference(run.reference, run.trained), tolerance)
      << factors << " factors";
  EXPECT_TRUE(run.padding_is_zero);
}

TEST_F(KernelTest, HogwildTrainsEveryRatingByTheDefinition) {
  const auto packed =
      pack_hogwild(data_.ratings(), label_, LabelSet().set(), false, 1 << 30, threads_);
  for (const int factors : test::kFactors) {
    expect_like_the_reference(run_hogwild<float>(data_, packed, train_, factors), 1e-4, factors);
  }
}

TEST_F(KernelTest, HogwildTrainsThePartOfAModelInChunks) {
  const auto packed = pack_hogwild(data_.ratings(), label_, LabelSet().set(), true, 4000, threads_);
  ASSERT_GE(packed.chunks.size(), 3u);
  for (const int factors : {33, 64, 513}) {
    const HogwildRun run = run_hogwild<float>(data_, packed, train_, factors);
    EXPECT_LT(run.ratings, data_.size());
    expect_like_the_reference(run, 1e-4, factors);
  }
}

TEST_F(KernelTest, OneWarpTrainsAModelByTheDefinition) {
  const auto packed =
      pack_hogwild(data_.ratings(), label_, LabelSet().set(), true, 1 << 30, threads_);
  for (const int factors : test::kFactors) {
    expect_like_the_reference(run_hogwild<float>(data_, packed, train_, factors, 1, true), 1e-4,
                              factors);
    expect_like_the_reference(run_hogwild<__half>(data_, packed, train_, factors, 1, true), 0.02,
                              factors);
  }
}

// Each of some hundred steps of an item or a user is rounded, by up to 2^-11 of its value.
TEST_F(KernelTest, HogwildRoundsToHalfPrecision) {
  const auto packed =
      pack_hogwild(data_.ratings(), label_, LabelSet().set(), false, 1 << 30, threads_);
  for (const int factors : test::kFactors) {
    expect_like_the_reference(run_hogwild<__half>(data_, packed, train_, factors), 0.02, factors);
  }
}

// Steps far below what half precision can show move some factors by all that it can, and most by
// nothing.
TEST_F(KernelTest, SmallStepsCountInHalfPrecision) {
  std::vector<test::Rating> ratings;
  for (Index n = 0; n < 40; ++n) ratings.push_back({n, n, 5});
  const Dataset data = test::make_dataset(40, 40, ratings);
  const std::vector<Label> label(data.rating.size());
  const auto packed =
      pack_hogwild(data.ratings(), label, LabelSet().set(), false, 1 << 30, threads_);
  for (const int factors : {64, 513}) {
    const auto still = run_hogwild<__half>(data, packed, train_, factors, 0).trained;
    const auto moved = run_hogwild<__half>(data, packed, train_, factors, 1e-4f).trained;
    const auto changed = [](const std::vector<float>& a, const std::vector<float>& b) {
      double count = 0;
      for (std::size_t at = 0; at < a.size(); ++at) count += a[at] != b[at] ? 1 : 0;
      return count / static_cast<double>(a.size());
    };
    for (const double share : {changed(still.user_factors, moved.user_factors),
                               changed(still.item_factors, moved.item_factors)}) {
      EXPECT_GT(share, 0.01);
      EXPECT_LT(share, 0.5);
    }
  }
}

}  // namespace
}  // namespace tusk
