// What the CUDA module gives: a GPU that computes what the host has arranged for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <tusk/backend.hpp>

#include "backend/fit_parts.hpp"
#include "cuda/hogwild_ratings.hpp"
#include "cuda/neighbour_plan.hpp"
#include "cuda/strata_ratings.hpp"

namespace tusk {

// How threads that train at the same time write an item's parameters.
enum class ItemUpdate {
  store,  // the last one wins
  add,    // all updates are added up; factors in fp32 only
};

struct CudaOptions {
  bool deterministic = false;
  Precision precision = Precision::fp32;
  ItemUpdate item_update = ItemUpdate::store;
};

// What a session trains. Users' and items' parameters have rows of the same numbers, unless the
// ratings renumber them.
struct CudaMfWork {
  Index users = 0;
  Index items = 0;
  RatingScale scale;
  std::vector<MfFit> fits;
  CudaOptions options;
  std::variant<HogwildRatings, StrataRatings> ratings;
  ValidationRatings validation;
};

class CudaDevice {
 public:
  virtual ~CudaDevice() = default;

  virtual std::string gpu() const = 0;            // its name
  virtual std::uint64_t free_memory() const = 0;  // bytes
  virtual SharedMemory shared_memory() const = 0;
  // These throw DeviceError if memory runs out or the GPU fails, as do the calls of the sessions.
  virtual std::unique_ptr<MfSession> open_mf(CudaMfWork work) = 0;
  // Borrows the spans of `problem`.
  virtual std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem,
                                                         const NeighbourPlan& plan) = 0;
};

}  // namespace tusk
