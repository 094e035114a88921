#include "algebra/network.hpp"

#include <algorithm>
#include <utility>

namespace tusk {
namespace {

std::size_t area(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

void add_columns(const float* values, int rows, int columns, float* sums) {
  for (int row = 0; row < rows; ++row) {
    const float* const one = values + area(row, columns);
    for (int c = 0; c < columns; ++c) sums[c] += one[c];
  }
}

}  // namespace

NetworkShape::NetworkShape(int factors, std::vector<int> hidden, bool products)
    : factors_(factors), products_(products) {
  std::size_t end = 0;
  const auto add = [&](int inputs, int outputs) {
    Layer layer{inputs, outputs, end, end + area(outputs, inputs)};
    end = layer.bias + static_cast<std::size_t>(outputs);
    return layer;
  };
  int inputs = 2 * factors;
  for (const int outputs : hidden) {
    hidden_.push_back(add(inputs, outputs));
    inputs = outputs;
  }
  output_ = add(last_hidden() + (products ? factors : 0), 1);
}

void NetworkWeights::set(const NetworkShape& shape, const float* weights) {
  values_ = weights;
  transposed_.resize(shape.size() + kDenseMargin);
  for (const NetworkShape::Layer& layer : shape.hidden()) {
    for (int o = 0; o < layer.outputs; ++o) {
      const float* const from = weights + layer.weight + area(o, layer.inputs);
      float* const to = transposed_.data() + layer.weight + o;
      for (int i = 0; i < layer.inputs; ++i) to[area(i, layer.outputs)] = from[i];
    }
  }
}

NetworkBlock::NetworkBlock(const NetworkShape& shape, int most_pairs, const NetworkKernels& kernels)
    : shape_(shape), kernels_(kernels) {
  const std::size_t inputs = area(most_pairs, 2 * shape.factors()) + kDenseMargin;
  input_.resize(inputs);
  input_gradient_.resize(inputs);
  if (shape.products()) product_.resize(area(most_pairs, shape.factors()) + kDenseMargin);
  for (const NetworkShape::Layer& layer : shape.hidden()) {
    const std::size_t size = area(most_pairs, layer.outputs) + kDenseMargin;
    hidden_.emplace_back(size);
    hidden_gradient_.emplace_back(size);
  }
  output_.resize(static_cast<std::size_t>(most_pairs));
}

std::span<const float> NetworkBlock::forward(const NetworkWeights& weights, int pairs) {
  return run(weights, pairs, {}, 0);
}

std::span<const float> NetworkBlock::forward(const NetworkWeights& weights, int pairs,
                                             const Dropout& dropout, std::uint64_t first_place) {
  return run(weights, pairs, dropout, first_place);
}

std::span<const float> NetworkBlock::run(const NetworkWeights& weights, int pairs,
                                         const Dropout& dropout, std::uint64_t first_place) {
  const int factors = shape_.factors();
  const auto drop = [&](float share, std::size_t layer, int width, const float* from, float* to,
                        float* mask) {
    kernels_.drop({DropoutDraws(share, dropout.seed, layer, width), dropout.epoch, first_place,
                   1 / (1 - share), pairs, width, from, to, mask});
  };
  dropped_ = dropout.inputs > 0 && !hidden_.empty();
  if (dropped_) {
    masked_.resize(input_.size());
    mask_.resize(input_.size());
    drop(dropout.inputs, 0, 2 * factors, input_.data(), masked_.data(), mask_.data());
  }
  const float* below = dropped_ ? masked_.data() : input_.data();
  kept_ = 1 / (1 - dropout.hidden);
  for (std::size_t l = 0; l < hidden_.size(); ++l) {
    const NetworkShape::Layer& layer = shape_.hidden()[l];
    float* const above = hidden_[l].data();
    kernels_.multiply({pairs, layer.outputs, layer.inputs, below, layer.inputs, 1,
                       weights.transposed(layer), layer.outputs, above, layer.outputs, false});
    kernels_.rectify(above, pairs, layer.outputs, weights.values() + layer.bias);
    if (dropout.hidden > 0) {
      drop(dropout.hidden, l + 1, layer.outputs, above, above, nullptr);
    }
    below = above;
  }
  const NetworkShape::Layer& output = shape_.output();
  const float* const w = weights.values() + output.weight;
  std::fill_n(output_.begin(), pairs, weights.values()[output.bias]);
  if (const int last = shape_.last_hidden(); last > 0) {
    kernels_.multiply({pairs, 1, last, below, last, 1, w, 1, output_.data(), 1, true});
  }
  if (shape_.products()) {
    for (int pair = 0; pair < pairs; ++pair) {
      const float* const u = user(pair);
      const float* const v = item(pair);
      float* const both = product_.data() + area(pair, factors);
      for (int f = 0; f < factors; ++f) both[f] = u[f] * v[f];
    }
    kernels_.multiply({pairs, 1, factors, product_.data(), factors, 1, w + shape_.last_hidden(), 1,
                       output_.data(), 1, true});
  }
  return {output_.data(), static_cast<std::size_t>(pairs)};
}

void NetworkBlock::backward(const NetworkWeights& weights, std::span<const float> slope,
                            float* gradient) {
  const int factors = shape_.factors();
  const auto pairs = static_cast<int>(slope.size());
  const NetworkShape::Layer& output = shape_.output();
  const float* const w = weights.values() + output.weight;
  for (const float one : slope) gradient[output.bias] += one;
  if (const int last = shape_.last_hidden(); last > 0) {
    kernels_.multiply({1, last, pairs, slope.data(), 0, 1, hidden_.back().data(), last,
                       gradient + output.weight, last, true});
    for (int pair = 0; pair < pairs; ++pair) {
      float* const row = hidden_gradient_.back().data() + area(pair, last);
      const float one = slope[static_cast<std::size_t>(pair)];
      for (int o = 0; o < last; ++o) row[o] = one * w[o];
    }
  }
  const float* const inputs = dropped_ ? masked_.data() : input_.data();
  for (std::size_t l = hidden_.size(); l-- > 0;) {
    const NetworkShape::Layer& layer = shape_.hidden()[l];
    float* const above = hidden_gradient_[l].data();
    kernels_.rectify_gradient(area(pairs, layer.outputs), hidden_[l].data(), kept_, above);
    const float* const below = l > 0 ? hidden_[l - 1].data() : inputs;
    kernels_.multiply({layer.outputs, layer.inputs, pairs, above, 1, layer.outputs, below,
                       layer.inputs, gradient + layer.weight, layer.inputs, true});
    add_columns(above, pairs, layer.outputs, gradient + layer.bias);
    float* const next = l > 0 ? hidden_gradient_[l - 1].data() : input_gradient_.data();
    kernels_.multiply({pairs, layer.inputs, layer.outputs, above, layer.outputs, 1,
                       weights.values() + layer.weight, layer.inputs, next, layer.inputs, false});
  }
  const std::size_t size = offset(pairs);
  if (hidden_.empty()) std::fill_n(input_gradient_.begin(), size, 0.0f);
  if (dropped_) {
    float* const to = input_gradient_.data();
    const float* const mask = mask_.data();
    for (std::size_t k = 0; k < size; ++k) to[k] *= mask[k];
  }
  if (!shape_.products()) return;
  const float* const by = w + shape_.last_hidden();
  float* const products = gradient + output.weight + shape_.last_hidden();
  kernels_.multiply(
      {1, factors, pairs, slope.data(), 0, 1, product_.data(), factors, products, factors, true});
  for (int pair = 0; pair < pairs; ++pair) {
    const float one = slope[static_cast<std::size_t>(pair)];
    const float* const u = user(pair);
    const float* const v = item(pair);
    float* const to = input_gradient_.data() + offset(pair);
    for (int f = 0; f < factors; ++f) {
      to[f] += one * by[f] * v[f];
      to[factors + f] += one * by[f] * u[f];
    }
  }
}

}  // namespace tusk
