// What the CUDA module gives: a GPU that computes what the host has arranged for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "backend/als_session.hpp"
#include "backend/backend.hpp"
#include "backend/fit_parts.hpp"
#include "backend/gram_inverse.hpp"
#include "cuda/als_plan.hpp"
#include "cuda/bayes_plan.hpp"
#include "cuda/gram_plan.hpp"
#include "cuda/hogwild_ratings.hpp"
#include "cuda/neighbour_plan.hpp"
#include "cuda/neural_plan.hpp"
#include "cuda/rated_rows.hpp"
#include "cuda/ring_work.hpp"
#include "cuda/strata_ratings.hpp"

namespace tusk {

struct CudaOptions {
  bool deterministic = false;
  Precision precision = Precision::fp32;
  // Whether the CPU does what needs cuBLAS and cuSOLVER where they cannot be loaded; else that is a
  // DeviceError.
  bool cpu_without_libraries = false;
};

// What a session trains. Users' and items' parameters have rows of the same numbers, unless the
// ratings renumber them.
struct CudaMfWork {
  Index users = 0;
  Index items = 0;
  RatingScale scale;
  std::vector<MfFit> fits;
  std::vector<std::shared_ptr<const RatedRows>> rated;  // of the training part of each fit
  CudaOptions options;
  // One after another on all of the GPU, or all at the same time, each by one warp, from
  // HogwildRatings in one chunk.
  bool side_by_side = false;
  std::variant<HogwildRatings, StrataRatings> ratings;
  ValidationRatings validation;
};

// What a session searches for users' best items. `state`, `exclude` and `candidates` are borrowed
// and must outlive the session.
struct CudaDotWork {
  const MfState* state = nullptr;
  CsrView exclude;
  std::span<const Index> candidates;  // of equal scores the earlier comes first
  std::vector<Index> items;           // the candidates, in the order in which they are looked at
  std::vector<Index> rank;            // the place of each of these in `candidates`
  std::uint64_t batch_bytes = 0;      // of GPU memory that a batch of users may take
  int item_exponent = 0;              // items' factors times two to this are fp16
  int most_exponent = 0;              // of the scale of scores, so that constants do not overflow
  float largest_item_bias = 0;
};

class DotSession {
 public:
  virtual ~DotSession() = default;

  // What TopKSession::query() says, for 1 <= k <= kLongestGpuList; `top` has room for it. Returns
  // the places in `rows` of users for whom more items are too close to tell apart than there is
  // room for; what `top` has for them then is undefined.
  virtual std::vector<std::size_t> query(std::span<const Index> rows, int k, TopK& top) = 0;

  // What the GPU took for the last query, without copies.
  virtual double search_milliseconds() const = 0;
};

class CudaDevice {
 public:
  virtual ~CudaDevice() = default;

  virtual std::string gpu() const = 0;            // its name
  virtual std::uint64_t free_memory() const = 0;  // bytes
  virtual SharedMemory shared_memory() const = 0;
  virtual int multiprocessors() const = 0;
  // These throw DeviceError if memory runs out or the GPU fails, as do the calls of the sessions.
  virtual std::unique_ptr<MfSession> open_mf(CudaMfWork work) = 0;
  // By all processes that share the ratings.
  virtual std::unique_ptr<MfSession> open_ring(CudaRingWork work) = 0;
  virtual std::unique_ptr<DotSession> open_dot(const CudaDotWork& work) = 0;
  // Borrows the spans of `problem`.
  virtual std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem,
                                                         const NeighbourPlan& plan) = 0;

  // Why it has no dense matrices, which the functions below need: cuBLAS or cuSOLVER cannot be
  // loaded. Empty if it has.
  virtual std::string dense_problem() const = 0;
  // Borrows the problem.
  virtual std::unique_ptr<AlsSession> open_als(const AlsProblem& problem, const AlsPlan& plan) = 0;
  virtual std::unique_ptr<NeuralSession> open_neural(const CudaNeuralWork& work) = 0;
  virtual std::unique_ptr<BayesSession> open_bayes(const CudaBayesWork& work) = 0;
  // As Backend::invert_gram().
  virtual bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                           std::span<float> inverse) = 0;
  virtual bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                           std::span<double> inverse) = 0;
};

}  // namespace tusk
