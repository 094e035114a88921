// Sessions of the CUDA module on an emulated GPU: everything between the backend and the kernels.
#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/without_dense.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/reference_sgd.hpp"
#include "tests/support/reference_strata.hpp"

namespace tusk {
namespace {

using test::emulated_calls;
using test::emulated_memory;

struct Way {
  std::string name;
  CudaOptions options;
  double tolerance = 1e-5;
  friend std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }
};

class EmulatedSession : public testing::TestWithParam<Way> {
 protected:
  ~EmulatedSession() override {
    backend_.reset();
    EXPECT_EQ(emulated_memory().used, 0u) << "memory that is not given back";
    EXPECT_EQ(emulated_memory().handles, 0) << "handles that are not given back";
    emulated_memory() = {};
  }

  std::unique_ptr<Backend> backend_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, GetParam().options);
};

TEST_P(EmulatedSession, TrainsWhatTheDefinitionSays) {
  const auto ratings = test::commuting_ratings(50);
  const Dataset data = test::make_dataset(50, 50, ratings);
  const std::vector<Label> label(data.rating.size());
  for (const int factors : {1, 33, 200, 513}) {
    for (const bool biased : {true, false}) {
      MfParams params = test::coarse_params(factors);
      params.biased = biased;
      const auto session = backend_->open_mf(
          {data.ratings(), label, data.scale, {{params, LabelSet().set(), {}, 3.0f}}});
      auto reference = test::reference_of(session->state(0));
      for (int epoch = 0; epoch < 2; ++epoch) {
        double expected = 0;
        for (const auto& r : ratings) {
          expected +=
              std::pow(reference.update(params, r.user, r.item, static_cast<double>(r.value)), 2);
        }
        const SquaredError error = session->run_epoch({{1.0f}})[0];
        EXPECT_EQ(error.count, 50);
        EXPECT_NEAR(error.sum, expected, 10 * GetParam().tolerance * expected);
      }
      const MfState state = session->state(0);
      EXPECT_LT(test::largest_difference(reference, state), GetParam().tolerance);
      EXPECT_EQ(state.user_bias.size(), biased ? 50u : 0u);
    }
  }
}

// Several models on parts of their own, each what it would be alone; what they validate on follows
// the parameters as they are.
TEST_P(EmulatedSession, TrainsAndValidatesModelsOfDifferentParts) {
  const auto ratings = test::commuting_ratings(60);
  const Dataset data = test::make_dataset(60, 60, ratings);
  std::vector<Label> label(60);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  MfProblem problem{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 3; ++m) {
    const LabelSet held = LabelSet().set(m);
    problem.fits.push_back({test::coarse_params(8 + 30 * static_cast<int>(m)), ~held, held, 3.0f});
  }
  const auto session = backend_->open_mf(problem);
  std::vector<test::ReferenceModel> reference;
  for (std::size_t m = 0; m < 3; ++m) reference.push_back(test::reference_of(session->state(m)));
  session->retire(2);
  const auto trained = session->run_epoch(std::vector<float>(3, 1.0f));
  const auto validated = session->validate();
  for (std::size_t m = 0; m < 2; ++m) {
    double held_error = 0;
    double held_distance = 0;
    for (std::size_t at = 0; at < 60; ++at) {
      if (label[at] == m) continue;
      reference[m].update(problem.fits[m].params, ratings[at].user, ratings[at].item,
                          static_cast<double>(ratings[at].value));
    }
    for (std::size_t at = m; at < 60; at += 3) {
      const double predicted =
          std::clamp(reference[m].predict(ratings[at].user, ratings[at].item), 1.0, 5.0);
      held_error += std::pow(static_cast<double>(ratings[at].value) - predicted, 2);
      held_distance += std::abs(static_cast<double>(ratings[at].value) - predicted);
    }
    EXPECT_EQ(trained[m].count, 40);
    EXPECT_EQ(validated[m].count, 20);
    EXPECT_NEAR(validated[m].squared, held_error, 10 * GetParam().tolerance * held_error);
    EXPECT_NEAR(validated[m].absolute, held_distance, 10 * GetParam().tolerance * held_distance);
    EXPECT_LT(test::largest_difference(reference[m], session->state(m)), GetParam().tolerance);
  }
  EXPECT_EQ(trained[2].count, 0);
  EXPECT_EQ(validated[2].count, 0);
  EXPECT_EQ(test::largest_difference(reference[2], session->state(2)), 0) << "retired";
}

