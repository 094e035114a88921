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

Model small_draws(bool time) {
  Dataset data = random_dataset(9, 7, 40, 2);
  for (std::size_t at = 0; at < data.timestamp.size(); ++at) {
    data.timestamp[at] = static_cast<std::int64_t>(at % 11) * 86'400;
  }
  BayesOptions options;
  options.time = time;
  options.factors = 3;
  options.sweeps = 40;
  options.burn_in = 10;
  options.draws = 12;
  return train(*make_cpu_backend(1), data, options);
}

HostileCase spoilt(const char* name, const char* tensor, std::function<void(Parts&)> how) {
  HostileCase one = change(name, std::move(how), tensor);
  one.model = [] { return small_draws(false); };
  return one;
}
HostileCase spoilt_times(const char* name, const char* message, std::function<void(Parts&)> how) {
  HostileCase one = change(name, std::move(how), message);
  one.model = [] { return small_draws(true); };
  return one;
}
template <class T>
HostileCase times_hold(const char* name, const char* tensor, std::size_t place, T value) {
  return spoilt_times(name, tensor, [=](Parts& p) { p.put(tensor, place, value); });
}
HostileCase times_lack(const char* name, const char* tensor) {
  return spoilt_times(name, tensor, [=](Parts& p) { rename(p, tensor); });
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

INSTANTIATE_TEST_SUITE_P(
    Times, HostileBayes,
    testing::Values(
        times_hold("BiasNotFinite", "bayes_user_time_biases", 1, std::nanf("")),
        times_hold("TimePrecisionIsZero", "bayes_item_time_precision", 2, 0.0f),
        times_hold<std::int64_t>("LengthIsZero", "bayes_item_period_length", 0, 0),
        times_hold<std::int64_t>("LengthIsNegative", "bayes_user_period_length", 0, -86'400),
        times_hold<std::int64_t>("OffsetsFall", "bayes_item_period_offsets", 1, 1'000),
        times_hold<std::int64_t>("OffsetsEndTooEarly", "bayes_user_period_offsets", 10, 0),
        spoilt_times("PeriodsDoNotRise", "bayes_item_periods does not rise",
                     [](Parts& p) {
                       p.put<std::int64_t>("bayes_item_periods", 0,
                                           std::numeric_limits<std::int64_t>::max());
                     }),
        times_lack("NoPeriods", "bayes_user_periods"),
        times_lack("NoTimePrecision", "bayes_user_time_precision"),
        spoilt_times("NoBiasesOfItems", "time biases of users or items alone",
                     [](Parts& p) { rename(p, "bayes_item_time_biases"); })),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tusk::test
