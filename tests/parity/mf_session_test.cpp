// MfSession, for every backend that this machine can run.
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/backend.hpp>

#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk {
namespace {

using test::make_dataset;
using test::random_dataset;

struct BackendCase {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
  // Makes one that must give the same bits; null for training whose threads race.
  std::function<std::unique_ptr<Backend>()> same_bits;
  bool gpu = false;
  // The largest difference to the definition of a parameter after a few updates that commute: the
  // rounding of fp32 sums, or of fp16 parameters of about 1.
  double tolerance = 1e-5;

  friend std::ostream& operator<<(std::ostream& out, const BackendCase& c) { return out << c.name; }
};

BackendCase gpu_case(const std::string& name, const CudaOptions& options) {
  const auto make = [=] { return open_cuda_backend(0, 2, options); };
  BackendCase gpu{name, make, {}, true};
  if (options.deterministic) gpu.same_bits = make;
  if (options.precision == Precision::fp16) gpu.tolerance = 0.01;
  return gpu;
}

std::vector<BackendCase> backends() {
  std::vector<BackendCase> cases;
  for (const CpuKernels* kernels : all_cpu_kernels()) {
    for (const int threads : {1, 3}) {
      cases.push_back({std::string("cpu_") + kernels->name + "_" + std::to_string(threads),
                       [=] { return make_cpu_backend(threads, *kernels); },
                       [=] { return make_cpu_backend(1, *kernels); }});
    }
  }
  cases.push_back(gpu_case("cuda", {}));
  cases.push_back(gpu_case("cuda_fp16", {false, Precision::fp16}));
  cases.push_back(gpu_case("cuda_deterministic", {true, Precision::fp32}));
  cases.push_back(gpu_case("cuda_deterministic_fp16", {true, Precision::fp16}));
  return cases;
}

const LabelSet kEverything = LabelSet().set();

MfProblem problem(const Dataset& data, const std::vector<Label>& label, const MfParams& params,
                  const LabelSet& train = kEverything, const LabelSet& validate = {}) {
  return {data.ratings(), label, data.scale, {{params, train, validate, 3.0f}}};
}

std::vector<Label> all_zero(const Dataset& data) { return std::vector<Label>(data.rating.size()); }

class MfSessionTest : public testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    if (GetParam().gpu) TUSK_SKIP_WITHOUT_GPU();
    backend_ = GetParam().make();
  }

  std::unique_ptr<Backend> backend_;
};

TEST_P(MfSessionTest, CommutingUpdatesMatchTheDefinition) {
  const auto ratings = test::commuting_ratings(50);
  const Dataset data = make_dataset(50, 50, ratings);
  const auto label = all_zero(data);
  for (const int factors : {1, 2, 15, 16, 17, 33, 64, 96, 128, 200, 256, 257, 300, 512, 513}) {
    for (const bool biased : {true, false}) {
      MfParams params = test::coarse_params(factors);
      params.biased = biased;
      const auto session = backend_->open_mf(problem(data, label, params));
      auto reference = test::reference_of(session->state(0));
      for (int epoch = 0; epoch < 3; ++epoch) {
        double squared = 0;
        for (const auto& r : ratings) {
          squared += std::pow(reference.update(params, r.user, r.item, r.value), 2);
        }
        const auto error = session->run_epoch(std::vector<float>{1.0f});
        EXPECT_EQ(error[0].count, 50);
        EXPECT_NEAR(error[0].sum, squared, 10 * GetParam().tolerance * squared);
      }
      EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance)
          << factors << " factors";
      EXPECT_EQ(session->state(0).user_bias.size(), biased ? 50u : 0u);
    }
  }
}

// A single item's ratings are in one block, and a block's runs are visited in an order that the
// reference can follow if every run has one rating.
TEST_P(MfSessionTest, OneUserOneItemOneRating) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 5}});
  const auto label = all_zero(data);
  const MfParams params = test::coarse_params(3);
  const auto session = backend_->open_mf(problem(data, label, params));
  auto reference = test::reference_of(session->state(0));
  for (int epoch = 0; epoch < 50; ++epoch) {
    reference.update(params, 0, 0, 5);
    session->run_epoch(std::vector<float>{1.0f});
  }
  EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance);
}