TEST_P(EmulatedSession, ReturnsTheStateOfTheCheckpoint) {
  const Dataset data = test::random_dataset(20, 20, 100, 1);
  const std::vector<Label> label(data.rating.size());
  const auto session = backend_->open_mf(
      {data.ratings(), label, data.scale, {{test::coarse_params(5), LabelSet().set(), {}, 3.0f}}});
  session->run_epoch({{1.0f}});
  const MfState first = session->state(0);
  session->checkpoint(0);
  session->run_epoch({{1.0f}});
  EXPECT_EQ(session->state(0).user_factors, first.user_factors);
  session->checkpoint(0);
  EXPECT_NE(session->state(0).user_factors, first.user_factors);
}

// Wherever memory ends, what was taken is given back, which the fixture checks.
TEST_P(EmulatedSession, RunningOutOfMemoryIsADeviceErrorAndLosesNothing) {
  const Dataset data = test::random_dataset(20, 20, 200, 1);
  std::vector<Label> label(data.rating.size());
  label[0] = 1;
  const MfProblem problem{data.ratings(),
                          label,
                          data.scale,
                          {{test::coarse_params(5), LabelSet().set(0), LabelSet().set(1), 3}}};
  const std::size_t all = [&] {
    const auto session = backend_->open_mf(problem);
    return emulated_memory().used;
  }();
  // The plan is made with memory that another program then takes.
  for (std::size_t left = 0; left < all; left += 512) {
    class Shrinking : public test::WithoutDense {
     public:
      explicit Shrinking(std::size_t limit) : limit_(limit) {}
      std::string gpu() const override { return "shrinking GPU"; }
      std::uint64_t free_memory() const override { return std::uint64_t{1} << 40; }
      std::unique_ptr<MfSession> open_mf(CudaMfWork work) override {
        emulated_memory().limit = limit_;
        return test::open_emulated_gpu()->open_mf(std::move(work));
      }
      std::unique_ptr<DotSession> open_dot(const CudaDotWork&) override { return nullptr; }
      SharedMemory shared_memory() const override { return {}; }
      int multiprocessors() const override { return 2; }
      std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem&,
                                                     const NeighbourPlan&) override {
        return nullptr;
      }

     private:
      std::size_t limit_;
    };
    const auto shrinking = make_cuda_backend(std::make_unique<Shrinking>(left), make_cpu_backend(1),
                                             1, GetParam().options);
    EXPECT_THROW(shrinking->open_mf(problem), DeviceError) << left << " bytes left";
    EXPECT_EQ(emulated_memory().used, 0u);
  }
}

// Some models on different parts of the ratings, or so many that they are trained side by side.
class EmulatedModels : public EmulatedSession {
 protected:
  MfProblem problem(std::size_t models) const {
    MfProblem problem{data_.ratings(), label_, data_.scale, {}};
    for (std::size_t m = 0; m < models; ++m) {
      const LabelSet held = LabelSet().set(m % 3);
      problem.fits.push_back({test::coarse_params(5 + 40 * static_cast<int>(m % 3)), ~held,
                              m % 2 == 0 ? held : LabelSet(), 3.0f});
    }
    return problem;
  }

  const Dataset data_ = test::random_dataset(40, 30, 500, 2);
  const std::vector<Label> label_ = [&] {
    std::vector<Label> label(data_.rating.size());
    for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
    return label;
  }();
};

TEST_P(EmulatedModels, TakeTheMemoryThatIsPlanned) {
  for (const std::size_t models : {1u, 3u, 12u}) {
    emulated_memory() = {};
    const auto session = backend_->open_mf(problem(models));
    session->run_epoch(std::vector<float>(models, 1.0f));
    session->validate();
    session->checkpoint(0);
    session->state(0);
    EXPECT_EQ(emulated_memory().peak, backend_->plan_mf(problem(models)).total()) << models;
  }
}

// Whichever call fails in an epoch, memory is given back, and none that may still be used.
TEST_P(EmulatedModels, GiveEverythingBackWhenTheGpuFails) {
  for (const std::size_t models : {2u, 7u}) {
    bool failed = true;
    for (int calls = 0; failed; ++calls) {
      auto session = backend_->open_mf(problem(models));
      emulated_calls() = {};
      emulated_calls().before_failure = calls;
      try {
        session->run_epoch(std::vector<float>(models, 1.0f));
        failed = false;
      } catch (const DeviceError&) {
      }
      session.reset();
      ASSERT_EQ(emulated_calls().freed_in_use, 0) << models << " models, call " << calls;
      ASSERT_EQ(emulated_memory().used, 0u);
    }
  }
  emulated_calls() = {};
}

INSTANTIATE_TEST_SUITE_P(Ways, EmulatedSession,
                         testing::Values(Way{"hogwild", {}},
                                         Way{"fp16", {false, Precision::fp16}, 0.01},
                                         Way{"deterministic", {true}},
                                         Way{"deterministic_fp16", {true, Precision::fp16}, 0.01}),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Ways, EmulatedModels,
                         testing::Values(Way{"hogwild", {}}, Way{"fp16", {false, Precision::fp16}},
                                         Way{"deterministic", {true}}),
                         [](const auto& test) { return test.param.name; });

