#include "device_model.hpp"

#include <algorithm>
#include <span>

#include "model_launch.hpp"

namespace tusk {

DeviceModel::DeviceModel(const MfFit& fit, Index users, Index items, const RatedRows& rated,
                         Precision precision, std::size_t error_places, const RowNumbers& numbers,
                         cudaStream_t stream)
    : fit_(fit),
      users_(users),
      items_(items),
      layout_(row_layout(fit.params.factors, precision)),
      precision_(precision),
      numbers_(numbers),
      stream_(stream),
      parameters_(places().end, stream),
      errors_(error_places, stream) {
  // A model that is validated will have checkpoints, and then is no time to run out of memory.
  if (fit.validate.any()) checkpoint_.emplace(parameters_.size(), stream);
  parameters_.clear(stream);
  const DeviceBuffer<std::uint8_t> user_rated(rated.user, stream);
  const DeviceBuffer<std::uint8_t> item_rated(rated.item, stream);
  InitialFactors initial;
  initial.rows = parameters_.data();
  initial.stride = layout_.stride();
  initial.count = users_;
  initial.id_of_row = numbers.user.id_of_row;
  initial.rated = user_rated.data();
  initial.factors = fit.params.factors;
  initial.seed = fit.params.seed;
  initial.standard_deviation = fit.params.init_std;
  launch_initial_factors(precision, initial, stream);
  initial.rows = parameters_.data() + places().item;
  initial.count = items_;
  initial.id_of_row = numbers.item.id_of_row;
  initial.rated = item_rated.data();
  initial.use = RandomUse::initial_item_factors;
  launch_initial_factors(precision, initial, stream);
}

DeviceModel::Places DeviceModel::places() const {
  const auto users = static_cast<std::size_t>(users_);
  const auto items = static_cast<std::size_t>(items_);
  constexpr std::size_t kBias = kBiasSpacing * sizeof(float);
  Places places{};
  places.item = users * layout_.stride();
  places.user_bias = places.item + items * layout_.stride();
  places.item_bias = places.user_bias + users * kBias;
  places.end = places.item_bias + items * kBias;
  return places;
}

ModelRows DeviceModel::rows() {
  unsigned char* const begin = parameters_.data();
  ModelRows rows;
  rows.user = begin;
  rows.item = begin + places().item;
  rows.user_bias = reinterpret_cast<float*>(begin + places().user_bias);
  rows.item_bias = reinterpret_cast<float*>(begin + places().item_bias);
  rows.stride = layout_.stride();
  rows.factors_per_lane = layout_.factors_per_lane;
  rows.mean = fit_.mean;
  return rows;
}

void DeviceModel::add_up_errors(std::size_t places, ErrorSums* total) {
  launch_error_total(errors_.data(), static_cast<int>(places), total, stream_);
}

void DeviceModel::checkpoint() {
  if (!checkpoint_) checkpoint_.emplace(parameters_.size(), stream_);
  checkpoint_->copy(parameters_, stream_);
  checkpointed_ = true;
}

MfState DeviceModel::state(DeviceBuffer<float>& unpacked) const {
  MfState state;
  state.users = users_;
  state.items = items_;
  state.factors = fit_.params.factors;
  state.biased = fit_.params.biased;
  state.mean = fit_.mean;
  const unsigned char* const begin = (checkpointed_ ? *checkpoint_ : parameters_).data();
  RowsToUnpack rows;
  rows.stride = layout_.stride();
  rows.factors = state.factors;
  rows.rows = begin;
  rows.bias = reinterpret_cast<const float*>(begin + places().user_bias);
  rows.row_of = numbers_.user.row_of;
  unpack(rows, users_, unpacked, state.user_factors, state.user_bias);
  rows.rows = begin + places().item;
  rows.bias = reinterpret_cast<const float*>(begin + places().item_bias);
  rows.row_of = numbers_.item.row_of;
  unpack(rows, items_, unpacked, state.item_factors, state.item_bias);
  if (!state.biased) {
    state.user_bias.clear();
    state.item_bias.clear();
  }
  return state;
}

// A part of them at a time, as many as there is room for.
void DeviceModel::unpack(RowsToUnpack rows, Index count, DeviceBuffer<float>& unpacked,
                         std::vector<float>& factors, std::vector<float>& biases) const {
  const auto width = static_cast<std::size_t>(rows.factors);
  factors.resize(static_cast<std::size_t>(count) * width);
  biases.resize(static_cast<std::size_t>(count));
  const auto part = static_cast<Index>(
      std::min<std::size_t>(unpacked.size() / (width + 1), static_cast<std::size_t>(count)));
  for (rows.first = 0; rows.first < count; rows.first += rows.count) {
    rows.count = std::min(part, count - rows.first);
    const auto first = static_cast<std::size_t>(rows.first);
    const auto size = static_cast<std::size_t>(rows.count);
    rows.factor_out = unpacked.data();
    rows.bias_out = unpacked.data() + size * width;
    launch_unpacking(precision_, rows, stream_);
    unpacked.download(std::span(factors).subspan(first * width, size * width), stream_);
    unpacked.download(std::span(biases).subspan(first, size), stream_, size * width);
  }
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
}

}  // namespace tusk
