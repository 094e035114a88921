// How an epoch is trained: one way for each arrangement of the ratings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <cuda_runtime_api.h>

#include "device_model.hpp"

namespace tusk {

class Trainer {
 public:
  virtual ~Trainer() = default;

  // For each row, whose it is, in the GPU's memory.
  virtual RowIds row_ids() const = 0;

  // At how many places of DeviceModel::errors() an epoch of a model adds errors.
  virtual std::size_t error_places(const MfFit& fit) const = 0;

  // Starts an epoch of these models, without waiting for it. `rate` has a factor
  // for each model's learning rates.
  virtual void start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                           std::uint64_t epoch) = 0;

  // Where the parameters of a user and an item are; empty if they have the rows of their numbers.
  virtual std::span<const Index> user_row() const = 0;
  virtual std::span<const Index> item_row() const = 0;
};

}  // namespace tusk
