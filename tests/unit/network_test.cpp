// The network of dense layers, Adam, and the order of ratings.
#include "algebra/network.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "algebra/adam.hpp"
#include "cpu/kernels.hpp"
#include "support/philox.hpp"
#include "support/random_order.hpp"

namespace tusk {
namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  RandomSequence random(seed, 5);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.uniform() - 0.5);
  return values;
}

// The outputs by their definition, in double precision. `x`: [pairs, 2 factors].
std::vector<double> outputs_of(const NetworkShape& shape, const std::vector<double>& weights,
                               const std::vector<double>& x) {
  const auto inputs = static_cast<std::size_t>(2 * shape.factors());
  const auto layer_of = [&](const NetworkShape::Layer& layer, const std::vector<double>& below) {
    std::vector<double> above;
    for (int o = 0; o < layer.outputs; ++o) {
      double sum = weights[layer.bias + static_cast<std::size_t>(o)];
      for (std::size_t i = 0; i < below.size(); ++i) {
        sum += weights[layer.weight + static_cast<std::size_t>(o * layer.inputs) + i] * below[i];
      }
      above.push_back(sum);
    }
    return above;
  };
  std::vector<double> z;
  for (std::size_t first = 0; first < x.size(); first += inputs) {
    const std::vector<double> input(x.begin() + static_cast<std::ptrdiff_t>(first),
                                    x.begin() + static_cast<std::ptrdiff_t>(first + inputs));
    std::vector<double> last = shape.hidden().empty() ? std::vector<double>() : input;
    for (const NetworkShape::Layer& layer : shape.hidden()) {
      last = layer_of(layer, last);
      for (double& one : last) one = std::max(one, 0.0);
    }
    for (int f = 0; shape.products() && f < shape.factors(); ++f) {
      const auto place = static_cast<std::size_t>(f);
      last.push_back(input[place] * input[place + inputs / 2]);
    }
    z.push_back(layer_of(shape.output(), last).front());
  }
  return z;
}

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

struct Case {
  const char* name;
  int factors;
  std::vector<int> hidden;
  bool products;
};

class NetworkTest : public testing::TestWithParam<Case> {
 protected:
  NetworkTest() { network_.set(shape_, weights_.data()); }

  static constexpr int kPairs = 37;

  void fill(NetworkBlock& block) const {
    const auto factors = static_cast<std::size_t>(shape_.factors());
    for (int pair = 0; pair < kPairs; ++pair) {
      const float* const from = x_.data() + static_cast<std::size_t>(pair) * 2 * factors;
      std::copy_n(from, 2 * factors, block.user(pair));
    }
  }

  const NetworkShape shape_{GetParam().factors, GetParam().hidden, GetParam().products};
  const std::vector<float> weights_ = random_values(shape_.size() + kDenseMargin, 1);
  const std::vector<float> x_ =
      random_values(static_cast<std::size_t>(kPairs * 2 * shape_.factors()), 2);
  const std::vector<float> slope_ = random_values(kPairs, 3);
  NetworkWeights network_;
};

TEST_P(NetworkTest, OutputsAreThoseOfTheDefinition) {
  NetworkBlock block(shape_, kPairs, cpu_kernels().network);
  fill(block);
  const auto z = block.forward(network_, kPairs);
  const auto expected = outputs_of(shape_, doubles(weights_), doubles(x_));
  for (std::size_t k = 0; k < z.size(); ++k) EXPECT_NEAR(z[k], expected[k], 1e-5) << k;
}

// Against central differences of the definition, in double precision.
TEST_P(NetworkTest, GradientsAreThoseOfFiniteDifferences) {
  NetworkBlock block(shape_, kPairs, cpu_kernels().network);
  fill(block);
  block.forward(network_, kPairs);
  std::vector<float> gradient(shape_.size(), 0);
  block.backward(network_, slope_, gradient.data());
  std::vector<double> weights = doubles(weights_);
  std::vector<double> x = doubles(x_);
  const auto value = [&] {
    const auto z = outputs_of(shape_, weights, x);
    double sum = 0;
    for (std::size_t k = 0; k < z.size(); ++k) sum += static_cast<double>(slope_[k]) * z[k];
    return sum;
  };
  constexpr double kStep = 1e-6;
  const auto difference = [&](double& at) {
    const double before = at;
    at = before + kStep;
    const double above = value();
    at = before - kStep;
    const double below = value();
    at = before;
    return (above - below) / (2 * kStep);
  };
  for (std::size_t k = 0; k < shape_.size(); ++k) {
    EXPECT_NEAR(gradient[k], difference(weights[k]), 1e-5) << "weight " << k;
  }
  const int factors = shape_.factors();
  for (int pair = 0; pair < kPairs; pair += 9) {
    for (int f = 0; f < factors; ++f) {
      const auto place = static_cast<std::size_t>(pair * 2 * factors + f);
      EXPECT_NEAR(block.user_gradient(pair)[f], difference(x[place]), 1e-5);
      EXPECT_NEAR(block.item_gradient(pair)[f],
                  difference(x[place + static_cast<std::size_t>(factors)]), 1e-5);
    }
  }
}

