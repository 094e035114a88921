// Neural networks by device code on emulated warps, against the CPU.
#include "backend/neural_session.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/neural_plan.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::emulated_memory;

NeuralParams some_params() {
  NeuralParams params;
  params.factors = 5;
  params.hidden = {7, 6};
  params.products = true;
  params.dropout = 0.2f;
  params.hidden_dropout = 0.1f;
  params.learning_rate = 0.01f;
  params.weight_decay = 0.01f;
  params.batch_size = 64;
  params.init_std = 0.1f;
  params.seed = 3;
  return params;
}

template <class Change>
NeuralParams changed(const Change& change) {
  NeuralParams params = some_params();
  change(params);
  return params;
}

// Differences of smaller numbers are measured by this.
constexpr float kLeastScale = 0.1f;

class EmulatedNeural : public test::EmulatedTest {
 protected:
  using EmulatedTest::expect_near;
  EmulatedNeural() : EmulatedNeural(test::random_dataset(30, 20, 330, 5)) {}
  explicit EmulatedNeural(Dataset data) : data_(std::move(data)) {
    // A user and an item that nobody trains, and a fifth of the others to validate on.
    data_.ratings().each([&](Index user, std::size_t at) {
      const bool known = user != 3 && data_.item[at] != 2;
      label_.push_back(known && at % 5 != 0 ? Label{1} : Label{2});
    });
    // An item without features, a feature without items, a feature that most items have.
    features_.columns = 6;
    features_.offset = {0};
    for (Index item = 0; item < data_.items.size(); ++item) {
      if (item % 4 != 1) add_feature(0, 1);
      if (item % 3 == 0) add_feature(1 + item % 4, 0.5f);
      features_.offset.push_back(std::ssize(features_.column));
    }
  }

  NeuralFit fit(const NeuralParams& params) const {
    NeuralFit fit;
    fit.params = params;
    fit.train.set(1);
    fit.validate.set(2);
    fit.mean = 3.4f;
    return fit;
  }

  NeuralProblem problem(std::vector<NeuralFit> fits) const {
    return {data_.ratings(), label_, data_.scale, std::move(fits)};
  }

  static void expect_near(const NeuralWeights& found, const NeuralWeights& expected,
                          float tolerance) {
    expect_near(found.user, expected.user, tolerance, "users", kLeastScale);
    expect_near(found.item, expected.item, tolerance, "items", kLeastScale);
    expect_near(found.user_bias, expected.user_bias, tolerance, "biases of users", kLeastScale);
    expect_near(found.item_bias, expected.item_bias, tolerance, "biases of items", kLeastScale);
    expect_near(found.network, expected.network, tolerance, "network", kLeastScale);
  }

  // The same training on both, epoch by epoch.
  void expect_same(const NeuralProblem& problem, int epochs = 3) const {
    const auto on_cpu = cpu_->open_neural(problem);
    const auto on_gpu = gpu_->open_neural(problem);
    const std::size_t models = problem.fits.size();
    for (std::size_t m = 0; m < models; ++m) {
      expect_near(on_gpu->state(m), on_cpu->state(m), 1e-6f);
    }
    std::vector<float> rate(models, 1);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      SCOPED_TRACE(epoch);
      const auto expected = on_cpu->run_epoch(rate);
      const auto found = on_gpu->run_epoch(rate);
      const auto expected_errors = on_cpu->validate();
      const auto errors = on_gpu->validate();
      for (std::size_t m = 0; m < models; ++m) {
        SCOPED_TRACE(m);
        EXPECT_EQ(found[m].count, expected[m].count);
        EXPECT_NEAR(found[m].sum, expected[m].sum, 1e-4 * expected[m].sum);
        EXPECT_EQ(errors[m].count, expected_errors[m].count);
        EXPECT_NEAR(errors[m].squared, expected_errors[m].squared,
                    1e-4 * expected_errors[m].squared);
        EXPECT_NEAR(errors[m].absolute, expected_errors[m].absolute,
                    1e-4 * expected_errors[m].absolute);
        expect_near(on_gpu->state(m), on_cpu->state(m), 1e-4f);
      }
      std::fill(rate.begin(), rate.end(), 0.7f);
    }
  }

  Dataset data_;
  std::vector<Label> label_;
  SparseMatrixOf features_;
  const std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
  const std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});

 private:
  void add_feature(Index column, float value) {
    features_.column.push_back(column);
    features_.value.push_back(value);
  }
};

