// The kernels that train, run on the CPU by an emulated warp, against the definition in double
// precision. The GPU itself is tested by tests/parity.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "backend/block_order.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/unpack_rows.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/reference_sgd.hpp"
#include "tests/support/reference_strata.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "tests/cuda/kernel_choice.hpp"
// clang-format on

namespace tusk {
namespace {

MfParams params_of(int factors) {
  MfParams params;
  params.factors = factors;
  params.user_learning_rate = 0.03f;
  params.item_learning_rate = 0.02f;
  params.bias_learning_rate = 0.01f;
  params.user_regularization = 0.05f;
  params.item_regularization = 0.08f;
  params.bias_regularization = 0.04f;
  params.init_std = 0.1f;
  params.seed = 11;
  return params;
}

constexpr float kMean = 3;

LabelMask mask_of(const LabelSet& labels) {
  LabelMask mask;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (labels.test(label)) mask.word[label / 32] |= 1u << (label % 32);
  }
  return mask;
}

// A model in memory laid out as a GPU's.
class EmulatedModel {
 public:
  EmulatedModel(const MfParams& params, Index users, Index items, Precision precision,
                const Index* user_of_row = nullptr, const Index* item_of_row = nullptr)
      : params_(params),
        users_(users),
        items_(items),
        layout_(row_layout(params.factors, precision)),
        bytes_((static_cast<std::size_t>(users) + static_cast<std::size_t>(items)) *
               layout_.stride() / sizeof(Sector)) {
    const auto fill_both = [&](auto storage) {
      fill<decltype(storage)>(rows().user, users, RandomUse::initial_user_factors, user_of_row);
      fill<decltype(storage)>(rows().item, items, RandomUse::initial_item_factors, item_of_row);
    };
    precision == Precision::fp16 ? fill_both(__half()) : fill_both(0.0f);
  }

  ModelRows rows() {
    ModelRows rows;
    rows.user = bytes_.data()->byte;
    rows.item = rows.user + static_cast<std::size_t>(users_) * layout_.stride();
    rows.stride = layout_.stride();
    rows.bias_offset = layout_.bias_offset();
    rows.factors_per_lane = layout_.factors_per_lane;
    rows.mean = kMean;
    return rows;
  }

  MfState state(std::span<const Index> user_row = {}, std::span<const Index> item_row = {}) {
    MfState state{users_, items_, params_.factors, true, kMean, {}, {}, {}, {}};
    const std::span<const unsigned char> all(bytes_.data()->byte, bytes_.size() * sizeof(Sector));
    const std::size_t user_bytes = static_cast<std::size_t>(users_) * layout_.stride();
    unpack_rows(all.first(user_bytes), layout_, users_, user_row, state.user_factors,
                state.user_bias);
    unpack_rows(all.subspan(user_bytes), layout_, items_, item_row, state.item_factors,
                state.item_bias);
    return state;
  }

  // Padding must stay zero, or it would grow into the predictions.
  bool padding_is_zero() {
    for (Index row = 0; row < users_ + items_; ++row) {
      const unsigned char* const at =
          bytes_.data()->byte + static_cast<std::size_t>(row) * layout_.stride();
      const auto first = static_cast<std::size_t>(params_.factors) * layout_.factor_bytes;
      for (std::size_t b = first; b < layout_.bias_offset(); ++b) {
        if (at[b] != 0) return false;
      }
      for (std::size_t b = layout_.bias_offset() + 4; b < layout_.stride(); ++b) {
        if (at[b] != 0) return false;
      }
    }
    return true;
  }

 private:
  struct alignas(32) Sector {
    unsigned char byte[32] = {};
  };

  template <class Storage>
  void fill(unsigned char* rows, Index count, RandomUse use, const Index* id_of_row) {
    InitialFactors a;
    a.rows = rows;
    a.stride = layout_.stride();
    a.count = count;
    a.id_of_row = id_of_row;
    a.factors = params_.factors;
    a.seed = params_.seed;
    a.use = use;
    a.standard_deviation = params_.init_std;
    for (unsigned block = 0; block < 3; ++block) {
      test::EmulatedWarp::run(block, 3, [&] { fill_initial_factors<Storage>(a); });
    }
  }

