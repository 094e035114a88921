#include "cuda_neural_model.hpp"

#include <algorithm>

#include "cuda/als_plan.hpp"
#include "model/transposed.hpp"
#include "model_launch.hpp"
#include "neural_launch.hpp"

namespace tusk {
namespace {

std::size_t as_size(std::int64_t count) { return static_cast<std::size_t>(count); }

}  // namespace

DeviceNeuralPart::Rows::Rows(const std::vector<bool>& is_trained, cudaStream_t stream)
    : flag(is_trained.begin(), is_trained.end()),
      trained(flag, stream),
      count(std::count(flag.begin(), flag.end(), 1)) {}

DeviceNeuralFeatures::DeviceNeuralFeatures(const CsrView& features, cudaStream_t stream)
    : of_item(features, stream) {
  const Transposed columns(features);
  items_of = DeviceMatrix(columns.view(), stream);
  const AlsPieces divided = divide_rows(columns.view());
  piece_begin = DeviceBuffer<std::int64_t>(divided.begin, stream);
  feature_piece = DeviceBuffer<std::int64_t>(divided.first, stream);
  pieces = std::ssize(divided.row);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

NeuralBuffers::NeuralBuffers(const NeuralRoom& room, cudaStream_t stream)
    : rating(as_size(room.span), stream),
      user_key(as_size(room.span), stream),
      item_key(as_size(room.span), stream),
      place(as_size(room.span), stream),
      sorted_user_key(as_size(room.span), stream),
      sorted_user_place(as_size(room.span), stream),
      sorted_item_key(as_size(room.span), stream),
      sorted_item_place(as_size(room.span), stream),
      sort_scratch(row_sort_bytes(room.span), stream),
      adam(as_size(room.steps), stream),
      cursor(1, stream),
      input(as_size(room.input), stream),
      input_gradient(as_size(room.input), stream),
      hidden(as_size(room.hidden), stream),
      hidden_gradient(as_size(room.hidden_gradient), stream),
      top(as_size(room.top), stream),
      slope(as_size(room.pairs), stream),
      network_gradient(as_size(room.network), stream),
      squared(kScoreWarps, stream),
      errors(kScoreWarps, stream),
      total(1, stream),
      item_values(as_size(room.item_values), stream),
      item_sums(as_size(room.item_values), stream),
      touched(as_size(room.items), stream),
      piece_sums(as_size(room.piece_sums), stream),
      piece_touched(as_size(room.pieces), stream) {
  const std::vector<float> one(as_size(room.pairs), 1.0f);
  ones = DeviceBuffer<float>(one, stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

CudaNeuralModel::CudaNeuralModel(const CudaNeuralWork& work, const CudaNeuralWork::Model& model,
                                 const NeuralPortions& portions, const Context& context)
    : params_(model.params),
      shape_(model.shape),
      output_(model.output),
      scale_(work.scale),
      portions_(portions),
      user_count_(work.users),
      item_count_(work.items),
      part_(context.part),
      features_(context.features),
      buffers_(context.buffers),
      algebra_(context.algebra),
      stream_(context.stream),
      users_(matrix_size(user_count_, 3 * width()), stream_),
      items_(matrix_size(item_count_, 3 * width()), stream_),
      network_(3 * shape_.size(), stream_),
      mean_(as_size(width()), stream_),
      packed_users_(matrix_size(user_count_, width()), stream_),
      packed_items_(matrix_size(item_count_, width()), stream_),
      packed_network_(shape_.size(), stream_) {
  users_.clear(stream_);
  items_.clear(stream_);
  initialise(user_rows(), RandomUse::initial_user_factors);
  initialise(item_rows(), RandomUse::initial_item_factors);
  network_.clear(stream_);
  network_.upload(model.network, stream_);
  if (!has_features()) return;
  feature_values_ =
      DeviceBuffer<float>(matrix_size(features_->of_item.columns, 3 * width()), stream_);
  feature_values_.clear(stream_);
}

NeuralRows CudaNeuralModel::feature_rows() {
  return {feature_values_.data(), nullptr, features_->of_item.columns};
}

void CudaNeuralModel::initialise(NeuralRows rows, RandomUse use) {
  InitialFactors initial;
  initial.rows = reinterpret_cast<unsigned char*>(rows.values);
  initial.stride = matrix_size(3, width()) * sizeof(float);
  initial.count = rows.rows;
  initial.rated = rows.trained;
  initial.factors = factors();
  initial.seed = params_.seed;
  initial.use = use;
  initial.standard_deviation = params_.init_std;
  launch_initial_factors(Precision::fp32, initial, stream_);
}

CudaNeuralModel::Layer CudaNeuralModel::layer(std::size_t l) {
  if (l == 0) return {buffers_.input.data(), 2 * factors(), buffers_.input_gradient.data()};
  std::size_t before = 0;
  for (const NetworkShape::Layer& lower : shape_.hidden().first(l - 1)) {
    before += matrix_size(portions_.pairs, lower.outputs);
  }
  float* const gradient = buffers_.hidden_gradient.data() + before;
  if (l == shape_.hidden().size()) {
    return {buffers_.top.data(), neural_top_stride(shape_), gradient};
  }
  return {buffers_.hidden.data() + before, shape_.hidden()[l - 1].outputs, gradient};
}

NeuralActivation CudaNeuralModel::activation(std::size_t l, const NeuralPairs& pairs) {
  const NetworkShape::Layer& weights = shape_.hidden()[l];
  const Layer above = layer(l + 1);
  NeuralActivation a;
  a.values = above.values;
  a.pairs = pairs.count;
  a.outputs = weights.outputs;
  a.stride = above.distance;
  a.bias = network_.data() + weights.bias;
  a.dropout = {DropoutDraws(params_.hidden_dropout, params_.seed, l + 1, weights.outputs),
               1 / (1 - params_.hidden_dropout)};
  a.cursor = pairs.cursor;
  a.gradient = above.gradient;
  return a;
}

NeuralPairs CudaNeuralModel::pairs(int count) {
  const std::size_t hidden = shape_.hidden().size();
  NeuralPairs a;
  a.count = count;
  a.users = user_rows();
  a.items = item_rows();
  a.factors = factors();
  a.width = width();
  if (has_features()) a.item_values = buffers_.item_values.data();
  a.input = buffers_.input.data();
  a.input_gradient = buffers_.input_gradient.data();
  if (hidden > 0) {
    a.dropout = {DropoutDraws(params_.dropout, params_.seed, 0, 2 * factors()),
                 1 / (1 - params_.dropout)};
    a.top.hidden_gradient = layer(hidden).gradient;
  }
  a.top.values = buffers_.top.data();
  a.top.stride = neural_top_stride(shape_);
  a.top.hidden = shape_.last_hidden();
  a.top.inputs = shape_.output().inputs;
  a.top.weight = network_.data() + shape_.output().weight;
  a.top.hidden_by = 1 / (1 - params_.hidden_dropout);
  a.output = output_;
  a.scale = scale_;
  a.slope = buffers_.slope.data();
  a.squared = buffers_.squared.data();
  a.errors = buffers_.errors.data();
  return a;
}

NeuralPairs CudaNeuralModel::batch(int count) {
  NeuralPairs a = pairs(count);
  a.rating = buffers_.rating.data();
  a.cursor = buffers_.cursor.data();
  a.batch = portions_.batch;
  a.span = portions_.span;
  return a;
}

NeuralPacking CudaNeuralModel::item_packing(float* to) {
  NeuralPacking packing;
  packing.rows = item_rows();
  packing.width = width();
  if (has_features()) {
    packing.features = features_->of_item.rows();
    packing.feature_values = feature_values_.data();
  }
  packing.to = to;
  packing.count = item_count_;
  return packing;
}

void CudaNeuralModel::forward(const NeuralPairs& pairs) {
  const auto hidden = shape_.hidden();
  if (!hidden.empty()) launch_input(pairs, stream_);
  for (std::size_t l = 0; l < hidden.size(); ++l) {
    const Layer below = layer(l);
    const Layer above = layer(l + 1);
    algebra_.multiply(
        pairs.count, hidden[l].outputs, hidden[l].inputs, {below.values, below.distance},
        {network_.data() + hidden[l].weight, hidden[l].inputs, true}, above.values, above.distance);
    launch_activation(activation(l, pairs), stream_);
  }
  launch_scores(pairs, stream_);
}

void CudaNeuralModel::backward(const NeuralPairs& pairs) {
  const auto hidden = shape_.hidden();
  float* const gradient = buffers_.network_gradient.data();
  // With that of the bias, which is behind the weights as the one is behind what they multiply.
  const NetworkShape::Layer& output = shape_.output();
  algebra_.multiply(1, output.inputs + 1, pairs.count, {pairs.slope, pairs.count},
                    {pairs.top.values, pairs.top.stride}, gradient + output.weight,
                    output.inputs + 1);
  for (std::size_t l = hidden.size(); l-- > 0;) {
    const auto& [inputs, outputs, weight, bias] = hidden[l];
    const Layer below = layer(l);
    const DenseAlgebra::Matrix above = {layer(l + 1).gradient, outputs};
    if (l + 1 < hidden.size()) launch_deactivation(activation(l, pairs), stream_);
    algebra_.multiply(outputs, inputs, pairs.count, {above.values, outputs, true},
                      {below.values, below.distance}, gradient + weight, inputs);
    algebra_.multiply(1, outputs, pairs.count, {buffers_.ones.data(), pairs.count}, above,
                      gradient + bias, outputs);
    algebra_.multiply(pairs.count, inputs, outputs, above, {network_.data() + weight, inputs},
                      below.gradient, inputs);
  }
  launch_gradients(pairs, stream_);
}

void CudaNeuralModel::queue_step(int count) {
  const NeuralPairs pairs = batch(count);
  NeuralUpdate update;
  update.by_user = {buffers_.sorted_user_key.data(), buffers_.sorted_user_place.data()};
  update.by_item = {buffers_.sorted_item_key.data(), buffers_.sorted_item_place.data()};
  update.adam = buffers_.adam.data();
  update.network = network_.data();
  update.gradient = buffers_.network_gradient.data();
  update.size = params_.factorization ? 0 : static_cast<std::int64_t>(shape_.size());
  if (has_features()) {
    update.item_sums = buffers_.item_sums.data();
    update.touched = buffers_.touched.data();
    update.features = feature_rows();
    update.items_of = features_->items_of.rows();
    update.piece_begin = features_->piece_begin.data();
    update.feature_piece = features_->feature_piece.data();
    update.pieces = features_->pieces;
    update.piece_sums = buffers_.piece_sums.data();
    update.piece_touched = buffers_.piece_touched.data();
    NeuralPacking touched = item_packing(buffers_.item_values.data());
    touched.sorted = update.by_item;
    touched.count = count;
    touched.cursor = pairs.cursor;
    touched.span = pairs.span;
    touched.rating = pairs.rating;
    launch_packing(touched, stream_);
  }
  forward(pairs);
  backward(pairs);
  launch_update(pairs, update, stream_);
}

void CudaNeuralModel::step(int count) {
  if (count < portions_.batch || !has_run_) {
    queue_step(count);
    has_run_ = has_run_ || count == portions_.batch;
    return;
  }
  if (!graph_.is_there()) graph_.capture(stream_, [&] { queue_step(count); });
  graph_.launch(stream_);
}

void CudaNeuralModel::draw(const RandomOrder& order, std::int64_t first) {
  const std::int64_t count = std::min(portions_.span, std::int64_t{order.count()} - first);
  launch_draw({part_.train.data(), order, first, count, portions_.batch, user_count_, item_count_,
               buffers_.rating.data(), buffers_.user_key.data(), buffers_.item_key.data(),
               buffers_.place.data()},
              stream_);
  const std::int64_t batches = (count + portions_.batch - 1) / portions_.batch;
  const auto sort = [&](const DeviceBuffer<std::uint32_t>& key, Index rows,
                        DeviceBuffer<std::uint32_t>& sorted_key,
                        DeviceBuffer<std::int32_t>& sorted_place) {
    launch_row_sort({key.data(), buffers_.place.data(), sorted_key.data(), sorted_place.data(),
                     count, static_cast<std::uint32_t>(batches * rows)},
                    buffers_.sort_scratch.data(), buffers_.sort_scratch.bytes(), stream_);
  };
  sort(buffers_.user_key, user_count_, buffers_.sorted_user_key, buffers_.sorted_user_place);
  sort(buffers_.item_key, item_count_, buffers_.sorted_item_key, buffers_.sorted_item_place);
}

SquaredError CudaNeuralModel::train(float rate, std::uint64_t epoch,
                                    const std::function<void()>& check_stop) {
  const auto all = static_cast<std::int64_t>(part_.train.size());
  adam_.clear();
  for (std::int64_t step = 0; step < portions_.steps; ++step) {
    adam_.emplace_back(params_.learning_rate * rate, params_.weight_decay, params_.decoupled,
                       ++step_);
  }
  buffers_.adam.upload(adam_, stream_);
  cursor_ = {epoch, 0, 0};
  buffers_.cursor.upload({&cursor_, 1}, stream_);
  buffers_.touched.clear(stream_);
  const RandomOrder order(static_cast<std::uint32_t>(all), params_.seed,
                          random_stream(RandomUse::visit_order, epoch));
  for (std::int64_t first = 0; first < all; first += portions_.span) {
    // So that an interrupt is heard soon.
    TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
    check_stop();
    draw(order, first);
    const std::int64_t end = std::min(all, first + portions_.span);
    for (std::int64_t place = first; place < end; place += portions_.batch) {
      step(static_cast<int>(std::min(portions_.batch, end - place)));
    }
  }
  buffers_.cursor.download({&cursor_, 1}, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  return {cursor_.squared, all};
}

void CudaNeuralModel::fill_untrained() {
  if (params_.factorization) return;  // they stay 0
  const auto fill = [&](const NeuralRows& rows, std::int64_t trained) {
    if (trained < rows.rows) launch_mean({rows, width(), trained, mean_.data()}, stream_);
  };
  fill(user_rows(), part_.users.count);
  fill(item_rows(), part_.items.count);
}

ErrorSums CudaNeuralModel::validate() {
  fill_untrained();
  if (has_features()) launch_packing(item_packing(buffers_.item_values.data()), stream_);
  buffers_.errors.clear(stream_);
  const auto all = static_cast<std::int64_t>(part_.validate.size());
  for (std::int64_t first = 0; first < all; first += portions_.pairs) {
    NeuralPairs some = pairs(static_cast<int>(std::min(portions_.pairs, all - first)));
    some.rating = part_.validate.data() + first;
    forward(some);
  }
  launch_error_total(buffers_.errors.data(), kScoreWarps, buffers_.total.data(), stream_);
  ErrorSums total;
  buffers_.total.download({&total, 1}, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  return total;
}

void CudaNeuralModel::pack() {
  fill_untrained();
  NeuralPacking users;
  users.rows = user_rows();
  users.width = width();
  users.to = packed_users_.data();
  users.count = user_count_;
  launch_packing(users, stream_);
  launch_packing(item_packing(packed_items_.data()), stream_);
  TUSK_CUDA_TRY(cudaMemcpyAsync(packed_network_.data(), network_.data(), packed_network_.bytes(),
                                cudaMemcpyDeviceToDevice, stream_));
}

NeuralWeights CudaNeuralModel::packed() const {
  NeuralWeights weights;
  const auto copy = [&](const DeviceBuffer<float>& rows, std::vector<float>& factors_of,
                        std::vector<float>& biases) {
    std::vector<float> packed(rows.size());
    rows.download(packed, stream_);
    TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
    for (auto row = packed.begin(); row != packed.end(); row += width()) {
      factors_of.insert(factors_of.end(), row, row + factors());
      if (params_.biased) biases.push_back(row[factors()]);
    }
  };
  copy(packed_users_, weights.user, weights.user_bias);
  copy(packed_items_, weights.item, weights.item_bias);
  weights.network.resize(packed_network_.size());
  packed_network_.download(weights.network, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  return weights;
}

}  // namespace tusk