// Matrix factorization by Adam: the output layer stays as it is, and so do rows without ratings.
TEST_F(EmulatedNeural, FactorizesMatrices) {
  expect_same(problem({fit(changed([](NeuralParams& params) {
    params.hidden = {};
    params.factorization = true;
    params.dropout = params.hidden_dropout = 0;
  }))}));
}

// Rounding the numbers of matrices changes what is trained, the more the fewer bits there are.
TEST_F(EmulatedNeural, MultipliesInThePrecisionThatIsAskedFor) {
  const NeuralProblem one = problem({fit(some_params())});
  const auto errors = [&](Precision precision) {
    const auto gpu = make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1,
                                       CudaOptions{.precision = precision});
    const auto session = gpu->open_neural(one);
    for (int epoch = 0; epoch < 3; ++epoch) session->run_epoch({{1.0f}});
    return session->validate().front().squared;
  };
  const double exact = errors(Precision::fp32);
  const double tf32 = std::abs(errors(Precision::tf32) - exact) / exact;
  const double bf16 = std::abs(errors(Precision::bf16) - exact) / exact;
  EXPECT_GT(tf32, 0);
  EXPECT_LT(tf32, 1e-3);
  EXPECT_GT(bf16, tf32);
  EXPECT_LT(bf16, 1e-2);
}

