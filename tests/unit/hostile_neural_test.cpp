// Model files whose network is not what it should be.
#include <cmath>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

class HostileNeural : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileNeural, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

Model small_network() {
  NeuralOptions options;
  options.factors = 6;
  options.hidden = "8,4";
  options.epochs = 1;
  options.item_features = ItemFeatures::genres;
  return train(*make_cpu_backend(1), random_dataset(9, 7, 40, 2), options);
}

HostileCase network(const char* name, std::function<void(Parts&)> how, const char* message) {
  HostileCase spoilt = change(name, std::move(how), message);
  spoilt.model = small_network;
  return spoilt;
}
HostileCase metadata(const char* name, const char* key, const char* value, const char* message) {
  return network(
      name, [=](Parts& p) { p.header["__metadata__"][key] = value; }, message);
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileNeural,
    testing::Values(
        metadata("OtherLayers", "hidden", "8,5", "neural_network"),
        metadata("LayersAreNoNumbers", "hidden", "8;4", "hidden"),
        metadata("OtherFactors", "factors", "5", "tensors of its kind"),
        metadata("NoBiases", "biased", "false", "tensors of its kind"),
        metadata("NoProducts", "products", "false", "neural_network"),
        network(
            "NoNetwork", [](Parts& p) { rename(p, "neural_network"); }, "no tensor neural_network"),
        network(
            "WeightNotFinite", [](Parts& p) { p.put("neural_network", 3, std::nanf("")); },
            "neural_network"),
        network(
            "NoiseIsZero", [](Parts& p) { p.put("neural_noise", 0, 0.0f); }, "neural_noise")),
    [](const auto& spoilt) { return spoilt.param.name; });

}  // namespace
}  // namespace tusk::test
