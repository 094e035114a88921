#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

#include "backend/neural_session.hpp"
#include "backend/self_test.hpp"

namespace tusk {
namespace {

// The rating of a pair by the weights, in double precision; see src/algebra/network.hpp.
double predicted(const NeuralFit& fit, const NeuralWeights& weights, std::size_t user,
                 std::size_t item) {
  const NetworkShape shape = fit.params.shape();
  const auto factors = static_cast<std::size_t>(fit.params.factors);
  const float* const u = weights.user.data() + user * factors;
  const float* const v = weights.item.data() + item * factors;
  const float* const network = weights.network.data();
  std::vector<double> layer(u, u + factors);
  layer.insert(layer.end(), v, v + factors);
  for (const NetworkShape::Layer& hidden : shape.hidden()) {
    std::vector<double> above;
    const float* weight = network + hidden.weight;
    for (int o = 0; o < hidden.outputs; ++o) {
      double sum = network[hidden.bias + static_cast<std::size_t>(o)];
      for (const double below : layer) sum += static_cast<double>(*weight++) * below;
      above.push_back(std::max(sum, 0.0));
    }
    layer = above;
  }
  if (shape.hidden().empty()) layer.clear();
  for (std::size_t f = 0; f < factors; ++f) layer.push_back(static_cast<double>(u[f]) * v[f]);
  double sum = static_cast<double>(fit.mean) + network[shape.output().bias] +
               weights.user_bias[user] + weights.item_bias[item];
  for (std::size_t k = 0; k < layer.size(); ++k) {
    sum += layer[k] * network[shape.output().weight + k];
  }
  return sum;
}

}  // namespace

std::string self_test_of_networks(Backend& backend, const NeuralProblem& problem,
                                  std::uint64_t& bits) {
  constexpr double kNetworkTolerance = 1e-4;
  constexpr std::size_t kEpochs = 4;
  const std::size_t models = problem.fits.size();
  const auto session = backend.open_neural(problem);
  const auto errors =
      session->run_epochs(std::vector<float>(kEpochs * models, 1), models, Validate::last);
  const auto hash = [&](const std::vector<float>& values) {
    bits = XXH64(values.data(), values.size() * sizeof(float), bits);
  };
  for (std::size_t m = 0; m < models; ++m) {
    const NeuralFit& fit = problem.fits[m];
    const EpochErrors& last = errors[(kEpochs - 1) * models + m];
    if (!(last.train.sum < errors[m].train.sum)) {
      return "training a network does not lower its error";
    }
    const NeuralWeights weights = session->state(m);
    double squared = 0;
    problem.ratings.each([&](Index user, std::size_t at) {
      if (!fit.validate.test(problem.label[at])) return;
      const double prediction = predicted(fit, weights, static_cast<std::size_t>(user),
                                          static_cast<std::size_t>(problem.ratings.column[at]));
      squared += std::pow(static_cast<double>(problem.ratings.value[at]) -
                              std::clamp(prediction, static_cast<double>(problem.scale.low),
                                         static_cast<double>(problem.scale.high)),
                          2);
    });
    if (!(std::abs(last.validation.squared - squared) < kNetworkTolerance * squared)) {
      return fmt::format("the validation error of a network is {:.6f}, not {:.6f}",
                         last.validation.squared, squared);
    }
    for (const auto* part :
         {&weights.user, &weights.item, &weights.user_bias, &weights.item_bias, &weights.network}) {
      hash(*part);
    }
  }
  return {};
}

}  // namespace tusk