TEST_P(MfSessionTest, TrainsToTheErrorOfASequentialReference) {
  const Dataset data = random_dataset(300, 200, 20'000, 1);
  const auto label = all_zero(data);
  const MfParams params = test::coarse_params(8);
  const auto session = backend_->open_mf(problem(data, label, params));
  auto reference = test::reference_of(session->state(0));
  std::vector<std::pair<Index, std::size_t>> order;
  data.ratings().each([&](Index user, std::size_t at) { order.emplace_back(user, at); });
  RandomSequence random(1, 1);
  double reference_sum = 0;
  double sum = 0;
  for (int epoch = 0; epoch < 12; ++epoch) {
    random.shuffle(order);
    reference_sum = 0;
    for (const auto& [u, at] : order) {
      reference_sum += std::pow(reference.update(params, u, data.item[at], data.rating[at]), 2);
    }
    sum = session->run_epoch(std::vector<float>{1.0f})[0].sum;
  }
  const auto ratings = static_cast<double>(data.size());
  EXPECT_NEAR(std::sqrt(sum / ratings), std::sqrt(reference_sum / ratings), 0.004);
}

TEST_P(MfSessionTest, GivesTheSameBitsAgainAndWithOneThread) {
  if (!GetParam().same_bits) GTEST_SKIP() << "threads that race do not give the same bits twice";
  const Dataset data = random_dataset(300, 200, 20'000, 2);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); at += 10) label[at] = 9;
  const LabelSet held = LabelSet().set(9);
  const MfProblem parts = problem(data, label, test::coarse_params(20), ~held, held);
  const auto other = GetParam().same_bits();
  const auto a = backend_->open_mf(parts);
  const auto b = other->open_mf(parts);
  for (int epoch = 0; epoch < 4; ++epoch) {
    EXPECT_EQ(a->run_epoch(std::vector<float>{1.0f})[0].sum,
              b->run_epoch(std::vector<float>{1.0f})[0].sum);
    EXPECT_EQ(a->validate()[0].squared, b->validate()[0].squared);
    EXPECT_EQ(a->validate()[0].absolute, b->validate()[0].absolute);
  }
  EXPECT_EQ(a->state(0).user_factors, b->state(0).user_factors);
  EXPECT_EQ(a->state(0).item_factors, b->state(0).item_factors);
  EXPECT_EQ(a->state(0).user_bias, b->state(0).user_bias);
}

// Several models side by side are each what they would be alone.
TEST_P(MfSessionTest, ModelsDoNotTouchEachOther) {
  const Dataset data = random_dataset(100, 80, 4'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 4);
  MfProblem together{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 5; ++m) {
    MfParams params = test::coarse_params(4 + static_cast<int>(m) * 7);
    params.seed = m;
    const LabelSet held = LabelSet().set(m % 4);
    together.fits.push_back({params, ~held, held, 3.0f + static_cast<float>(m) * 0.1f});
  }
  const auto session = backend_->open_mf(together);
  std::vector<std::vector<SquaredError>> trained;
  for (int epoch = 0; epoch < 3; ++epoch) {
    trained.push_back(session->run_epoch(std::vector<float>(5, 0.5f)));
  }
  const auto validated = session->validate();
  for (std::size_t m = 0; m < 5; ++m) {
    MfProblem alone = together;
    alone.fits = {together.fits[m]};
    const auto single = backend_->open_mf(alone);
    std::int64_t held = 0;
    for (const Label l : label) held += l == m % 4 ? 1 : 0;
    for (int epoch = 0; epoch < 3; ++epoch) {
      const auto error = single->run_epoch(std::vector<float>{0.5f})[0];
      EXPECT_EQ(error.count, data.size() - held);
      EXPECT_EQ(error.count, trained[static_cast<std::size_t>(epoch)][m].count);
      EXPECT_NEAR(error.sum, trained[static_cast<std::size_t>(epoch)][m].sum, 0.02 * error.sum);
    }
    EXPECT_EQ(validated[m].count, held);
    EXPECT_NEAR(validated[m].squared, single->validate()[0].squared, 0.02 * validated[m].squared);
  }
}

// On the CPU to the bit: neither its part nor the threads that are left for a model depend on the
// others.
TEST_P(MfSessionTest, OnTheCpuAModelIsTheSameWhateverIsTrainedBesideIt) {
  if (GetParam().gpu) GTEST_SKIP() << "a GPU arranges the ratings of all models together";
  const Dataset data = random_dataset(300, 200, 20'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 4);
  MfProblem together{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 8; ++m) {
    const LabelSet held = LabelSet().set(m % 4);
    together.fits.push_back({test::coarse_params(4 + static_cast<int>(m) * 5), ~held, held, 3.0f});
  }
  const auto session = backend_->open_mf(together);
  session->retire(2);
  for (int epoch = 0; epoch < 3; ++epoch) session->run_epoch(std::vector<float>(8, 0.5f));
  for (const std::size_t m : {std::size_t{0}, std::size_t{7}}) {
    MfProblem alone = together;
    alone.fits = {together.fits[m]};
    const auto single = backend_->open_mf(alone);
    for (int epoch = 0; epoch < 3; ++epoch) single->run_epoch({{0.5f}});
    EXPECT_EQ(single->validate()[0].squared, session->validate()[m].squared);
    EXPECT_EQ(single->state(0).user_factors, session->state(m).user_factors);
    EXPECT_EQ(single->state(0).item_bias, session->state(m).item_bias);
  }
}

TEST_P(MfSessionTest, SeveralEpochsAreOneAfterAnother) {
  if (!GetParam().same_bits) GTEST_SKIP() << "threads that race do not give the same bits twice";
  const Dataset data = random_dataset(100, 80, 4'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  MfProblem parts{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 5; ++m) {
    const LabelSet held = LabelSet().set(m % 3);
    parts.fits.push_back({test::coarse_params(6 + 9 * static_cast<int>(m)), ~held, held, 3.0f});
  }
  const std::vector<float> rate = {1, 1, 0.5f, 1, 2, 0.5f, 1, 1, 0.25f, 1, 1, 1, 0.1f, 1, 0.5f};
  const auto single = backend_->open_mf(parts);
  single->retire(3);
  std::vector<std::vector<SquaredError>> trained;
  std::vector<std::vector<ErrorSums>> validated;
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    trained.push_back(single->run_epoch(std::span(rate).subspan(5 * epoch, 5)));
    validated.push_back(single->validate());
  }
  for (const Validate after : {Validate::never, Validate::last, Validate::each}) {
    const auto together = backend_->open_mf(parts);
    together->retire(3);
    const auto errors = together->run_epochs(rate, 5, after);
    ASSERT_EQ(errors.size(), 15u);
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      const bool measured = after == Validate::each || (after == Validate::last && epoch == 2);
      for (std::size_t m = 0; m < 5; ++m) {
        const auto& [train, validation] = errors[5 * epoch + m];
        EXPECT_EQ(train.sum, trained[epoch][m].sum);
        EXPECT_EQ(train.count, trained[epoch][m].count);
        EXPECT_EQ(validation.squared, measured ? validated[epoch][m].squared : 0);
        EXPECT_EQ(validation.count, measured ? validated[epoch][m].count : 0);
      }
    }
    EXPECT_EQ(together->state(4).item_factors, single->state(4).item_factors);
  }
}

// Their initial factors would be noise in the predictions.
TEST_P(MfSessionTest, FactorsWithoutTrainingRatingsAreZero) {
  const Dataset data = make_dataset(4, 3, {{0, 0, 5}, {0, 1, 1}, {1, 1, 2}, {2, 2, 4}});
  const std::vector<Label> label = {0, 0, 1, 1};
  MfParams params = test::coarse_params(5);
  params.init_std = 1;
  const LabelSet first = LabelSet().set(0);
  const LabelSet second = LabelSet().set(1);
  const auto session =
      backend_->open_mf({data.ratings(),
                         label,
                         data.scale,
                         {{params, first, second, 3}, {params, second, first, 3}}});
  // Of user 1 and item 1 and of user 2 and item 2 the first model knows one at most.
  EXPECT_NEAR(session->validate()[0].squared, 1 + 1, 1e-6);
  const auto zero = [&](const std::vector<float>& factors, int row) {
    const auto begin = factors.begin() + row * params.factors;
    return std::all_of(begin, begin + params.factors, [](float f) { return f == 0; });
  };
  const MfState of_first = session->state(0);
  const MfState of_second = session->state(1);
  for (int user = 0; user < 4; ++user) {
    EXPECT_EQ(zero(of_first.user_factors, user), user != 0);
    EXPECT_EQ(zero(of_second.user_factors, user), user != 1 && user != 2);
  }
  for (int item = 0; item < 3; ++item) {
    EXPECT_EQ(zero(of_first.item_factors, item), item == 2);
    EXPECT_EQ(zero(of_second.item_factors, item), item == 0);
  }
}

TEST_P(MfSessionTest, ValidatesClippedPredictionsOfTheHeldOutRatings) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); at += 3) label[at] = 9;
  MfParams params = test::coarse_params(20);
  params.init_std = 0.6f;  // so that some predictions leave the scale
  const LabelSet held = LabelSet().set(9);
  const auto session = backend_->open_mf(problem(data, label, params, ~held, held));
  session->run_epoch(std::vector<float>{1.0f});
  const auto reference = test::reference_of(session->state(0));
  double sum = 0;
  double distance = 0;
  std::int64_t count = 0;
  int clipped = 0;
  data.ratings().each([&](Index user, std::size_t at) {
    if (label[at] != 9) return;
    const double raw = reference.predict(user, data.item[at]);
    const double predicted = std::clamp(raw, 1.0, 5.0);
    clipped += raw != predicted ? 1 : 0;
    sum += std::pow(data.rating[at] - predicted, 2);
    distance += std::abs(data.rating[at] - predicted);
    ++count;
  });
  ASSERT_GT(clipped, 10);
  EXPECT_EQ(session->validate()[0].count, count);
  EXPECT_NEAR(session->validate()[0].squared, sum, 1e-4 * sum);
  EXPECT_NEAR(session->validate()[0].absolute, distance, 1e-4 * distance);
}

