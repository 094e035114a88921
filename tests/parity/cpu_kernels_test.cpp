// The sets of CPU kernels beside each other.
#include "tests/support/cpu_kernels.hpp"

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk {
namespace {

TEST(CpuKernels, OfAProgramAreTheFastestForIt) {
  const CpuKernels& automatic = cpu_kernels();
  EXPECT_STRNE(automatic.name, "wide");
  const CpuKernels* last = nullptr;
  for (const KernelSet& set : kernel_sets()) {
    if (!set.runs) continue;
    EXPECT_EQ(&cpu_kernels(set.kernels->name), set.kernels);
    EXPECT_EQ(make_backend({"cpu", 1, false, Precision::fp32, set.kernels->name})->bits(),
              set.kernels->fused ? "fma" : "baseline");
    if (set.automatic) last = set.kernels;
  }
  EXPECT_EQ(&automatic, last);
}

TEST(CpuKernels, ThatCannotBeHadAreRefusedByName) {
  EXPECT_THROW(cpu_kernels("sse9"), UsageError);
  EXPECT_THROW(cpu_kernels(""), UsageError);
  for (const char* const name : {"baseline", "avx2", "avx512", "neon"}) {
    bool runs = false;
    for (const KernelSet& set : kernel_sets())
      runs |= set.kernels->name == std::string(name) && set.runs;
    if (runs) continue;
    try {
      make_backend({"cpu", 1, false, Precision::fp32, name});
      ADD_FAILURE() << name;
    } catch (const DeviceError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

class CpuKernelSet : public testing::TestWithParam<KernelSet> {
 protected:
  void SetUp() override { TUSK_SKIP_WITHOUT_KERNELS(GetParam()); }
};

// Against the first of them.
TEST_P(CpuKernelSet, WithFusedMultiplyAddGivesTheSameBits) {
  const CpuKernels& first = *test::fused_kernel_sets().front().kernels;
  const Dataset data = test::random_dataset(100, 80, 4'000, 3);
  const std::vector<Label> label(data.rating.size());
  LabelSet all;
  all.set();
  for (const int factors : {1, 5, 16, 40, 64, 100, 128, 200, 256, 300}) {
    const auto train = [&](const CpuKernels& kernels) {
      const auto session = make_cpu_backend(1, kernels)
                               ->open_mf({data.ratings(),
                                          label,
                                          data.scale,
                                          {{test::coarse_params(factors), all, all, 3.0f}}});
      EpochErrors errors;
      for (int epoch = 0; epoch < 3; ++epoch) {
        errors = session->run_epochs(std::vector<float>{1.0f}, 1, Validate::last)[0];
      }
      return std::tuple(session->state(0), errors.train.sum, errors.validation.squared);
    };
    const auto [a, a_train, a_validation] = train(first);
    const auto [b, b_train, b_validation] = train(*GetParam().kernels);
    EXPECT_EQ(a.user_factors, b.user_factors) << factors;
    EXPECT_EQ(a.item_factors, b.item_factors) << factors;
    EXPECT_EQ(a.user_bias, b.user_bias) << factors;
    EXPECT_EQ(a.item_bias, b.item_bias) << factors;
    EXPECT_EQ(a_train, b_train) << factors;
    EXPECT_EQ(a_validation, b_validation) << factors;
  }
}

INSTANTIATE_TEST_SUITE_P(Fused, CpuKernelSet, testing::ValuesIn(test::fused_kernel_sets()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

// Every set trains models that are as good.
class CpuKernelAccuracy : public testing::TestWithParam<KernelSet> {};

TEST_P(CpuKernelAccuracy, IsThatOfTheDefaultsOnAnOfficialFold) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("official:1"), 1);
  MfOptions options;
  options.epochs = test::sanitized() ? 4 : 85;
  const auto backend = make_cpu_backend(2, *GetParam().kernels);
  const Model model = train(*backend, data, options, split);
  const auto test_part = select_ratings(data, split.label, split.test);
  EXPECT_NEAR(evaluate(*backend, model, test_part).all.rmse(), test::sanitized() ? 1.0412 : 0.9149,
              0.0005);
  EXPECT_EQ(model.metadata.at("cpu_kernels"), GetParam().kernels->fused ? "fma" : "baseline");
}

INSTANTIATE_TEST_SUITE_P(Sets, CpuKernelAccuracy,
                         testing::ValuesIn(kernel_sets().begin(), kernel_sets().end()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

}  // namespace
}  // namespace tusk
