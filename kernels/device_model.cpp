#include "device_model.hpp"

#include <vector>

#include "cuda/unpack_rows.hpp"
#include "model_launch.hpp"

namespace tusk {

DeviceModel::DeviceModel(const MfFit& fit, Index users, Index items, Precision precision,
                         std::size_t error_places, const RowIds& ids, cudaStream_t stream)
    : fit_(fit),
      users_(users),
      items_(items),
      layout_(row_layout(fit.params.factors, precision)),
      stream_(stream),
      parameters_(user_bytes() + static_cast<std::size_t>(items) * layout_.stride(), stream),
      errors_(error_places, stream),
      total_(1, stream) {
  // A model that is validated will have checkpoints, and then is no time to run out of memory.
  if (fit.validate.any()) checkpoint_.emplace(parameters_.size(), stream);
  parameters_.clear(stream);
  InitialFactors initial;
  initial.rows = parameters_.data();
  initial.stride = layout_.stride();
  initial.count = users;
  initial.id_of_row = ids.user;
  initial.factors = fit.params.factors;
  initial.seed = fit.params.seed;
  initial.standard_deviation = fit.params.init_std;
  launch_initial_factors(precision, initial, stream);
  initial.rows = parameters_.data() + user_bytes();
  initial.count = items;
  initial.id_of_row = ids.item;
  initial.use = RandomUse::initial_item_factors;
  launch_initial_factors(precision, initial, stream);
}

ModelRows DeviceModel::rows() {
  ModelRows rows;
  rows.user = parameters_.data();
  rows.item = parameters_.data() + user_bytes();
  rows.stride = layout_.stride();
  rows.bias_offset = layout_.bias_offset();
  rows.factors_per_lane = layout_.factors_per_lane;
  rows.mean = fit_.mean;
  return rows;
}

void DeviceModel::add_up_errors(std::size_t places) {
  launch_error_total(errors_.data(), static_cast<int>(places), total_.data(), stream_);
}

SquaredError DeviceModel::read_error() {
  ErrorSum total{};
  total_.download({&total, 1}, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  return {total.sum, total.count};
}

void DeviceModel::checkpoint() {
  if (!checkpoint_) checkpoint_.emplace(parameters_.size(), stream_);
  checkpoint_->copy(parameters_, stream_);
  checkpointed_ = true;
}

MfState DeviceModel::state(std::span<const Index> user_row, std::span<const Index> item_row) const {
  std::vector<unsigned char> bytes(parameters_.size());
  (checkpointed_ ? *checkpoint_ : parameters_).download(bytes, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  MfState state;
  state.users = users_;
  state.items = items_;
  state.factors = fit_.params.factors;
  state.biased = fit_.params.biased;
  state.mean = fit_.mean;
  const std::span<const unsigned char> rows(bytes);
  unpack_rows(rows.first(user_bytes()), layout_, users_, user_row, state.user_factors,
              state.user_bias);
  unpack_rows(rows.subspan(user_bytes()), layout_, items_, item_row, state.item_factors,
              state.item_bias);
  if (!state.biased) {
    state.user_bias.clear();
    state.item_bias.clear();
  }
  return state;
}

}  // namespace tusk
