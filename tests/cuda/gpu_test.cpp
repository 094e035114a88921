// What only a GPU can show beside parity: chunks, memory, and what is left after a session.
#include "tests/support/gpu.hpp"

#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "backend/self_test.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/cuda_module.hpp"
#include "cuda/topk_layout.hpp"
#include "cuda/topk_plan.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/neighbours.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk {
namespace {

MfParams some_params() {
  MfParams params;
  params.factors = 20;
  params.user_learning_rate = params.item_learning_rate = params.bias_learning_rate = 0.01f;
  params.init_std = 0.1f;
  return params;
}

class CudaGpu : public testing::Test {
 protected:
  void SetUp() override {
    TUSK_SKIP_WITHOUT_GPU();
    device_ = cuda_module().module->open(0);
  }

  std::unique_ptr<CudaDevice> device_;
};

// Every rating is trained once an epoch, from whichever chunk; ratings that commute give the
// result of one chunk.
TEST_F(CudaGpu, ChunksTrainWhatOneChunkTrains) {
  std::vector<test::Rating> ratings;
  for (Index n = 0; n < 5000; ++n) ratings.push_back({n, 4999 - n, static_cast<float>(n % 5 + 1)});
  const Dataset data = test::make_dataset(5000, 5000, ratings);
  const std::vector<Label> label(data.rating.size());
  ThreadPool threads(2);
  const auto open = [&](std::uint64_t chunk_bytes) {
    CudaMfWork work;
    work.users = work.items = 5000;
    work.scale = data.scale;
    work.fits = {{some_params(), LabelSet().set(), {}, 3}};
    work.ratings =
        pack_hogwild(data.ratings(), label, LabelSet().set(), false, chunk_bytes, threads);
    work.rated = {std::make_shared<const RatedRows>(
        find_rated_rows(data.ratings(), label, LabelSet().set(), threads))};
    work.validation.offset.assign(kLabels + 1, 0);
    return device_->open_mf(std::move(work));
  };
  const auto whole = open(1 << 30);
  const auto chunks = open(10'000);
  for (int epoch = 0; epoch < 5; ++epoch) {
    EXPECT_EQ(whole->run_epoch({{1.0f}})[0].count, 5000);
    EXPECT_EQ(chunks->run_epoch({{1.0f}})[0].count, 5000);
  }
  EXPECT_LT(test::largest_difference(test::reference_of(whole->state(0)), chunks->state(0)), 1e-6);
}

// Each by one warp, so that two runs give the same bits, whatever else is trained.
TEST_F(CudaGpu, ManyModelsSideBySideAreReproducibleAndAsGoodAsTheCpus) {
  const Dataset data = test::random_dataset(300, 200, 20'000, 1);
  std::vector<Label> label(data.rating.size());
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  const auto train = [&](Backend& backend, std::size_t models) {
    MfProblem problem{data.ratings(), label, data.scale, {}};
    for (std::size_t m = 0; m < models; ++m) {
      MfParams params = some_params();
      params.factors = 8 + 30 * static_cast<int>(m % 5);
      const LabelSet held = LabelSet().set(m % 3);
      problem.fits.push_back({params, ~held, held, 3});
    }
    auto session = backend.open_mf(problem);
    for (int epoch = 0; epoch < 20; ++epoch) session->run_epoch(std::vector<float>(models, 1.0f));
    return session;
  };
  for (const CudaOptions& options : {CudaOptions{}, CudaOptions{true}}) {
    const auto gpu = open_cuda_backend(0, 2, options);
    const auto some = train(*gpu, 40);
    const auto more = train(*gpu, 300);
    const auto cpu = train(*make_cpu_backend(2), 40);
    const auto of_some = some->validate();
    const auto of_more = more->validate();
    const auto of_cpu = cpu->validate();
    for (std::size_t m = 0; m < 40; ++m) {
      EXPECT_EQ(some->state(m).user_factors, more->state(m).user_factors) << m;
      EXPECT_EQ(of_some[m].squared, of_more[m].squared) << m;
      EXPECT_NEAR(of_some[m].rmse(), of_cpu[m].rmse(), 0.005) << m;
    }
  }
}

TEST_F(CudaGpu, ASessionGivesItsMemoryBack) {
  const Dataset data = test::random_dataset(3000, 2000, 100'000, 1);
  const std::vector<Label> label(data.rating.size());
  const auto backend = open_cuda_backend(0, 2, {});
  const MfProblem problem{
      data.ratings(), label, data.scale, {{some_params(), LabelSet().set(), {}, 3}}};
  backend->open_mf(problem)->run_epoch({{1.0f}});
  const std::uint64_t before = device_->free_memory();
  for (int n = 0; n < 20; ++n) backend->open_mf(problem)->run_epoch({{1.0f}});
  EXPECT_GE(device_->free_memory() + (std::uint64_t{16} << 20), before);
}

TEST_F(CudaGpu, ATopKSessionGivesItsMemoryBack) {
  MfState state;
  state.users = 3000;
  state.items = 2000;
  state.factors = 20;
  state.biased = false;
  state.user_factors.assign(60'000, 0.5f);
  state.item_factors.resize(40'000);
  std::iota(state.item_factors.begin(), state.item_factors.end(), 0.0f);
  std::vector<Index> rows(3000);
  std::iota(rows.begin(), rows.end(), 0);
  const auto candidates = std::span(rows).first(2000);
  const Dataset seen = test::random_dataset(3000, 2000, 100'000, 1);
  const auto backend = open_cuda_backend(0, 2, {});
  backend->open_dot(state, candidates, seen.ratings())->query(rows, 10);
  const std::uint64_t before = device_->free_memory();
  for (int n = 0; n < 20; ++n) {
    backend->open_dot(state, candidates, seen.ratings())->query(rows, 10);
  }
  EXPECT_GE(device_->free_memory() + (std::uint64_t{16} << 20), before);
}

// Small batches find what one batch finds, and lists that need more room follow shorter ones.
TEST_F(CudaGpu, BatchesOfUsersFindWhatOneBatchFinds) {
  MfState state;
  state.users = state.items = 1000;
  state.factors = 3;
  state.biased = false;
  for (int n = 0; n < 3000; ++n) {
    state.user_factors.push_back(static_cast<float>(n * 37 % 101) - 50);
    state.item_factors.push_back(static_cast<float>(n * 53 % 211) - 100);
  }
  std::vector<Index> rows(1000);
  std::iota(rows.begin(), rows.end(), 0);
  CudaDotWork work = plan_dot(state, rows, {}, device_->free_memory(), "");
  const auto whole = device_->open_dot(work);
  work.batch_bytes = 200 * batch_bytes_per_user(3, 10);
  const auto parts = device_->open_dot(work);
  for (const int k : {10, 100, 10}) {
    const auto size = rows.size() * static_cast<std::size_t>(k);
    TopK a{1000, k, std::vector<Index>(size), std::vector<float>(size)};
    TopK b = a;
    const std::vector<std::size_t> undecided = whole->query(rows, k, a);
    EXPECT_EQ(undecided, parts->query(rows, k, b));
    EXPECT_LT(undecided.size(), rows.size() / 2);
    for (const std::size_t row : undecided) {
      // Whatever was found for them does not count.
      for (std::size_t at = row * size / rows.size(); at < (row + 1) * size / rows.size(); ++at) {
        a.index[at] = b.index[at] = kNone;
        a.score[at] = b.score[at] = 0;
      }
    }
    EXPECT_EQ(a.index, b.index);
    EXPECT_EQ(a.score, b.score);
  }
}

TEST_F(CudaGpu, RunningOutOfMemoryIsADeviceErrorAndLosesNothing) {
  const Dataset data = test::random_dataset(100, 80, 1'000, 1);
  const std::vector<Label> label(data.rating.size());
  ThreadPool threads(1);
  CudaMfWork work;
  // Longer rows than any GPU has room for: 330 GB.
  work.users = work.items = 10'000'000;
  MfParams params = some_params();
  params.factors = 4096;
  work.fits = {{params, LabelSet().set(), {}, 3}};
  const std::vector<std::uint8_t> every(10'000'000, 1);
  work.rated = {std::make_shared<const RatedRows>(RatedRows{every, every})};
  work.ratings = pack_hogwild(data.ratings(), label, LabelSet().set(), false, 1 << 30, threads);
  work.validation.offset.assign(kLabels + 1, 0);
  const std::uint64_t before = device_->free_memory();
  EXPECT_THROW(device_->open_mf(std::move(work)), DeviceError);
  EXPECT_GE(device_->free_memory() + (std::uint64_t{16} << 20), before);
  const MfProblem problem{
      data.ratings(), label, data.scale, {{some_params(), LabelSet().set(), {}, 3}}};
  const auto backend = open_cuda_backend(0, 1, {});
  EXPECT_EQ(backend->open_mf(problem)->run_epoch({{1.0f}})[0].count, data.size());
}

TEST_F(CudaGpu, ASessionOfNeighboursGivesItsMemoryBack) {
  const test::NeighbourRows rows(test::random_dataset(3000, 500, 50'000, 1).ratings());
  const auto backend = open_cuda_backend(0, 2, {});
  const NeighbourProblem problem = rows.problem({});
  const std::vector<Index> some = {1, 5, 9};
  backend->open_similar(problem)->query(some, 10);
  const std::uint64_t before = device_->free_memory();
  for (int n = 0; n < 20; ++n) backend->open_similar(problem)->query(some, 10);
  EXPECT_GE(device_->free_memory() + (std::uint64_t{16} << 20), before);
}

// Rows in several pieces, several batches, and more than one tile to eliminate.
TEST_F(CudaGpu, DenseModelsAreRight) {
  if (const std::string problem = dense_gpu_problem(); !problem.empty()) GTEST_SKIP() << problem;
  const Dataset data = test::random_dataset(1500, 700, 200'000, 5);
  EXPECT_EQ(self_test_of_dense(*make_backend({"cuda"}), data.ratings()), "");
}

}  // namespace
}  // namespace tusk