TEST(EmulatedGpu, DeterministicTrainingIsThatOfTheReference) {
  const Dataset data = test::random_dataset(60, 50, 1'500, 2);
  const std::vector<Label> label(data.rating.size());
  const MfParams params = test::coarse_params(20);
  CudaOptions options;
  options.deterministic = true;
  const auto backend =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, options);
  const auto session =
      backend->open_mf({data.ratings(), label, data.scale, {{params, LabelSet().set(), {}, 3.0f}}});
  ThreadPool threads(1);
  const auto strata = pack_strata(data.ratings(), label, LabelSet().set(), false, threads);
  ASSERT_GE(strata.stripes, 4);
  auto reference = test::reference_of(session->state(0));
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    test::train_strata(reference, params, strata, LabelSet().set(), epoch);
    EXPECT_EQ(session->run_epoch({{1.0f}})[0].count, data.size());
  }
  EXPECT_LT(test::largest_difference(reference, session->state(0)), 1e-4);
}

// More models than the warps that one of them would have; each is what it is beside any others.
TEST(EmulatedGpu, ManyModelsAreTrainedSideBySide) {
  const Dataset data = test::random_dataset(40, 30, 500, 2);
  std::vector<Label> label(data.rating.size());
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  for (const CudaOptions& options :
       {CudaOptions{}, CudaOptions{true}, CudaOptions{false, Precision::fp16}}) {
    const auto backend =
        make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, options);
    const auto train = [&](std::size_t models) {
      MfProblem problem{data.ratings(), label, data.scale, {}};
      for (std::size_t m = 0; m < models; ++m) {
        const LabelSet held = LabelSet().set(m % 3);
        problem.fits.push_back(
            {test::coarse_params(5 + 40 * static_cast<int>(m % 4)), ~held, held, 3.0f});
      }
      auto session = backend->open_mf(problem);
      session->retire(1);
      for (int epoch = 0; epoch < 3; ++epoch) {
        const auto error = session->run_epoch(std::vector<float>(models, 1.0f));
        EXPECT_EQ(error[0].count, data.size() - std::count(label.begin(), label.end(), 0));
        EXPECT_EQ(error[1].count, 0);
      }
      return session;
    };
    const auto few = train(7);
    const auto many = train(12);
    for (std::size_t m = 0; m < 7; ++m) {
      EXPECT_EQ(few->state(m).user_factors, many->state(m).user_factors) << m;
      EXPECT_EQ(few->state(m).item_bias, many->state(m).item_bias) << m;
      EXPECT_EQ(few->validate()[m].squared, many->validate()[m].squared) << m;
    }
    const auto alone = make_cpu_backend(1)->open_mf(
        {data.ratings(),
         label,
         data.scale,
         {{test::coarse_params(5), ~LabelSet().set(0), LabelSet().set(0), 3.0f}}});
    for (int epoch = 0; epoch < 3; ++epoch) alone->run_epoch({{1.0f}});
    EXPECT_NEAR(few->validate()[0].rmse(), alone->validate()[0].rmse(), 0.02);
  }
  emulated_memory() = {};
}

TEST(EmulatedGpu, ChunksTrainEveryRatingOnce) {
  const auto ratings = test::commuting_ratings(3000);
  const Dataset data = test::make_dataset(3000, 3000, ratings);
  const std::vector<Label> label(data.rating.size());
  const MfParams params = test::coarse_params(3);
  ThreadPool threads(1);
  const auto open = [&](std::uint64_t chunk_bytes) {
    CudaMfWork work;
    work.users = work.items = 3000;
    work.scale = data.scale;
    work.fits = {{params, LabelSet().set(), {}, 3}};
    work.rated = {std::make_shared<const RatedRows>(
        find_rated_rows(data.ratings(), label, LabelSet().set(), threads))};
    work.ratings =
        pack_hogwild(data.ratings(), label, LabelSet().set(), false, chunk_bytes, threads);
    work.validation.offset.assign(kLabels + 1, 0);
    return test::open_emulated_gpu()->open_mf(std::move(work));
  };
  const auto whole = open(1 << 30);
  const auto chunks = open(10'000);
  for (int epoch = 0; epoch < 2; ++epoch) {
    EXPECT_EQ(chunks->run_epoch({{1.0f}})[0].count, 3000);
    whole->run_epoch({{1.0f}});
  }
  EXPECT_EQ(chunks->state(0).user_factors, whole->state(0).user_factors);
  EXPECT_EQ(chunks->state(0).item_bias, whole->state(0).item_bias);
}

}  // namespace
}  // namespace tusk