TEST_P(MfSessionTest, CheckpointIsWhatStateReturnsAndRetireStops) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  const auto label = all_zero(data);
  const auto session = backend_->open_mf(problem(data, label, test::coarse_params(5)));
  session->run_epoch(std::vector<float>{1.0f});
  const MfState first = session->state(0);
  session->checkpoint(0);
  session->run_epoch(std::vector<float>{1.0f});
  EXPECT_EQ(session->state(0).user_factors, first.user_factors);
  session->checkpoint(0);
  const MfState second = session->state(0);
  EXPECT_NE(second.user_factors, first.user_factors);
  session->retire(0);
  const auto error = session->run_epoch(std::vector<float>{1.0f});
  EXPECT_EQ(error[0].count, 0);
  EXPECT_EQ(session->validate()[0].count, 0);
  EXPECT_EQ(session->state(0).user_factors, second.user_factors);
}

TEST_P(MfSessionTest, AZeroRateChangesNothing) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  const auto label = all_zero(data);
  const auto session = backend_->open_mf(problem(data, label, test::coarse_params(5)));
  const MfState before = session->state(0);
  session->run_epoch(std::vector<float>{0.0f});
  EXPECT_EQ(session->state(0).user_factors, before.user_factors);
  EXPECT_EQ(session->state(0).item_bias, before.item_bias);
}