// The sum is linear in each weight and each number as long as no rectifier turns, so that its
// difference is the gradient.
TEST_P(NetworkTest, GradientsSeeTheSameDropoutAsOutputs) {
  if (GetParam().hidden.empty()) return;  // there is none without layers
  const Dropout dropout{0.3f, 0.4f, 9, 2};
  NetworkBlock block(shape_, kPairs, cpu_kernels().network);
  fill(block);
  std::vector<float> weights = weights_;
  NetworkWeights network;
  const auto value = [&] {
    network.set(shape_, weights.data());
    const auto z = block.forward(network, kPairs, dropout, 1000);
    double sum = 0;
    for (std::size_t k = 0; k < z.size(); ++k) {
      sum += static_cast<double>(slope_[k]) * static_cast<double>(z[k]);
    }
    return sum;
  };
  value();
  std::vector<float> gradient(shape_.size(), 0);
  block.backward(network, slope_, gradient.data());
  const auto input = [&](int pair) {
    const float* const at = block.user_gradient(pair);
    return std::vector<float>(at, at + 2 * shape_.factors());
  };
  std::vector<std::vector<float>> inputs;
  for (int pair = 0; pair < kPairs; ++pair) inputs.push_back(input(pair));
  std::size_t all = 0;
  std::size_t close = 0;
  const auto compare = [&](float& at, float expected) {
    constexpr float kStep = 1e-3f;
    const float before = at;
    at = before + kStep;
    const double above = value();
    at = before - kStep;
    const double below = value();
    at = before;
    const double difference = (above - below) / (2 * static_cast<double>(kStep));
    close += std::abs(difference - static_cast<double>(expected)) < 3e-3 ? 1 : 0;
    ++all;
  };
  for (std::size_t k = 0; k < shape_.size(); ++k) compare(weights[k], gradient[k]);
  for (int pair = 0; pair < kPairs; ++pair) {
    for (std::size_t k = 0; k < inputs.front().size(); ++k) {
      compare(block.user(pair)[k], inputs[static_cast<std::size_t>(pair)][k]);
    }
  }
  // A rectifier may turn within a step.
  EXPECT_GT(static_cast<double>(close), 0.97 * static_cast<double>(all));
}

