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
  // Waits for streams of its own. Those that it was given must be done.
  virtual ~Trainer() = default;

  // Which rows are whose.
  virtual RowNumbers row_numbers() const = 0;

  // At how many places of DeviceModel::errors() an epoch of a model adds errors.
  virtual std::size_t error_places(const MfFit& fit) const = 0;

  // Starts an epoch of these models, without waiting for it. `rate` has a factor for each model's
  // learning rates. Throws DeviceError, after which the trainer can only be destroyed.
  virtual void start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                           std::uint64_t epoch) = 0;
};

}  // namespace tusk
