#include "models/neural/pair_scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tusk {
namespace {

// The mean over the rows that counts(row) names, added in their order.
template <class Counts>
std::vector<float> mean_row(const std::vector<float>& rows, Index count, std::size_t width,
                            const Counts& counts) {
  std::vector<double> sum(width, 0);
  double counted = 0;
  for (Index r = 0; r < count; ++r) {
    if (!counts(r)) continue;
    counted += 1;
    for (std::size_t k = 0; k < width; ++k) {
      sum[k] += static_cast<double>(rows[static_cast<std::size_t>(r) * width + k]);
    }
  }
  for (double& one : sum) one /= std::max(counted, 1.0);
  return {sum.begin(), sum.end()};
}

}  // namespace

PairScores::PairScores(Backend& backend, const Model& model, const NeuralState& state)
    : backend_(backend),
      state_(state),
      output_(model.scale(), state.base().mean, state.is_squashed()),
      padded_(state.network().weights) {
  const MfState& base = state.base();
  padded_.resize(padded_.size() + kDenseMargin);
  weights_.set(state.shape(), padded_.data());
  const auto factors = static_cast<std::size_t>(base.factors);
  const auto knows_user = [&](Index u) { return model.knows_user(u); };
  const auto knows_item = [&](Index i) { return model.knows_item(i); };
  mean_user_ = mean_row(base.user_factors, base.users, factors, knows_user);
  mean_item_ = mean_row(base.item_factors, base.items, factors, knows_item);
  if (!base.biased) return;
  mean_user_bias_ = mean_row(base.user_bias, base.users, 1, knows_user).front();
  mean_item_bias_ = mean_row(base.item_bias, base.items, 1, knows_item).front();
}

const float* PairScores::item(Index item) const {
  const MfState& base = state_.base();
  if (item == kNone) return mean_item_.data();
  return base.item_factors.data() +
         static_cast<std::size_t>(item) * static_cast<std::size_t>(base.factors);
}

float PairScores::item_bias(Index item) const {
  if (!state_.base().biased) return 0;
  return item == kNone ? mean_item_bias_ : state_.base().item_bias[static_cast<std::size_t>(item)];
}

void PairScores::prepare() const {
  if (state_.shape().hidden().empty()) return;
  std::call_once(once_, [&] { fill_table(); });
}

void PairScores::fill_table() const {
  const NetworkShape::Layer& first = state_.shape().hidden().front();
  const auto outputs = static_cast<std::size_t>(first.outputs);
  const auto factors = static_cast<std::size_t>(state_.base().factors);
  // Of the first layer transposed, the rows that the item's numbers are multiplied by.
  const float* const weight = weights_.transposed(first) + factors * outputs;
  const std::int64_t rows = static_cast<std::int64_t>(state_.base().items) + 1;
  constexpr auto kChunk = static_cast<std::int64_t>(kMostPairs);
  table_.resize(static_cast<std::size_t>(rows) * outputs);
  backend_.parallel_for((rows + kChunk - 1) / kChunk, [&](std::int64_t chunk) {
    const std::int64_t last = std::min(rows, (chunk + 1) * kChunk);
    for (std::int64_t row = chunk * kChunk; row < last; ++row) {
      const bool is_mean = row == state_.base().items;
      backend_.network_kernels().multiply(
          {1, first.outputs, state_.base().factors, item(is_mean ? kNone : static_cast<Index>(row)),
           0, 1, weight, first.outputs, &table_[static_cast<std::size_t>(row) * outputs],
           first.outputs, false});
    }
  });
}

std::vector<float> PairScores::score(std::span<const UserItems> users) const {
  const NetworkShape& shape = state_.shape();
  const float* const weights = weights_.values();
  const auto multiply = backend_.network_kernels().multiply;
  const int factors = shape.factors();
  std::size_t pairs = 0;
  for (const UserItems& one : users) pairs += one.items.size();
  const auto height = static_cast<int>(pairs);
  const NetworkShape::Layer& output = shape.output();
  std::vector<float> z(pairs, weights[output.bias]);
  const auto rectified = [](float value) { return value > 0 ? value : 0.0f; };
  std::vector<float> below;
  for (std::size_t l = 0; l < shape.hidden().size(); ++l) {
    const NetworkShape::Layer& layer = shape.hidden()[l];
    const auto outputs = static_cast<std::size_t>(layer.outputs);
    const float* const bias = weights + layer.bias;
    std::vector<float> above(pairs * outputs);
    float* row = above.data();
    if (l == 0) {
      std::vector<float> half(outputs);  // what the user adds, and the bias
      for (const UserItems& one : users) {
        std::copy_n(bias, outputs, half.begin());
        multiply({1, layer.outputs, factors, one.user, 0, 1, weights_.transposed(layer),
                  layer.outputs, half.data(), layer.outputs, true});
        for (const Index item : one.items) {
          const auto place = static_cast<std::size_t>(item == kNone ? state_.base().items : item);
          const float* const from = table_.data() + place * outputs;
          for (std::size_t o = 0; o < outputs; ++o) row[o] = rectified(half[o] + from[o]);
          row += outputs;
        }
      }
    } else {
      multiply({height, layer.outputs, layer.inputs, below.data(), layer.inputs, 1,
                weights_.transposed(layer), layer.outputs, row, layer.outputs, false});
      backend_.network_kernels().rectify(row, height, layer.outputs, bias);
    }
    below = std::move(above);
  }
  const float* const w = weights + output.weight;
  if (const int last = shape.last_hidden(); last > 0) {
    multiply({height, 1, last, below.data(), last, 1, w, 1, z.data(), 1, true});
  }
  if (shape.products()) {
    std::vector<float> both(pairs * static_cast<std::size_t>(factors));
    float* row = both.data();
    for (const UserItems& one : users) {
      for (const Index index : one.items) {
        const float* const v = item(index);
        for (int f = 0; f < factors; ++f) row[f] = one.user[f] * v[f];
        row += factors;
      }
    }
    multiply({height, 1, factors, both.data(), factors, 1, w + shape.last_hidden(), 1, z.data(), 1,
              true});
  }
  std::vector<float> ratings(pairs);
  std::size_t p = 0;
  for (const UserItems& one : users) {
    for (const Index index : one.items) {
      const float rating = output_.rating(z[p] + one.bias + item_bias(index));
      // A file may have weights at which sums overflow.
      ratings[p] = std::isfinite(rating) ? rating : state_.base().mean;
      ++p;
    }
  }
  return ratings;
}

}  // namespace tusk
