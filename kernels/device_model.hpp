// One model in the GPU's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/backend.hpp"
#include "cuda/rated_rows.hpp"
#include "cuda/row_layout.hpp"
#include "cuda_handles.hpp"
#include "model_arguments.hpp"

namespace tusk {

// Which row is whose, in the GPU's memory; null where users or items have the rows of their
// numbers.
struct RowNumbers {
  struct Side {
    const Index* id_of_row = nullptr;
    const Index* row_of = nullptr;
  };
  Side user;
  Side item;
};

class DeviceModel {
 public:
  // Everything is done on `stream`, which must outlive the model; `rated`, which is by id, and
  // empty where all have ratings, must be there until the stream has come to this. `error_places`
  // is the most that errors() is used with.
  DeviceModel(const MfFit& fit, Index users, Index items, const RatedRows& rated,
              Precision precision, std::size_t error_places, const RowNumbers& numbers,
              cudaStream_t stream);

  const MfFit& fit() const { return fit_; }
  ModelRows rows();

  // Sums of errors by warp, which kernels add to.
  void clear_errors() { errors_.clear(stream_); }
  ErrorSums* errors() { return errors_.data(); }
  // Starts adding up the first `places` of them.
  void add_up_errors(std::size_t places, ErrorSums* total);

  // Remembers the parameters as they are when the stream has come to this.
  void checkpoint();

  // Those at the last checkpoint, or as they are now, by way of `unpacked`, which must have room
  // for a user or an item: factors and a bias. Waits for the stream.
  MfState state(DeviceBuffer<float>& unpacked) const;

  bool retired = false;

 private:
  // Where in parameters_ the rows of items and the biases of both begin.
  struct Places {
    std::size_t item;
    std::size_t user_bias;
    std::size_t item_bias;
    std::size_t end;
  };
  Places places() const;
  void unpack(RowsToUnpack rows, Index count, DeviceBuffer<float>& unpacked,
              std::vector<float>& factors, std::vector<float>& biases) const;

  MfFit fit_;
  Index users_;
  Index items_;
  RowLayout layout_;
  Precision precision_;
  RowNumbers numbers_;
  cudaStream_t stream_;
  DeviceBuffer<unsigned char> parameters_;  // rows of users, of items, and their biases
  std::optional<DeviceBuffer<unsigned char>> checkpoint_;
  bool checkpointed_ = false;
  DeviceBuffer<ErrorSums> errors_;
};

}  // namespace tusk
