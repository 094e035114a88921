// Model files whose draws are not what they should be.
#include <cmath>
#include <limits>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

class HostileBayes : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileBayes, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

Model small_draws() {
  BayesOptions options;
  options.factors = 3;
  options.sweeps = 40;
  options.burn_in = 10;
  options.draws = 12;
  return train(*make_cpu_backend(1), random_dataset(9, 7, 40, 2), options);
}

HostileCase spoilt(const char* name, const char* tensor, std::function<void(Parts&)> how) {
  HostileCase one = change(name, std::move(how), tensor);
  one.model = small_draws;
  return one;
}
HostileCase holds(const char* name, const char* tensor, float value) {
  return spoilt(name, tensor, [=](Parts& p) { p.put(tensor, 1, value); });
}
HostileCase lacks(const char* name, const char* tensor) {
  return spoilt(name, tensor, [=](Parts& p) { rename(p, tensor); });
}

INSTANTIATE_TEST_SUITE_P(Files, HostileBayes,
                         testing::Values(holds("DrawNotFinite", "bayes_user_draws", std::nanf("")),
                                         holds("PrecisionIsZero", "bayes_noise_precision", 0),
                                         holds("PrecisionIsInfinite", "bayes_noise_precision",
                                               std::numeric_limits<float>::infinity()),
                                         spoilt("SpreadNegative", "bayes_spread",
                                                [](Parts& p) { p.put("bayes_spread", 0, -1.0f); }),
                                         lacks("NoDrawsOfItems", "bayes_item_draws"),
                                         lacks("NoPrior", "bayes_user_precision"),
                                         lacks("NoMean", "bayes_user_mean")),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tusk::test