  MfParams params_;
  Index users_;
  Index items_;
  RowLayout layout_;
  std::vector<Sector> bytes_;
};

constexpr int kFactors[] = {1, 33, 64, 96, 100, 129, 192, 200, 256, 300, 512, 513};

// Users with histories of one rating and of more than a run, and labels of which one is left out.
class Kernels : public testing::Test {
 protected:
  static Dataset ratings() {
    std::vector<test::Rating> ratings;
    for (Index item = 0; item < 700; ++item) ratings.push_back({0, item, 1.0f + (item % 5)});
    for (Index user = 1; user < 12; ++user) {
      for (Index item = 0; item < user * user; ++item) {
        ratings.push_back({user, item * 5 % 700, 1.0f + ((user + item) % 5)});
      }
    }
    return test::make_dataset(12, 700, ratings);
  }

  Kernels() {
    for (std::size_t at = 0; at < label_.size(); ++at) label_[at] = static_cast<Label>(at % 40);
  }

  const Dataset data_ = ratings();
  std::vector<Label> label_ = std::vector<Label>(data_.rating.size());
  const LabelSet train_ = ~LabelSet().set(3).set(36);
  ThreadPool threads_{1};
};

// Trains one epoch by an emulated warp, and by the definition in the same order.
struct HogwildRun {
  MfState trained;
  test::ReferenceModel reference;
  ErrorSum error{};
  double reference_error = 0;
  std::int64_t ratings = 0;
  bool padding_is_zero = false;
};

template <class Storage, ItemUpdate Update = ItemUpdate::store>
HogwildRun run_hogwild(const Dataset& data, const HogwildRatings& packed, const LabelSet& train,
                       int factors, float rate = 1) {
  const Precision precision = sizeof(Storage) == 2 ? Precision::fp16 : Precision::fp32;
  const MfParams params = params_of(factors);
  const Index users = data.ratings().rows();
  EmulatedModel model(params, users, data.ratings().columns, precision);
  HogwildRun run;
  run.reference = test::reference_of(model.state());
  for (const RunChunk& chunk : packed.chunks) {
    unsigned long long taken = 0;
    HogwildArguments a;
    a.rows = model.rows();
    a.rates = sgd_rates(params, rate);
    a.train = mask_of(train);
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
    const auto kernel = test::hogwild_kernel(precision, Update, a.rows.factors_per_lane);
    test::EmulatedWarp::run(0, 1, [&] { kernel(a); });
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
  EXPECT_NEAR(run.error.sum, run.reference_error, 10 * tolerance * run.reference_error);
  EXPECT_LT(test::largest_difference(run.reference, run.trained), tolerance)
      << factors << " factors";
  EXPECT_TRUE(run.padding_is_zero);
}

TEST_F(Kernels, HogwildTrainsEveryRatingByTheDefinition) {
  const auto packed =
      pack_hogwild(data_.ratings(), label_, LabelSet().set(), false, 1 << 30, threads_);
  for (const int factors : kFactors) {
    expect_like_the_reference(run_hogwild<float>(data_, packed, train_, factors), 1e-4, factors);
    expect_like_the_reference(run_hogwild<float, ItemUpdate::add>(data_, packed, train_, factors),
                              1e-4, factors);
  }
}

TEST_F(Kernels, HogwildTrainsThePartOfAModelInChunks) {
  const auto packed = pack_hogwild(data_.ratings(), label_, LabelSet().set(), true, 4000, threads_);
  ASSERT_GE(packed.chunks.size(), 3u);
  for (const int factors : {33, 64, 513}) {
    const HogwildRun run = run_hogwild<float>(data_, packed, train_, factors);
    EXPECT_LT(run.ratings, data_.size());
    expect_like_the_reference(run, 1e-4, factors);
  }
}

// Each of some hundred steps of an item or a user is rounded, by up to 2^-11 of its value.
TEST_F(Kernels, HogwildRoundsToHalfPrecision) {
  const auto packed =
      pack_hogwild(data_.ratings(), label_, LabelSet().set(), false, 1 << 30, threads_);
  for (const int factors : kFactors) {
    expect_like_the_reference(run_hogwild<__half>(data_, packed, train_, factors), 0.02, factors);
  }
}

// Steps far below what half precision can show move some factors by all that it can, and most by
// nothing.
TEST_F(Kernels, SmallStepsCountInHalfPrecision) {
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

// Trains some epochs by emulated warps, the blocks of a round from last to first.
template <class Storage>
void expect_strata_like_the_reference(const Dataset& data, const StrataRatings& packed,
                                      const LabelSet& train, int factors, double tolerance) {
  auto ratings = static_cast<std::int64_t>(packed.rating.size());
  for (const Label label : packed.label) ratings -= train.test(label) ? 0 : 1;
  const Precision precision = sizeof(Storage) == 2 ? Precision::fp16 : Precision::fp32;
  const MfParams params = params_of(factors);
  EmulatedModel model(params, data.ratings().rows(), data.ratings().columns, precision);
  auto reference = test::reference_of(model.state(packed.user_row, packed.item_row));
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    const BlockOrder order = draw_block_order(params.seed, epoch, packed.stripes);
    std::vector<ErrorSum> error(static_cast<std::size_t>(packed.stripes));
    StrataArguments a;
    a.rows = model.rows();
    a.rates = sgd_rates(params, 1);
    a.train = mask_of(train);
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
    for (const ErrorSum& e : error) {
      sum += e.sum;
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

TEST_F(Kernels, StrataTrainEveryRatingByTheDefinition) {
  const auto packed = pack_strata(data_.ratings(), label_, LabelSet().set(), false, threads_);
  ASSERT_GE(packed.stripes, 4);
  for (const int factors : {1, 33, 96, 200, 256, 512, 513}) {
    expect_strata_like_the_reference<float>(data_, packed, train_, factors, 1e-4);
    expect_strata_like_the_reference<__half>(data_, packed, train_, factors, 0.02);
  }
}

TEST_F(Kernels, StrataTrainThePartOfAModel) {
  const auto packed = pack_strata(data_.ratings(), label_, LabelSet().set(), true, threads_);
  for (const int factors : {33, 513}) {
    expect_strata_like_the_reference<float>(data_, packed, train_, factors, 1e-4);
  }
}

// The factors that the CPU starts from, wherever a user's row is.
TEST_F(Kernels, StartFromTheFactorsOfTheCpu) {
  const Index users = 5;
  const Index items = 4;
  const Dataset data = test::make_dataset(users, items, {{0, 0, 1}});
  const std::vector<Label> label(1);
  const std::vector<Index> user_of_row = {3, 1, 4, 0, 2};
  std::vector<Index> row_of(5);
  for (std::size_t r = 0; r < 5; ++r) row_of[static_cast<std::size_t>(user_of_row[r])] = Index(r);
  for (const int factors : {1, 2, 33, 64}) {
    const MfParams params = params_of(factors);
    const MfState cpu =
        make_cpu_backend(1)
            ->open_mf({data.ratings(), label, data.scale, {{params, {}, {}, kMean}}})
            ->state(0);
    EmulatedModel model(params, users, items, Precision::fp32, user_of_row.data());
    const MfState state = model.state(row_of);
    EXPECT_EQ(state.user_factors, cpu.user_factors);
    EXPECT_EQ(state.item_factors, cpu.item_factors);
    EXPECT_TRUE(model.padding_is_zero());
  }
}

// Some warps with more than one batch of ratings, some with part of one, some with none.
TEST_F(Kernels, SumErrorsOfClippedPredictions) {
  for (const int count : {1, 31, 32, 33, 500}) {
    for (const int factors : {1, 33, 64, 600}) {
      MfParams params = params_of(factors);
      params.init_std = 2 / std::sqrt(static_cast<float>(factors));
      EmulatedModel model(params, 20, 30, Precision::fp32);
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

TEST_F(Kernels, AddUpAnyNumberOfErrors) {
  for (const int count : {0, 1, 31, 32, 33, 1000}) {
    std::vector<ErrorSum> error;
    for (int n = 0; n < count; ++n) error.push_back({0.5 * n, n});
    ErrorSum total{7, 7};
    test::EmulatedWarp::run(0, 1, [&] { add_up_errors(error.data(), count, &total); });
    EXPECT_EQ(total.sum, 0.25 * count * (count - 1));
    EXPECT_EQ(total.count, count * (count - 1) / 2);
  }
}

// In one block, a rating's neighbours are of its user or its item as often as can be.
TEST_F(Kernels, StrataGoOnWithTheRowsOfTheLastRating) {
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

}  // namespace
}  // namespace tusk