TEST_F(EmulatedNeural, TrainsAsTheCpuDoes) {
  const std::vector<NeuralParams> shapes = {
      some_params(),
      changed([](auto& p) { p.hidden = {}; }),
      changed([](auto& p) { p.hidden = {9}; }),
      changed([](auto& p) {
        p.hidden = {8, 7, 6}, p.products = false;
      }),
      changed([](auto& p) { p.hidden = {1}, p.factors = 1; }),
      changed([](auto& p) {
        p.hidden = {40, 70}, p.factors = 33;
      }),
      changed([](auto& p) { p.biased = false; }),
      changed([](auto& p) { p.biased = p.products = false; }),
      changed([](auto& p) { p.squashed = true; }),
      changed([](auto& p) { p.dropout = 0; }),
      changed([](auto& p) { p.hidden_dropout = 0; }),
      changed([](auto& p) { p.decoupled = false; }),
      changed([](auto& p) { p.weight_decay = 0; }),
      changed([](auto& p) { p.batch_size = 10'000; }),
      changed([](auto& p) { p.batch_size = 1; }),
  };
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    SCOPED_TRACE(s);
    expect_same(problem({fit(shapes[s])}), shapes[s].batch_size == 1 ? 1 : 3);
  }
}

TEST_F(EmulatedNeural, TheLastBatchMayHaveOneRating) {
  const auto trained = std::count(label_.begin(), label_.end(), Label{1});
  for (const auto batches : {1, 2, 4}) {
    const auto size = static_cast<int>((trained - 1) / batches);
    if ((trained - 1) % batches != 0) continue;
    expect_same(problem({fit(changed([&](auto& p) { p.batch_size = size; }))}));
  }
}

TEST_F(EmulatedNeural, ItemsMayHaveFeatures) {
  for (const NeuralParams& params :
       {some_params(), changed([](auto& p) { p.hidden = {}; }),
        changed([](auto& p) { p.biased = false, p.decoupled = false; }),
        changed([](auto& p) { p.factors = 150; })}) {
    NeuralFit with_features = fit(params);
    with_features.features = features_.view();
    expect_same(problem({with_features}));
  }
}

// Feature 0 has more items than a piece has.
class EmulatedNeuralOfManyItems : public EmulatedNeural {
 protected:
  EmulatedNeuralOfManyItems() : EmulatedNeural(test::random_dataset(30, 1500, 600, 5)) {}
};

TEST_F(EmulatedNeuralOfManyItems, FeaturesMayHaveManyItems) {
  NeuralFit with_features = fit(some_params());
  with_features.features = features_.view();
  expect_same(problem({with_features}));
}

TEST_F(EmulatedNeural, ModelsSideBySideDoNotTouchEachOther) {
  std::vector<NeuralFit> fits = {
      fit(some_params()),
      fit(changed([](auto& p) { p.hidden = {12}, p.batch_size = 50, p.factors = 9; })),
      fit(changed([](auto& p) { p.seed = 9, p.products = false; })),
      fit(some_params()),
  };
  fits[1].features = features_.view();
  fits[3].features = features_.view();
  fits[2].train.reset().set(2);
  fits[2].validate.reset().set(1);
  expect_same(problem(fits));
  const auto together = gpu_->open_neural(problem(fits));
  const std::vector<float> rates(fits.size(), 1);
  together->run_epoch(rates);
  together->run_epoch(rates);
  for (std::size_t m = 0; m < fits.size(); ++m) {
    const auto alone = gpu_->open_neural(problem({fits[m]}));
    alone->run_epoch({{1}});
    alone->run_epoch({{1}});
    EXPECT_EQ(alone->state(0).user, together->state(m).user) << m;
    EXPECT_EQ(alone->state(0).network, together->state(m).network) << m;
  }
}

// How ratings are divided into what is drawn and sorted at a time.
TEST_F(EmulatedNeural, SpansChangeNoBit) {
  const auto trained = [&](std::int64_t span) {
    const NeuralProblem one = problem({fit(changed([](auto& p) { p.batch_size = 20; }))});
    NeuralPlan plan = plan_gpu_neural(one, std::uint64_t{1} << 40, "GPU", span);
    EXPECT_EQ(plan.portions[0].span % 20, 0);
    const auto session =
        test::open_emulated_gpu()->open_neural(neural_work(one, plan, Precision::fp32));
    session->run_epoch({{1}});
    session->run_epoch({{1}});
    return session->state(0);
  };
  const NeuralWeights all = trained(1'000'000);
  for (const std::int64_t span : {1, 40, 61, 199}) {
    EXPECT_EQ(trained(span).user, all.user) << span;
    EXPECT_EQ(trained(span).network, all.network) << span;
  }
}

TEST_F(EmulatedNeural, StateIsThatOfTheLastCheckpoint) {
  const NeuralProblem two = problem({fit(some_params()), fit(some_params())});
  const auto session = gpu_->open_neural(two);
  session->run_epoch({{1, 1}});
  session->checkpoint(0);
  const NeuralWeights kept = session->state(0);
  session->retire(1);
  const auto errors = session->run_epoch({{1, 1}});
  EXPECT_GT(errors[0].count, 0);
  EXPECT_EQ(errors[1].count, 0);
  EXPECT_EQ(session->validate()[1].count, 0);
  EXPECT_EQ(session->state(0).user, kept.user);
  EXPECT_EQ(session->state(0).network, kept.network);
  EXPECT_EQ(session->state(1).item, kept.item);  // retired when it was the same
  session->checkpoint(0);
  EXPECT_NE(session->state(0).user, kept.user);
}

// A step's arguments are kept by a graph; only what is in the GPU's memory changes.
TEST_F(EmulatedNeural, EpochsAreDifferent) {
  NeuralFit still = fit(changed([](auto& p) { p.learning_rate = 0, p.weight_decay = 0; }));
  const auto session = gpu_->open_neural(problem({still}));
  const double first = session->run_epoch({{1}})[0].sum;
  const double second = session->run_epoch({{1}})[0].sum;
  EXPECT_NE(first, second);  // by their masks
  still.params.dropout = still.params.hidden_dropout = 0;
  const auto without = gpu_->open_neural(problem({still}));
  EXPECT_NEAR(without->run_epoch({{1}})[0].sum, without->run_epoch({{1}})[0].sum, 1e-9 * first);
}

class EmulatedNeuralOfOne : public EmulatedNeural {
 protected:
  EmulatedNeuralOfOne() : EmulatedNeural(test::make_dataset(1, 1, {{0, 0, 4}})) {
    label_ = {Label{1}};
  }
};

TEST_F(EmulatedNeuralOfOne, OneRatingIsEnough) {
  expect_same(problem({fit(some_params())}));
  NeuralFit untrained = fit(some_params());
  untrained.train.reset();
  expect_same(problem({untrained}));
}

TEST_F(EmulatedNeural, StopsBetweenSpans) {
  const NeuralProblem one = problem({fit(changed([](auto& p) { p.batch_size = 10; }))});
  NeuralPlan plan = plan_gpu_neural(one, std::uint64_t{1} << 40, "GPU", 20);
  int asked = 0;
  plan.check_stop = [&] {
    if (++asked == 4) throw Interrupted();
  };
  const auto session =
      test::open_emulated_gpu()->open_neural(neural_work(one, plan, Precision::fp32));
  EXPECT_THROW(session->run_epoch({{1}}), Interrupted);
  EXPECT_EQ(asked, 4);
}

TEST_F(EmulatedNeural, TakesTheMemoryOfItsPlan) {
  NeuralFit with_features = fit(some_params());
  with_features.features = features_.view();
  NeuralFit plain = fit(changed([](auto& p) { p.hidden = {20}, p.factors = 11; }));
  plain.train.reset().set(2);
  plain.validate.reset();
  for (const auto& fits : {std::vector{plain}, std::vector{with_features, plain, with_features}}) {
    const NeuralProblem some = problem(fits);
    emulated_memory() = {};
    const MfMemory plan = gpu_->plan_neural(some);
    const auto session = gpu_->open_neural(some);
    const std::vector<float> rates(fits.size(), 1);
    session->run_epoch(rates);
    session->validate();
    session->checkpoint(0);
    // The libraries take nothing here but the room that they are given.
    constexpr std::size_t kLibraries = std::size_t{256} << 20;
    constexpr std::size_t kSmall = std::size_t{1} << 20;
    EXPECT_LE(emulated_memory().peak + kLibraries, plan.total());
    EXPECT_GE(emulated_memory().peak + kLibraries + kSmall, plan.total());
  }
  emulated_memory().limit = std::size_t{300} << 20;
  try {
    gpu_->open_neural(problem({plain}));
    FAIL();
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("of GPU memory"), std::string::npos);
  }
}

// A batch of the span and a row make one key.
TEST_F(EmulatedNeural, KeysFitInTheirBits) {
  NeuralProblem one = problem({fit(changed([](auto& p) { p.batch_size = 1; }))});
  one.ratings.columns = 1 << 30;
  const NeuralPlan plan = plan_gpu_neural(one, std::uint64_t{1} << 42, "GPU");
  EXPECT_EQ(plan.portions[0].span, 3);
}

TEST_F(EmulatedNeural, GivesEverythingBackWhereverItFails) {
  NeuralFit with_features = fit(changed([](auto& p) { p.batch_size = 100, p.hidden = {4}; }));
  with_features.features = features_.view();
  const NeuralProblem one = problem({with_features});
  const int calls = fail_everywhere([&] {
    const auto session = gpu_->open_neural(one);
    session->run_epoch({{1}});
    session->validate();
    session->checkpoint(0);
    session->state(0);
  });
  EXPECT_GT(calls, 60);
}

}  // namespace
}  // namespace tusk
