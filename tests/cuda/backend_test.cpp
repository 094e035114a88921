// What the CUDA backend does before a GPU is asked for anything, with a GPU that only takes notes.
#include "backend/backend.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/als_session.hpp"
#include "backend/bayes_session.hpp"
#include "backend/gram_inverse.hpp"
#include "backend/neural_session.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/memory_plan.hpp"
#include "cuda/row_layout.hpp"
#include "cuda/validation_warps.hpp"
#include "model/transposed.hpp"
#include "tests/cuda/without_dense.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

constexpr std::uint64_t kReserve = std::uint64_t{128} << 20;

struct Notes {
  std::uint64_t free = std::uint64_t{1} << 40;
  std::optional<CudaMfWork> work;
  std::optional<NeighbourPlan> neighbours;
};

class NoteTaker : public test::WithoutDense {
 public:
  explicit NoteTaker(Notes& notes) : notes_(notes) {}
  std::string gpu() const override { return "GPU of paper"; }
  std::uint64_t free_memory() const override { return notes_.free; }
  std::unique_ptr<MfSession> open_mf(CudaMfWork work) override {
    notes_.work = std::move(work);
    return nullptr;
  }
  std::unique_ptr<DotSession> open_dot(const CudaDotWork&) override { return nullptr; }
  SharedMemory shared_memory() const override { return {228 << 10, 1 << 10}; }
  int multiprocessors() const override { return 132; }
  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem&,
                                                 const NeighbourPlan& plan) override {
    notes_.neighbours = plan;
    return nullptr;
  }

 private:
  Notes& notes_;
};

class CudaBackendTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend(const CudaOptions& options = {}) {
    return make_cuda_backend(std::make_unique<NoteTaker>(notes_), make_cpu_backend(1), 1, options);
  }

  MfProblem problem(int models = 1, bool validated = false) {
    MfProblem problem{data_.ratings(), label_, data_.scale, {}};
    for (int m = 0; m < models; ++m) {
      MfParams params;
      params.factors = 64;
      const auto held = LabelSet().set(static_cast<std::size_t>(m % 4));
      problem.fits.push_back({params, ~held, validated ? held : LabelSet(), 3.0f});
    }
    return problem;
  }

  Notes notes_;
  const Dataset data_ = test::random_dataset(300, 200, 20'000, 1);
  const std::vector<Label> label_ = [&] {
    std::vector<Label> label(data_.rating.size());
    for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 4);
    return label;
  }();
};

TEST_F(CudaBackendTest, ArrangesRatingsAsTrainingWantsThem) {
  backend()->open_mf(problem());
  EXPECT_TRUE(std::holds_alternative<HogwildRatings>(notes_.work->ratings));
  EXPECT_TRUE(std::get<HogwildRatings>(notes_.work->ratings).label.empty());
  EXPECT_EQ(std::get<HogwildRatings>(notes_.work->ratings).chunks.size(), 1u);
  EXPECT_EQ(std::get<HogwildRatings>(notes_.work->ratings).rating.size(),
            label_.size() - static_cast<std::size_t>(std::count(label_.begin(), label_.end(), 0)));
  EXPECT_EQ(notes_.work->users, 300);
  EXPECT_EQ(notes_.work->items, 200);
  CudaOptions options;
  options.deterministic = true;
  backend(options)->open_mf(problem());
  EXPECT_TRUE(std::holds_alternative<StrataRatings>(notes_.work->ratings));
}

TEST_F(CudaBackendTest, KeepsLabelsForModelsOfDifferentParts) {
  backend()->open_mf(problem(3));
  const auto& ratings = std::get<HogwildRatings>(notes_.work->ratings);
  EXPECT_EQ(ratings.label.size(), ratings.rating.size());
  EXPECT_EQ(notes_.work->fits.size(), 3u);
}

