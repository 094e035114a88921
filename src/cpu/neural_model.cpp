#include "cpu/neural_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <tusk/dataset.hpp>

#include "support/thread_pool.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kNeuralRowsPerTask = 256;
constexpr std::int64_t kWeightsPerTask = 4096;
constexpr std::int64_t kColumnsPerTask = 16;
constexpr int kBlockPairs = 512;

// Small enough that several threads share a batch, large enough for products of matrices.
int piece_size(std::int64_t batch) {
  constexpr std::int64_t kMostPieces = 32;  // each has gradients of the whole network
  const auto usual = std::clamp<std::int64_t>(batch / 16, 64, kBlockPairs);
  return static_cast<int>(std::max(usual, (batch + kMostPieces - 1) / kMostPieces));
}

}  // namespace

std::int64_t largest_batch(const NeuralParams& params, std::int64_t ratings) {
  return std::min<std::int64_t>(params.batch_size, ratings);
}

std::int64_t most_pieces(std::int64_t batch) { return chunk_count(batch, piece_size(batch)); }

std::unique_ptr<NetworkBlock> NeuralModel::Blocks::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto block = std::move(free_.back());
      free_.pop_back();
      return block;
    }
  }
  return std::make_unique<NetworkBlock>(shape_, pairs_, kernels_);
}

void NeuralModel::Blocks::give_back(std::unique_ptr<NetworkBlock> block) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(block));
}

NeuralModel::NeuralModel(const NeuralFit& fit, RatingScale scale, const NeuralPart& part,
                         const Transposed* columns, const NetworkKernels& kernels)
    : fit_(fit),
      scale_(scale),
      part_(part),
      columns_(columns),
      shape_(fit.params.shape()),
      output_(scale, fit.mean, fit.params.squashed),
      batch_(largest_batch(fit.params, std::ssize(part.train))),
      piece_(piece_size(batch_)),
      users_(static_cast<Index>(part.user_trained.size()), width()),
      items_(static_cast<Index>(part.item_trained.size()), width()),
      blocks_(shape_, kBlockPairs, kernels) {
  const NeuralParams& params = fit_.params;
  const auto initialise = [&](EmbeddingRows& rows, const std::vector<bool>& trained,
                              RandomUse use) {
    for (Index r = 0; r < rows.rows(); ++r) {
      if (trained[static_cast<std::size_t>(r)]) {
        rows.initialise(r, params.factors, params.init_std, params.seed, use);
      }
    }
  };
  initialise(users_, part.user_trained, RandomUse::initial_user_factors);
  initialise(items_, part.item_trained, RandomUse::initial_item_factors);
  network_ = initial_network(shape_, params.seed);
  network_.resize(3 * shape_.size() + kDenseMargin);
  weights_.set(shape_, network_.data());
  const auto batch = static_cast<std::size_t>(batch_);
  const auto pieces = static_cast<std::size_t>(most_pieces(batch_));
  const auto row = static_cast<std::size_t>(width());
  user_gradients_.resize(batch * row);
  item_gradients_.resize(batch * row);
  network_gradients_.resize(pieces * shape_.size());
  squared_errors_.resize(pieces);
  if (has_features()) {
    features_ = EmbeddingRows(columns_->view().rows(), width());
    item_values_.resize(batch * row);
    item_sums_.resize(batch * row);
  }
}

std::vector<float> NeuralModel::untrained_row(const EmbeddingRows& rows,
                                              const std::vector<bool>& trained) const {
  if (fit_.params.factorization) return std::vector<float>(static_cast<std::size_t>(width()), 0);
  return rows.mean(trained);
}

void NeuralModel::add_features(Index item, float* row) const {
  const CsrView features = fit_.features;
  const auto columns = features.row(item);
  const float* const value =
      features.value.data() + features.offset[static_cast<std::size_t>(item)];
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const float* const embedding = features_.row(columns[k]);
    for (int f = 0; f < width(); ++f) row[f] += value[k] * embedding[f];
  }
}

