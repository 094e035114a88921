// The self-test passes every set of kernels that is right, and names one that is not.
#include "backend/self_test.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpu/cpu_backend.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/gpu.hpp"

namespace tusk {
namespace {

class SelfTest : public testing::TestWithParam<KernelSet> {};

TEST_P(SelfTest, FindsTheKernelsRight) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  const auto results = self_test_of({&GetParam(), 1});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].name, GetParam().kernels->name);
  EXPECT_EQ(results[0].problem, "");
}

INSTANTIATE_TEST_SUITE_P(Sets, SelfTest,
                         testing::ValuesIn(kernel_sets().begin(), kernel_sets().end()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

// What the self-test says of these kernels, which it must name.
std::string problem_of(CpuKernels kernels) {
  kernels.name = "broken";
  const auto results = self_test_of(std::vector<KernelSet>{{&kernels, "", true, true}});
  EXPECT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].name, "broken");
  return results[0].problem;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

TEST(BrokenKernels, ThatStoreNoUserAreFound) {
  CpuKernels broken = cpu_kernels();
  broken.sgd = [](const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                  const Index* item, const float* rating) {
    std::vector<std::vector<float>> rows;
    const auto row = [&](std::size_t r) {
      return model.user_factors +
             static_cast<std::ptrdiff_t>(order.runs[r].user) * model.vectors * kLanes;
    };
    for (std::size_t r = 0; r < order.count; ++r) {
      rows.emplace_back(row(r), row(r) + model.vectors * kLanes);
    }
    const double error = cpu_kernels().sgd(model, rates, order, item, rating);
    for (std::size_t r = 0; r < order.count; ++r) std::copy(rows[r].begin(), rows[r].end(), row(r));
    return error;
  };
  EXPECT_TRUE(contains(problem_of(broken), "training with 1 factors")) << problem_of(broken);
}

TEST(BrokenKernels, ThatDifferInTheLastBitAreFound) {
  CpuKernels broken = cpu_kernels();
  broken.sgd = [](const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                  const Index* item, const float* rating) {
    const double error = cpu_kernels().sgd(model, rates, order, item, rating);
    float& bias = model.user_bias[order.runs[0].user];
    bias = std::nextafter(bias, 1.0f);
    return error;
  };
  EXPECT_TRUE(contains(problem_of(broken), "bits of trained models")) << problem_of(broken);
}

TEST(BrokenKernels, ThatLoseAScoreAreFound) {
  CpuKernels broken = cpu_kernels();
  broken.score_panel = [](const PanelRow& bias, const PanelRow* items, const GroupRow* users,
                          int factors, int groups, const float* threshold, Passing* passing) {
    const std::size_t count =
        cpu_kernels().score_panel(bias, items, users, factors, groups, threshold, passing);
    return count > 0 ? count - 1 : 0;
  };
  EXPECT_TRUE(contains(problem_of(broken), "of the list of a user")) << problem_of(broken);
}

TEST(BrokenKernels, ThatMisjudgeErrorsAreFound) {
  CpuKernels broken = cpu_kernels();
  broken.validation_errors = [](const SgdModel& model, RatingScale, const Index* user,
                                const Index* item, const float* rating, std::size_t count) {
    return cpu_kernels().validation_errors(model, {2, 3}, user, item, rating, count);
  };
  EXPECT_TRUE(contains(problem_of(broken), "validation error")) << problem_of(broken);
}

TEST(BrokenKernels, WithAWrongSimilarityAreFound) {
  CpuKernels broken = cpu_kernels();
  std::vector<SimilarityKernel> similarity(broken.similarity, broken.similarity + 6);
  similarity[3].finish = [](void* sums, std::size_t begin, std::size_t end, const double* own,
                            const double* squares, const SimilarityParams& params, double* values) {
    cpu_kernels().similarity[3].finish(sums, begin, end, own, squares, params, values);
    for (std::size_t n = 0; n < (end - begin) * kRowsAtOnce; ++n) values[n] *= 0.999;
  };
  broken.similarity = similarity.data();
  EXPECT_TRUE(contains(problem_of(broken), "by pearson")) << problem_of(broken);
}

TEST(CudaSelfTest, FindsTheGpuRight) {
  TUSK_SKIP_WITHOUT_GPU();
  EXPECT_EQ(self_test().back().name, "cuda");
  EXPECT_EQ(self_test().back().problem, "");
}

}  // namespace
}  // namespace tusk