TEST_F(CudaBackendTest, LeavesDenseMatricesToTheCpuWhereTheirLibrariesAreNotThere) {
  AlsParams params;
  params.factors = 4;
  params.regularization = 0.1f;
  params.cg_steps = 1;
  params.init_std = 0.1f;
  const AlsProblem problem{data_.ratings(), params};
  EXPECT_THROW(backend()->open_als(problem), DeviceError);
  CudaOptions automatic;
  automatic.cpu_without_libraries = true;
  const auto backend = this->backend(automatic);
  EXPECT_EQ(backend->plan_als(problem).ratings, make_cpu_backend(1)->plan_als(problem).ratings);
  EXPECT_GT(backend->open_als(problem)->run_epoch(), 0);
  const Transposed columns(data_.ratings());
  const std::vector<double> diagonal(300, 10);
  const GramProblem gram{data_.ratings(), columns.view(), {}, diagonal};
  std::vector<float> inverse(300 * 300);
  EXPECT_THROW(this->backend()->invert_gram(gram, std::span(inverse)), DeviceError);
  EXPECT_TRUE(backend->invert_gram(gram, std::span(inverse)));
  NeuralFit fit;
  fit.params.factors = 4;
  fit.params.products = true;
  fit.params.batch_size = 1000;
  fit.train.set(1);
  const NeuralProblem network{data_.ratings(), label_, data_.scale, {fit}};
  EXPECT_THROW(this->backend()->open_neural(network), DeviceError);
  EXPECT_EQ(backend->plan_neural(network).ratings,
            make_cpu_backend(1)->plan_neural(network).ratings);
  EXPECT_GT(backend->open_neural(network)->run_epoch({{1}})[0].count, 0);
  BayesProblem sampled;
  sampled.ratings = data_.ratings();
  sampled.params = {3, 1, 1};
  EXPECT_THROW(this->backend()->open_bayes(sampled), DeviceError);
  EXPECT_THROW(this->backend()->plan_bayes(sampled), DeviceError);
  EXPECT_EQ(backend->plan_bayes(sampled).ratings, make_cpu_backend(1)->plan_bayes(sampled).ratings);
  EXPECT_GT(backend->open_bayes(sampled)->run_sweep().at(0).alpha, 0);
  notes_.free = 0;
  backend->check_gram_memory({300, 200, 20'000, sizeof(float)});
}

TEST_F(CudaBackendTest, LeavesAsymmetricCosinesToTheCpu) {
  const Transposed columns(data_.ratings());
  NeighbourProblem problem{data_.ratings(), columns.view(), {}, {SimilarityMetric::cosine}};
  backend()->open_similar(problem);
  ASSERT_TRUE(notes_.neighbours.has_value());
  notes_.neighbours.reset();
  problem.similarity.asymmetry = 0.3f;
  const auto gpu = backend();
  const auto session = gpu->open_similar(problem);
  EXPECT_FALSE(notes_.neighbours.has_value());
  const std::vector<Index> row = {7};
  EXPECT_NE(session->query(row, 1).index[0], kNone);
}

// 25 warps would train one model of 200 items.
TEST_F(CudaBackendTest, TrainsSideBySideMoreModelsThanOneWouldHaveWarps) {
  for (const bool deterministic : {false, true}) {
    CudaOptions options;
    options.deterministic = deterministic;
    backend(options)->open_mf(problem(25));
    EXPECT_FALSE(notes_.work->side_by_side);
    EXPECT_EQ(std::holds_alternative<StrataRatings>(notes_.work->ratings), deterministic);
    backend(options)->open_mf(problem(26));
    EXPECT_TRUE(notes_.work->side_by_side);
    EXPECT_EQ(std::get<HogwildRatings>(notes_.work->ratings).chunks.size(), 1u);
    EXPECT_EQ(notes_.work->rated[0], notes_.work->rated[4]) << "two models of one part";
    EXPECT_NE(notes_.work->rated[0], notes_.work->rated[1]);
  }
}

// A search that goes on has fewer models to train, and trains them as it began.
TEST_F(CudaBackendTest, TrainsAsTheProblemSays) {
  MfProblem few = problem(1);
  MfProblem many = problem(26);
  EXPECT_EQ(backend()->choose_trainer(few), MfTrainer::one_by_one);
  EXPECT_EQ(backend()->choose_trainer(many), MfTrainer::side_by_side);
  few.trainer = MfTrainer::side_by_side;
  many.trainer = MfTrainer::one_by_one;
  EXPECT_EQ(backend()->choose_trainer(few), MfTrainer::side_by_side);
  EXPECT_EQ(backend()->choose_trainer(many), MfTrainer::one_by_one);
  backend()->open_mf(few);
  EXPECT_TRUE(notes_.work->side_by_side);
  backend()->open_mf(many);
  EXPECT_FALSE(notes_.work->side_by_side);
}

TEST_F(CudaBackendTest, KnowsWhichRowsHaveRatingsInAPart) {
  const Dataset data = test::make_dataset(3, 3, {{0, 1, 5}, {1, 2, 5}});
  const std::vector<Label> label = {0, 1};
  MfParams params;
  params.factors = 4;
  backend()->open_mf({data.ratings(), label, data.scale, {{params, LabelSet().set(0), {}, 3}}});
  EXPECT_EQ(notes_.work->rated[0]->user, (std::vector<std::uint8_t>{1, 0, 0}));
  EXPECT_EQ(notes_.work->rated[0]->item, (std::vector<std::uint8_t>{0, 1, 0}));
}

TEST_F(CudaBackendTest, ValidationRatingsHaveTheRowsOfTheArrangement) {
  CudaOptions options;
  options.deterministic = true;
  backend(options)->open_mf(problem(1, true));
  const auto& strata = std::get<StrataRatings>(notes_.work->ratings);
  const ValidationRatings& validation = notes_.work->validation;
  std::size_t next = 0;
  data_.ratings().each([&](Index user, std::size_t at) {
    if (label_[at] != 0) return;
    EXPECT_EQ(validation.user[next], strata.user_row[static_cast<std::size_t>(user)]);
    EXPECT_EQ(validation.item[next], strata.item_row[static_cast<std::size_t>(data_.item[at])]);
    EXPECT_EQ(validation.rating[next++], data_.rating[at]);
  });
  EXPECT_EQ(validation.rating.size(), next);
}

TEST_F(CudaBackendTest, LeavesTopKWithoutFactorsToTheCpu) {
  MfState state;
  state.users = 2;
  state.items = 2;
  state.mean = 3;
  state.user_bias = {0, 0};
  state.item_bias = {0.5f, 1};
  const std::vector<Index> candidates = {0, 1};
  const auto session = backend()->open_dot(state, candidates, {});
  EXPECT_EQ(session->query(candidates, 1).index, (std::vector<Index>{1, 1}));
}

TEST_F(CudaBackendTest, CountsTheBytesOfEachPart) {
  const MfMemory memory = backend()->plan_mf(problem());
  const std::uint64_t rows = 500 * row_layout(64, Precision::fp32).bytes();
  const std::uint64_t sums = (kValidationWarps + 1) * sizeof(ErrorSums);
  EXPECT_EQ(memory.parameters, rows + sums);
  backend()->open_mf(problem());
  const auto& ratings = std::get<HogwildRatings>(notes_.work->ratings);
  EXPECT_EQ(memory.ratings, ratings.chunks.at(0).bytes(false));
  EXPECT_EQ(memory.validation, 0u);
  EXPECT_EQ(memory.working, 300u * (64 + 1) * sizeof(float) + 8) << "as many users as fit";
  EXPECT_EQ(memory.chunks, 1);
  EXPECT_EQ(memory.available, notes_.free - kReserve);

  const MfMemory validated = backend()->plan_mf(problem(2, true));
  EXPECT_EQ(validated.parameters, 4 * rows + 2 * sums) << "two models and their checkpoints";
  backend()->open_mf(problem(2, true));
  EXPECT_EQ(validated.validation, 12 * notes_.work->validation.rating.size());

  CudaOptions half;
  half.precision = Precision::fp16;
  EXPECT_EQ(backend(half)->plan_mf(problem()).parameters, rows - 500u * 64 * 2 + sums);
}

TEST_F(CudaBackendTest, RatingsThatDoNotFitPassThroughInChunks) {
  const Dataset large = test::random_dataset(3000, 1000, 1'000'000, 1);
  const std::vector<Label> label(large.rating.size());
  MfParams params;
  params.factors = 16;
  const MfProblem whole{large.ratings(), label, large.scale, {{params, LabelSet().set(), {}, 3}}};
  const MfMemory fits = backend()->plan_mf(whole);
  notes_.free = kReserve + fits.total() - 1;
  const MfMemory tight = backend()->plan_mf(whole);
  EXPECT_GE(tight.chunks, 2);
  EXPECT_LE(tight.total(), tight.available);
  MfProblem side_by_side = whole;
  side_by_side.trainer = MfTrainer::side_by_side;
  EXPECT_THROW(backend()->open_mf(side_by_side), DeviceError);
  backend()->open_mf(whole);
  const auto& ratings = std::get<HogwildRatings>(notes_.work->ratings);
  EXPECT_GE(ratings.chunks.size(), 2u);
  for (const RunChunk& chunk : ratings.chunks) {
    EXPECT_LE(2 * chunk.bytes(false), tight.ratings);
  }
}

std::string refusal_of(Backend& backend, const MfProblem& problem) {
  try {
    backend.open_mf(problem);
  } catch (const DeviceError& error) {
    return error.what();
  }
  return "opened";
}

TEST_F(CudaBackendTest, WhatCannotFitIsRefusedWithTheBytesBeforeAnythingIsDone) {
  notes_.free = kReserve + 100'000;
  const std::string refusal = refusal_of(*backend(), problem());
  EXPECT_NE(refusal.find("training needs"), refusal.npos) << refusal;
  EXPECT_NE(refusal.find("GPU of paper has 100.0 kB left"), refusal.npos) << refusal;
  EXPECT_FALSE(notes_.work);
  EXPECT_THROW(backend()->plan_mf(problem()), DeviceError);
  notes_.free = 0;
  EXPECT_NE(refusal_of(*backend(), problem()).find("has 0 B left"), refusal.npos);
}

TEST_F(CudaBackendTest, DeterministicTrainingIsNotDoneInChunks) {
  CudaOptions options;
  options.deterministic = true;
  const MfMemory fits = backend(options)->plan_mf(problem());
  notes_.free = kReserve + fits.total();
  EXPECT_EQ(refusal_of(*backend(options), problem()), "opened");
  --notes_.free;
  EXPECT_NE(refusal_of(*backend(options), problem()).find("no deterministic"), std::string::npos);
}

TEST(MakeBackend, RefusesWhatADeviceDoesNotHave) {
  DeviceOptions half;
  half.device = "cpu";
  half.precision = Precision::fp16;
  EXPECT_THROW(make_backend(half), UsageError);
  for (const char* device : {"cuda:", "cuda:-1", "cuda:x", "gpu", ""}) {
    DeviceOptions options;
    options.device = device;
    EXPECT_THROW(make_backend(options), UsageError) << device;
  }
  DeviceOptions missing;
  missing.device = "cuda:999";
  EXPECT_THROW(make_backend(missing), DeviceError);
}

}  // namespace
}  // namespace tusk