void NeuralModel::gather_items(const NeuralBatch& batch, const ForEach& for_each) {
  const std::int64_t touched = batch.items().size();
  for_each(chunk_count(touched, kNeuralRowsPerTask), [&](std::int64_t chunk) {
    const std::int64_t end = std::min(touched, (chunk + 1) * kNeuralRowsPerTask);
    for (std::int64_t t = chunk * kNeuralRowsPerTask; t < end; ++t) {
      const Index item = batch.items().row[static_cast<std::size_t>(t)];
      float* const row = place_of(item_values_, t);
      std::copy_n(items_.row(item), width(), row);
      add_features(item, row);
    }
  });
}

void NeuralModel::train_piece(const NeuralBatch& batch, std::int64_t piece,
                              std::uint64_t first_place, std::uint64_t epoch) {
  const std::int64_t end = std::min(std::ssize(batch.ratings()), (piece + 1) * piece_);
  float* const gradient =
      network_gradients_.data() + static_cast<std::size_t>(piece) * shape_.size();
  std::fill_n(gradient, shape_.size(), 0.0f);
  double squared = 0;
  auto block = blocks_.take();
  for (std::int64_t first = piece * piece_; first < end; first += kBlockPairs) {
    const std::int64_t count = std::min<std::int64_t>(kBlockPairs, end - first);
    squared += train_block(batch, first, count, first_place, epoch, *block, gradient);
  }
  blocks_.give_back(std::move(block));
  squared_errors_[static_cast<std::size_t>(piece)] = squared;
}

double NeuralModel::train_block(const NeuralBatch& batch, std::int64_t first, std::int64_t count,
                                std::uint64_t first_place, std::uint64_t epoch, NetworkBlock& block,
                                float* gradient) {
  const NeuralParams& params = fit_.params;
  const int factors = params.factors;
  const auto ratings =
      batch.ratings().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  std::vector<float> bias(ratings.size(), 0);
  for (std::size_t k = 0; k < ratings.size(); ++k) {
    const float* const user = users_.row(ratings[k].user);
    const float* const item = has_features()
                                  ? place_of(item_values_, batch.touched_item(ratings[k].item))
                                  : items_.row(ratings[k].item);
    std::copy_n(user, factors, block.user(static_cast<int>(k)));
    std::copy_n(item, factors, block.item(static_cast<int>(k)));
    if (params.biased) bias[k] = user[factors] + item[factors];
  }
  const Dropout dropout = {params.dropout, params.hidden_dropout, params.seed, epoch};
  const auto z = block.forward(weights_, static_cast<int>(count), dropout,
                               first_place + static_cast<std::uint64_t>(first));
  std::vector<float> slope(ratings.size());
  double squared = 0;
  const float share = 2 / static_cast<float>(batch.ratings().size());
  for (std::size_t k = 0; k < ratings.size(); ++k) {
    const float sum = z[k] + bias[k];
    const float error = output_.rating(sum) - ratings[k].rating;
    squared += static_cast<double>(error) * static_cast<double>(error);
    slope[k] = share * error * output_.slope(sum);
  }
  block.backward(weights_, slope, gradient);
  for (std::size_t k = 0; k < ratings.size(); ++k) {
    const std::int64_t place = first + static_cast<std::int64_t>(k);
    float* const user = place_of(user_gradients_, place);
    float* const item = place_of(item_gradients_, place);
    std::copy_n(block.user_gradient(static_cast<int>(k)), factors, user);
    std::copy_n(block.item_gradient(static_cast<int>(k)), factors, item);
    if (params.biased) user[factors] = item[factors] = slope[k];
  }
  return squared;
}

void NeuralModel::update_rows(const AdamStep& step, const TouchedRows& touched,
                              const std::vector<float>& gradients, std::int64_t chunk,
                              EmbeddingRows& rows, std::vector<float>* sums) {
  const auto size = static_cast<std::size_t>(width());
  std::vector<float> scratch(size);
  const std::int64_t end = std::min(touched.size(), (chunk + 1) * kNeuralRowsPerTask);
  for (std::int64_t t = chunk * kNeuralRowsPerTask; t < end; ++t) {
    float* const sum = sums == nullptr ? scratch.data() : place_of(*sums, t);
    std::fill_n(sum, size, 0.0f);
    for (const std::int32_t place : touched.places(t)) {
      const float* const gradient = gradients.data() + static_cast<std::size_t>(place) * size;
      for (std::size_t k = 0; k < size; ++k) sum[k] += gradient[k];
    }
    rows.step(step, touched.row[static_cast<std::size_t>(t)], sum);
  }
}

