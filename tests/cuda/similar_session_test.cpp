// Neighbours by device code on emulated warps: they must be the CPU's, bit by bit.
#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/without_dense.hpp"
#include "tests/support/neighbours.hpp"

namespace tusk {
namespace {

using test::emulated_memory;
using test::NeighbourRows;

class EmulatedSimilar : public testing::TestWithParam<SimilarityParams> {
 protected:
  ~EmulatedSimilar() override {
    gpu_.reset();
    EXPECT_EQ(emulated_memory().used, 0u) << "memory that is not given back";
    EXPECT_EQ(emulated_memory().handles, 0) << "handles that are not given back";
    emulated_memory() = {};
  }

  void expect_equal(const CsrView& ratings, int k) {
    test::expect_same_neighbours(NeighbourRows(ratings), GetParam(), *gpu_, *cpu_, k);
    test::expect_same_neighbours(NeighbourRows(Transposed(ratings).view()), GetParam(), *gpu_,
                                 *cpu_, k);
  }

  std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
  std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

TEST_P(EmulatedSimilar, EqualsTheCpu) {
  // Lanes that a sanitizer follows take minutes for more.
  const Dataset data = test::sanitized() ? test::random_dataset(70, 30, 600, 5)
                                         : test::random_dataset(210, 40, 2500, 5);
  for (const int k : {12, 1000}) expect_equal(data.ratings(), k);
}

// Values whose sums are rounded, with and without signs.
TEST_P(EmulatedSimilar, EqualsTheCpuWhereSumsAreRounded) {
  Dataset data = test::random_dataset(60, 50, 1000, 6);
  for (std::size_t at = 0; at < data.rating.size(); ++at) {
    data.rating[at] = data.rating[at] / 3 - 1 + static_cast<float>(at % 17) * 1e-3f;
  }
  expect_equal(data.ratings(), 10);
}

// Most of a list's candidates tie, below and above where it is cut.
TEST_P(EmulatedSimilar, CutsTiesWhereTheCpuCutsThem) {
  std::vector<test::Rating> ratings;
  for (Index row = 0; row < 120; ++row) {
    for (Index column = 0; column < 3 + row % 3; ++column) {
      ratings.push_back({row, column, 1.0f + static_cast<float>(column * (row % 2 + 1) % 5)});
    }
  }
  const Dataset data = test::make_dataset(120, 5, ratings);
  for (const int k : {3, 60}) expect_equal(data.ratings(), k);
}

// Similarities below those that the first count tells apart.
TEST_P(EmulatedSimilar, OrdersTheSmallest) {
  std::vector<test::Rating> ratings;
  for (Index row = 0; row < 80; ++row) {
    const float large = 300.0f + static_cast<float>(row * row % 23) * 1000;
    ratings.push_back({row, 0, 1.0f + static_cast<float>(row % 7)});
    ratings.push_back({row, 1, 0.5f * static_cast<float>(row % 11)});
    ratings.push_back({row, 2 + row, large});
  }
  const Dataset data = test::make_dataset(80, 82, ratings);
  expect_equal(data.ratings(), 10);
}

// Batches of a few rows and lists.
TEST_P(EmulatedSimilar, BatchesChangeNothing) {
  const Dataset data = test::random_dataset(80, 40, 1000, 7);
  const NeighbourRows rows(data.ratings());
  class Tight : public test::WithoutDense {
   public:
    std::string gpu() const override { return gpu_->gpu(); }
    std::uint64_t free_memory() const override { return gpu_->free_memory(); }
    SharedMemory shared_memory() const override { return gpu_->shared_memory(); }
    int multiprocessors() const override { return 2; }
    std::unique_ptr<MfSession> open_mf(CudaMfWork) override { return nullptr; }
    std::unique_ptr<DotSession> open_dot(const CudaDotWork&) override { return nullptr; }
    std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem,
                                                   const NeighbourPlan& plan) override {
      NeighbourPlan tight = plan;
      tight.batch_bytes = 20'000;
      emulated_memory().limit =
          emulated_memory().used + plan.resident_bytes + tight.batch_bytes + 1000;  // of scratch
      return gpu_->open_similar(problem, tight);
    }

   private:
    std::unique_ptr<CudaDevice> gpu_ = test::open_emulated_gpu();
  };
  const auto tight = make_cuda_backend(std::make_unique<Tight>(), make_cpu_backend(1), 1, {});
  test::expect_same_neighbours(rows, GetParam(), *tight, *cpu_, 9);
}

INSTANTIATE_TEST_SUITE_P(All, EmulatedSimilar, testing::ValuesIn(test::every_similarity()),
                         [](const auto& test) { return test::name_of(test.param); });

}  // namespace
}  // namespace tusk
