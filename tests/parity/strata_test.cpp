// Deterministic training for a GPU: its order of ratings as a reference follows it, and the GPU
// against that reference.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"
#include "tests/support/reference_strata.hpp"

namespace tusk {
namespace {

MfParams params_of(int factors) {
  MfParams params;
  params.factors = factors;
  params.user_learning_rate = params.item_learning_rate = 0.02f;
  params.bias_learning_rate = 0.01f;
  params.user_regularization = params.item_regularization = 0.05f;
  params.init_std = 0.1f;
  params.seed = 5;
  return params;
}

class Strata : public testing::Test {
 protected:
  MfProblem problem(int factors) const {
    return {data_.ratings(), label_, data_.scale, {{params_of(factors), LabelSet().set(), {}, 3}}};
  }

  const Dataset data_ = test::random_dataset(300, 200, 20'000, 2);
  const std::vector<Label> label_ = std::vector<Label>(data_.rating.size());
  ThreadPool threads_{2};
  const StrataRatings strata_ =
      pack_strata(data_.ratings(), label_, LabelSet().set(), false, threads_);
};

// The GPU's finer blocks mix the ratings as well as the CPU's: the same error, but for the order.
TEST_F(Strata, TrainToTheErrorOfTheCpu) {
  const auto session = make_cpu_backend(2)->open_mf(problem(16));
  auto reference = test::reference_of(session->state(0));
  double cpu = 0;
  double strata = 0;
  for (std::uint64_t epoch = 0; epoch < 12; ++epoch) {
    cpu = session->run_epoch({{1.0f}})[0].sum;
    strata = test::train_strata(reference, params_of(16), strata_, LabelSet().set(), epoch);
  }
  const auto ratings = static_cast<double>(data_.size());
  EXPECT_NEAR(std::sqrt(strata / ratings), std::sqrt(cpu / ratings), 0.003);
}

// The same order, in fp32 instead of double precision: sums of rounding errors over some hundred
// updates of each parameter, of about 1e-7 each.
TEST_F(Strata, OfTheGpuAreThoseOfTheReference) {
  TUSK_SKIP_WITHOUT_GPU();
  const auto backend = open_cuda_backend(0, 2, {true, Precision::fp32});
  for (const int factors : {1, 33, 64, 200, 600}) {
    const auto session = backend->open_mf(problem(factors));
    auto reference = test::reference_of(session->state(0));
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      const double expected =
          test::train_strata(reference, params_of(factors), strata_, LabelSet().set(), epoch);
      EXPECT_NEAR(session->run_epoch({{1.0f}})[0].sum, expected, 1e-4 * expected);
    }
    EXPECT_LT(test::largest_difference(reference, session->state(0)), 1e-3)
        << factors << " factors";
  }
}

}  // namespace
}  // namespace tusk
