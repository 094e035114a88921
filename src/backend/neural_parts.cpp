#include "backend/neural_parts.hpp"

#include <algorithm>
#include <cmath>

#include "backend/fit_parts.hpp"
#include "model/initial_factors.hpp"

namespace tusk {

bool same_ratings(const NeuralFit& a, const NeuralFit& b) {
  return a.train == b.train && a.validate == b.validate;
}

NeuralPart gather_part(const NeuralProblem& problem, const NeuralFit& fit) {
  NeuralPart part;
  const auto count = count_labels(problem.label);
  part.train.reserve(static_cast<std::size_t>(count_part(count, fit.train)));
  part.validate.reserve(static_cast<std::size_t>(count_part(count, fit.validate)));
  part.user_trained.assign(static_cast<std::size_t>(problem.ratings.rows()), false);
  part.item_trained.assign(static_cast<std::size_t>(problem.ratings.columns), false);
  problem.ratings.each([&](Index user, std::size_t at) {
    const Index item = problem.ratings.column[at];
    const NeuralRating rating{user, item, problem.ratings.value[at]};
    if (fit.train.test(problem.label[at])) {
      part.train.push_back(rating);
      part.user_trained[static_cast<std::size_t>(user)] = true;
      part.item_trained[static_cast<std::size_t>(item)] = true;
    } else if (fit.validate.test(problem.label[at])) {
      part.validate.push_back(rating);
    }
  });
  return part;
}

std::vector<float> initial_network(const NetworkShape& shape, std::uint64_t seed) {
  std::vector<float> network(shape.size(), 0);
  std::uint64_t row = 0;
  const auto fill = [&](float* to, int count, float init_std) {
    for (int k = 0; k < count; k += 2) {
      float pair[2];
      initial_factor_pair(seed, RandomUse::initial_layers, row, static_cast<std::uint64_t>(k / 2),
                          init_std, pair);
      to[k] = pair[0];
      if (k + 1 < count) to[k + 1] = pair[1];
    }
    ++row;
  };
  for (const NetworkShape::Layer& layer : shape.hidden()) {
    const float init_std = std::sqrt(2 / static_cast<float>(layer.inputs));
    for (int o = 0; o < layer.outputs; ++o) {
      fill(network.data() + layer.weight +
               static_cast<std::size_t>(o) * static_cast<std::size_t>(layer.inputs),
           layer.inputs, init_std);
    }
  }
  float* const output = network.data() + shape.output().weight;
  const int last = shape.last_hidden();
  if (last > 0) fill(output, last, std::sqrt(1 / static_cast<float>(last)));
  std::fill(output + last, output + shape.output().inputs, 1.0f);  // a dot product
  return network;
}

}  // namespace tusk