// With factors of nearly nothing the biases after an epoch depend on the order of the ratings
// alone.
TEST_P(MfSessionTest, TheSeedAndTheEpochDrawTheOrder) {
  const Dataset data = random_dataset(300, 200, 20'000, 5);
  const auto label = all_zero(data);
  const auto biases = [&](std::uint64_t seed, int idle_epochs) {
    MfParams params = test::coarse_params(4);
    params.init_std = 1e-30f;
    params.seed = seed;
    const auto session = backend_->open_mf(problem(data, label, params));
    for (int epoch = 0; epoch < idle_epochs; ++epoch) session->run_epoch({{0.0f}});
    session->run_epoch({{1.0f}});
    return session->state(0).user_bias;
  };
  EXPECT_TRUE(!GetParam().same_bits || biases(1, 0) == biases(1, 0));
  EXPECT_NE(biases(1, 0), biases(2, 0));
  EXPECT_NE(biases(1, 0), biases(1, 1));
}

TEST_P(MfSessionTest, TheSeedDrawsTheFactors) {
  const Dataset data = random_dataset(30, 20, 200, 5);
  const auto label = all_zero(data);
  MfParams params = test::coarse_params(4);
  const auto first = backend_->open_mf(problem(data, label, params))->state(0);
  params.seed = 99;
  const auto second = backend_->open_mf(problem(data, label, params))->state(0);
  EXPECT_NE(first.user_factors, second.user_factors);
  EXPECT_NE(first.item_factors, second.item_factors);
}

TEST_P(MfSessionTest, TheRateOfAnEpochScalesAllLearningRates) {
  // Of ratings that commute, threads that race make the same bits, too.
  const Dataset data = make_dataset(30, 30, test::commuting_ratings(30));
  const auto label = all_zero(data);
  MfParams params = test::coarse_params(4);
  const auto scaled = backend_->open_mf(problem(data, label, params));
  scaled->run_epoch({{0.5f}});
  params.user_learning_rate /= 2;
  params.item_learning_rate /= 2;
  params.bias_learning_rate /= 2;
  const auto halved = backend_->open_mf(problem(data, label, params));
  halved->run_epoch({{1.0f}});
  EXPECT_EQ(scaled->state(0).user_factors, halved->state(0).user_factors);
  EXPECT_EQ(scaled->state(0).item_factors, halved->state(0).item_factors);
  EXPECT_EQ(scaled->state(0).user_bias, halved->state(0).user_bias);
}

// The longest rows that there are, and all lengths beside which a kernel ends.
TEST_P(MfSessionTest, TakesAnyNumberOfFactors) {
  const Dataset data = make_dataset(2, 2, {{0, 1, 5}, {1, 0, 2}});
  const auto label = all_zero(data);
  for (const int factors : {160, 161, 192, 224, 225, 384, 385, 1000, 4095, 4096}) {
    MfParams params = test::coarse_params(factors);
    params.init_std = 0.02f;
    const auto session = backend_->open_mf(problem(data, label, params));
    auto reference = test::reference_of(session->state(0));
    for (int epoch = 0; epoch < 2; ++epoch) {
      reference.update(params, 0, 1, 5);
      reference.update(params, 1, 0, 2);
      EXPECT_EQ(session->run_epoch({{1.0f}})[0].count, 2);
    }
    EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance)
        << factors << " factors";
  }
}

