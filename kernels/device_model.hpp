// One model in the GPU's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <tusk/backend.hpp>

#include "cuda/row_layout.hpp"
#include "cuda_handles.hpp"
#include "model_rows.hpp"

namespace tusk {

// For each row, the user or item whose it is; null where they have the same numbers.
struct RowIds {
  const Index* user = nullptr;
  const Index* item = nullptr;
};

class DeviceModel {
 public:
  // Everything is done on `stream`, which must outlive the model. `error_places` is the most that
  // errors() is used with.
  DeviceModel(const MfFit& fit, Index users, Index items, Precision precision,
              std::size_t error_places, const RowIds& ids, cudaStream_t stream);

  const MfFit& fit() const { return fit_; }
  ModelRows rows();

  // Sums of errors by warp, which kernels add to.
  void clear_errors() { errors_.clear(stream_); }
  ErrorSum* errors() { return errors_.data(); }
  // Starts adding up the first `places` of them.
  void add_up_errors(std::size_t places);
  // Waits for the stream.
  SquaredError read_error();

  // Remembers the parameters as they are when the stream has come to this.
  void checkpoint();

  // Those at the last checkpoint, or as they are now. Row of user u is user_row[u], or u if that is
  // empty. Waits for the stream.
  MfState state(std::span<const Index> user_row, std::span<const Index> item_row) const;

  bool retired = false;

 private:
  std::size_t user_bytes() const { return static_cast<std::size_t>(users_) * layout_.stride(); }

  MfFit fit_;
  Index users_;
  Index items_;
  RowLayout layout_;
  cudaStream_t stream_;
  DeviceBuffer<unsigned char> parameters_;  // rows of users, and then of items
  std::optional<DeviceBuffer<unsigned char>> checkpoint_;
  bool checkpointed_ = false;
  DeviceBuffer<ErrorSum> errors_;
  DeviceBuffer<ErrorSum> total_;
};

}  // namespace tusk