void NeuralModel::update_network(const AdamStep& step, std::int64_t pieces, std::int64_t chunk) {
  const std::size_t size = shape_.size();
  const auto first = static_cast<std::size_t>(chunk * kWeightsPerTask);
  const std::size_t count = std::min(static_cast<std::size_t>(kWeightsPerTask), size - first);
  float* const sum = network_gradients_.data() + first;
  for (std::int64_t piece = 1; piece < pieces; ++piece) {
    const float* const one = sum + static_cast<std::size_t>(piece) * size;
    for (std::size_t k = 0; k < count; ++k) sum[k] += one[k];
  }
  float* const value = network_.data() + first;
  step.apply(count, sum, value, value + size, value + 2 * size);
}

void NeuralModel::update_features(const AdamStep& step, const NeuralBatch& batch, Index column) {
  const CsrView columns = columns_->view();
  const auto items = columns.row(column);
  const float* const value =
      columns.value.data() + columns.offset[static_cast<std::size_t>(column)];
  std::vector<float> sum(static_cast<std::size_t>(width()), 0);
  bool is_touched = false;
  for (std::size_t k = 0; k < items.size(); ++k) {
    const Index t = batch.touched_item(items[k]);
    if (t == kNone) continue;
    is_touched = true;
    const float* const gradient = place_of(item_sums_, t);
    for (std::size_t f = 0; f < sum.size(); ++f) sum[f] += value[k] * gradient[f];
  }
  if (is_touched) features_.step(step, column, sum.data());
}

SquaredError NeuralModel::train(float rate, std::uint64_t epoch, const ForEach& for_each) {
  const NeuralParams& params = fit_.params;
  const std::span<const NeuralRating> all = part_.train;
  const RandomOrder order(static_cast<std::uint32_t>(all.size()), params.seed,
                          random_stream(RandomUse::visit_order, epoch));
  const auto fill = [&](NeuralBatch& batch, std::int64_t first) {
    batch.fill(all, order, first,
               std::min<std::int64_t>(params.batch_size, std::ssize(all) - first));
    if (has_features()) batch.index_items(items_.rows());
  };
  SquaredError error{0, std::ssize(all)};
  NeuralBatch batch;
  NeuralBatch next;
  fill(batch, 0);
  for (std::int64_t first = 0; first < std::ssize(all); first += params.batch_size) {
    const AdamStep step(params.learning_rate * rate, params.weight_decay, params.decoupled,
                        ++step_);
    if (has_features()) gather_items(batch, for_each);
    const std::int64_t pieces = chunk_count(std::ssize(batch.ratings()), piece_);
    // The next batch is drawn meanwhile.
    for_each(pieces + 1, [&](std::int64_t task) {
      if (task > 0) {
        train_piece(batch, task - 1, static_cast<std::uint64_t>(first), epoch);
      } else if (first + params.batch_size < std::ssize(all)) {
        fill(next, first + params.batch_size);
      }
    });
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      error.sum += squared_errors_[static_cast<std::size_t>(piece)];
    }
    const std::int64_t of_users = chunk_count(batch.users().size(), kNeuralRowsPerTask);
    const std::int64_t of_items = chunk_count(batch.items().size(), kNeuralRowsPerTask);
    const std::int64_t of_network =
        params.factorization
            ? 0
            : chunk_count(static_cast<std::int64_t>(shape_.size()), kWeightsPerTask);
    for_each(of_users + of_items + of_network, [&](std::int64_t task) {
      if (task < of_users) {
        update_rows(step, batch.users(), user_gradients_, task, users_, nullptr);
      } else if (task < of_users + of_items) {
        update_rows(step, batch.items(), item_gradients_, task - of_users, items_,
                    has_features() ? &item_sums_ : nullptr);
      } else {
        update_network(step, pieces, task - of_users - of_items);
      }
    });
    weights_.set(shape_, network_.data());
    if (has_features()) {
      const Index columns = features_.rows();
      for_each(chunk_count(columns, kColumnsPerTask), [&](std::int64_t chunk) {
        const auto end = std::min<std::int64_t>(columns, (chunk + 1) * kColumnsPerTask);
        for (std::int64_t column = chunk * kColumnsPerTask; column < end; ++column) {
          update_features(step, batch, static_cast<Index>(column));
        }
      });
    }
    std::swap(batch, next);
  }
  // Squashed predictions have small errors however large the weights are.
  const auto is_sane = [](float weight) { return std::abs(weight) <= kLargestRating; };
  if (!std::all_of(network_.begin(), network_.begin() + std::ssize(network_) / 3, is_sane)) {
    error.sum = std::numeric_limits<double>::quiet_NaN();
  }
  return error;
}