// One user, one item, and users whose histories are longer than a GPU trains in one go.
TEST_P(MfSessionTest, TrainsOddShapes) {
  struct Shape {
    Index users;
    Index items;
    std::int64_t ratings;
  };
  for (const auto& [users, items, size] : {Shape{1, 60, 60}, Shape{60, 1, 60}, Shape{1, 3000, 3000},
                                           Shape{3, 2000, 5000}, Shape{2000, 3, 5000}}) {
    const Dataset data = random_dataset(users, items, size, 6);
    const auto label = all_zero(data);
    const MfParams params = test::coarse_params(33);
    const auto session = backend_->open_mf(problem(data, label, params));
    auto reference = test::reference_of(session->state(0));
    double expected = 0;
    double sum = 0;
    for (int epoch = 0; epoch < 8; ++epoch) {
      expected = 0;
      data.ratings().each([&](Index user, std::size_t at) {
        expected += std::pow(reference.update(params, user, data.item[at], data.rating[at]), 2);
      });
      const auto error = session->run_epoch({{1.0f}})[0];
      EXPECT_EQ(error.count, data.size());
      sum = error.sum;
    }
    const auto ratings = static_cast<double>(data.size());
    EXPECT_NEAR(std::sqrt(sum / ratings), std::sqrt(expected / ratings), 0.1)
        << users << " users, " << items << " items";
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, MfSessionTest, testing::ValuesIn(backends()),
                         [](const auto& test) { return test.param.name; });

TEST(CpuKernels, WithFusedMultiplyAddGiveTheSameBits) {
  const auto kernels = all_cpu_kernels();
  if (kernels.size() < 3) GTEST_SKIP() << "this processor has no AVX-512";
  const Dataset data = random_dataset(100, 80, 4'000, 3);
  const auto label = all_zero(data);
  for (const int factors : {5, 64, 300}) {
    const auto a = make_cpu_backend(1, *kernels[1])
                       ->open_mf(problem(data, label, test::coarse_params(factors)));
    const auto b = make_cpu_backend(1, *kernels[2])
                       ->open_mf(problem(data, label, test::coarse_params(factors)));
    a->run_epoch(std::vector<float>{1.0f});
    b->run_epoch(std::vector<float>{1.0f});
    EXPECT_EQ(a->state(0).user_factors, b->state(0).user_factors);
    EXPECT_EQ(a->state(0).item_bias, b->state(0).item_bias);
  }
}

}  // namespace
}  // namespace tusk