TEST_P(NetworkTest, PairsDoNotDependOnThoseBesideThem) {
  const Dropout dropout{0.3f, 0.4f, 9, 2};
  NetworkBlock all(shape_, kPairs, cpu_kernels().network);
  fill(all);
  const auto z = all.forward(network_, kPairs, dropout, 0);
  const std::vector<float> together(z.begin(), z.end());
  const auto factors = static_cast<std::size_t>(shape_.factors());
  for (const int pair : {0, 7, kPairs - 1}) {
    NetworkBlock one(shape_, 1, cpu_kernels().network);
    std::copy_n(x_.data() + static_cast<std::size_t>(pair) * 2 * factors, 2 * factors, one.user(0));
    const auto alone = one.forward(network_, 1, dropout, static_cast<std::uint64_t>(pair));
    EXPECT_EQ(alone[0], together[static_cast<std::size_t>(pair)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, NetworkTest,
                         testing::Values(Case{"OneLayer", 5, {4}, false},
                                         Case{"TwoLayers", 6, {7, 3}, false},
                                         Case{"Products", 5, {}, true},
                                         Case{"ProductsAndLayers", 4, {6, 5}, true},
                                         Case{"OneOfEach", 1, {1}, true}),
                         [](const auto& shape) { return std::string(shape.param.name); });

// Of many numbers the share that is asked for is left out, and the others make up for them.
TEST(DropoutTest, KeepsTheMean) {
  const NetworkShape shape(1, {1}, false);
  // h = relu(u + v), z = h
  std::vector<float> weights = {1, 1, 0, 1, 0};
  weights.resize(weights.size() + kDenseMargin);
  NetworkWeights network;
  network.set(shape, weights.data());
  constexpr int kPairs = 20'000;
  NetworkBlock block(shape, kPairs, cpu_kernels().network);
  std::fill_n(block.user(0), 2 * kPairs, 1.0f);
  const auto shares = [&](const Dropout& dropout) {
    const auto z = block.forward(network, kPairs, dropout, 0);
    double mean = 0;
    int none = 0;
    for (const float one : z) {
      mean += static_cast<double>(one) / kPairs;
      none += one == 0 ? 1 : 0;
    }
    return std::pair(mean, static_cast<double>(none) / kPairs);
  };
  const auto [mean, none] = shares({0.25f, 0, 1, 0});
  EXPECT_NEAR(mean, 2, 0.02);
  EXPECT_NEAR(none, 0.25 * 0.25, 0.01);
  const auto [hidden_mean, hidden_none] = shares({0, 0.25f, 1, 0});
  EXPECT_NEAR(hidden_mean, 2, 0.03);
  EXPECT_NEAR(hidden_none, 0.25, 0.015);
}

TEST(AdamTest, StepsAreThoseOfTheFormula) {
  for (const bool decoupled : {false, true}) {
    constexpr double kRate = 0.01;
    constexpr double kDecay = 0.1;
    std::vector<float> value = random_values(19, 1);
    std::vector<float> mean(19, 0);
    std::vector<float> square(19, 0);
    std::vector<double> v = doubles(value);
    std::vector<double> m(19, 0);
    std::vector<double> s(19, 0);
    for (int t = 1; t <= 5; ++t) {
      const auto gradient = random_values(19, static_cast<std::uint64_t>(10 + t));
      AdamStep(static_cast<float>(kRate), static_cast<float>(kDecay), decoupled, t)
          .apply(19, gradient.data(), value.data(), mean.data(), square.data());
      for (std::size_t k = 0; k < v.size(); ++k) {
        const double g = static_cast<double>(gradient[k]) + (decoupled ? 0 : kDecay * v[k]);
        m[k] = 0.9 * m[k] + 0.1 * g;
        s[k] = 0.999 * s[k] + 0.001 * g * g;
        const double step =
            m[k] / (1 - std::pow(0.9, t)) / (std::sqrt(s[k] / (1 - std::pow(0.999, t))) + 1e-8);
        v[k] = (decoupled ? 1 - kRate * kDecay : 1) * v[k] - kRate * step;
        EXPECT_NEAR(value[k], v[k], 1e-6) << t;
      }
    }
  }
}

TEST(RandomOrderTest, IsAPermutation) {
  for (const std::uint32_t count : {1u, 2u, 3u, 4u, 5u, 64u, 65u, 1000u, 4097u}) {
    const RandomOrder order(count, 7, 3);
    std::vector<bool> seen(count, false);
    for (std::uint32_t place = 0; place < count; ++place) {
      const std::uint32_t at = order.at(place);
      ASSERT_LT(at, count);
      EXPECT_FALSE(seen[at]) << count;
      seen[at] = true;
    }
  }
}

// Every number is about as often in the first half of an order as in the second, and neighbours do
// not stay together.
TEST(RandomOrderTest, Mixes) {
  constexpr std::uint32_t kCount = 100;
  constexpr int kOrders = 2000;
  std::vector<int> early(kCount, 0);
  int together = 0;
  for (int n = 0; n < kOrders; ++n) {
    const RandomOrder order(kCount, static_cast<std::uint64_t>(n), 3);
    for (std::uint32_t place = 0; place < kCount; ++place) {
      const std::uint32_t at = order.at(place);
      if (place < kCount / 2) ++early[at];
      if (place > 0 && at == order.at(place - 1) + 1) ++together;
    }
  }
  for (const int count : early) EXPECT_NEAR(count, kOrders / 2, 5 * std::sqrt(kOrders) / 2);
  EXPECT_NEAR(together, kOrders * 0.99, 0.15 * kOrders);
}

}  // namespace
}  // namespace tusk