ErrorSums NeuralModel::measure(std::span<const NeuralRating> ratings, const float* other_user,
                               const float* other_item) {
  const int factors = fit_.params.factors;
  auto block = blocks_.take();
  std::vector<float> bias(ratings.size(), 0);
  std::vector<float> with_features(static_cast<std::size_t>(width()));
  for (std::size_t k = 0; k < ratings.size(); ++k) {
    const auto& [user_index, item_index, rating] = ratings[k];
    const float* const user = part_.user_trained[static_cast<std::size_t>(user_index)]
                                  ? users_.row(user_index)
                                  : other_user;
    const float* item = part_.item_trained[static_cast<std::size_t>(item_index)]
                            ? items_.row(item_index)
                            : other_item;
    if (has_features()) {
      std::copy_n(item, width(), with_features.data());
      add_features(item_index, with_features.data());
      item = with_features.data();
    }
    std::copy_n(user, factors, block->user(static_cast<int>(k)));
    std::copy_n(item, factors, block->item(static_cast<int>(k)));
    if (fit_.params.biased) bias[k] = user[factors] + item[factors];
  }
  const auto z = block->forward(weights_, static_cast<int>(ratings.size()));
  ErrorSums errors;
  for (std::size_t k = 0; k < ratings.size(); ++k) {
    const float predicted = scale_.clip(output_.rating(z[k] + bias[k]));
    errors.add(static_cast<double>(ratings[k].rating) - static_cast<double>(predicted));
  }
  blocks_.give_back(std::move(block));
  return errors;
}

ErrorSums NeuralModel::validate(const ForEach& for_each) {
  const std::vector<float> other_user = untrained_row(users_, part_.user_trained);
  const std::vector<float> other_item = untrained_row(items_, part_.item_trained);
  const std::span<const NeuralRating> all = part_.validate;
  std::vector<ErrorSums> sums(static_cast<std::size_t>(chunk_count(std::ssize(all), kBlockPairs)));
  for_each(std::ssize(sums), [&](std::int64_t task) {
    const auto first = static_cast<std::size_t>(task * kBlockPairs);
    const auto count = std::min(static_cast<std::size_t>(kBlockPairs), all.size() - first);
    sums[static_cast<std::size_t>(task)] =
        measure(all.subspan(first, count), other_user.data(), other_item.data());
  });
  ErrorSums errors;
  for (const ErrorSums& sum : sums) errors += sum;
  return errors;
}

NeuralWeights NeuralModel::weights() const {
  const auto factors = static_cast<std::size_t>(shape_.factors());
  NeuralWeights weights;
  const auto copy = [&](const EmbeddingRows& rows, const std::vector<bool>& trained, bool is_item,
                        std::vector<float>& values, std::vector<float>& biases) {
    const std::vector<float> other = untrained_row(rows, trained);
    values.reserve(trained.size() * factors);
    std::vector<float> row(other.size());
    for (Index r = 0; r < rows.rows(); ++r) {
      const float* const from = trained[static_cast<std::size_t>(r)] ? rows.row(r) : other.data();
      std::copy_n(from, row.size(), row.begin());
      if (is_item && has_features()) add_features(r, row.data());
      values.insert(values.end(), row.begin(), row.begin() + shape_.factors());
      if (fit_.params.biased) biases.push_back(row.back());
    }
  };
  copy(users_, part_.user_trained, false, weights.user, weights.user_bias);
  copy(items_, part_.item_trained, true, weights.item, weights.item_bias);
  weights.network.assign(network_.begin(),
                         network_.begin() + static_cast<std::ptrdiff_t>(shape_.size()));
  return weights;
}

}  // namespace tusk
