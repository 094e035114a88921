// Files of blends whose parts or weights are not what they should be.
#include <cmath>

#include <tusk/blend.hpp>
#include <tusk/train.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

class HostileBlend : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileBlend, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

HostileCase spoilt_blend(const char* name, const char* tensor, std::function<void(Parts&)> how) {
  HostileCase one = change(name, std::move(how), tensor);
  one.model = [] {
    BlendOptions options;
    options.parts = "bias,item-knn:k=5";
    options.inner_folds = 2;
    return train(*make_cpu_backend(1), random_dataset(9, 7, 40, 2), options);
  };
  return one;
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileBlend,
    testing::Values(spoilt_blend("WeightNotFinite", "blend_weights",
                                 [](Parts& p) { p.put("blend_weights", 1, std::nanf("")); }),
                    spoilt_blend("NoConstant", "blend_constant",
                                 [](Parts& p) { rename(p, "blend_constant"); }),
                    spoilt_blend("NoPart", "does not have the tensors of its kind of model",
                                 [](Parts& p) { rename(p, "bias.user_bias"); })),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tusk::test
