// The seam between the engine and the devices.
//
// A session is opened with host memory (one upload), is driven by epoch-sized or batch-sized
// calls, and returns host values. Calls are synchronous. Nothing above the seam knows where a
// number was computed; nothing below it knows of files, ids, titles, schedules or metrics.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/communicator.hpp>
#include <tusk/device.hpp>
#include <tusk/knn.hpp>
#include <tusk/types.hpp>

#include "algebra/network_kernels.hpp"

namespace tusk {

class AlsSession;
class BayesSession;
class NeuralSession;
struct TrainingState;
struct AlsProblem;
struct BayesProblem;
struct NeuralProblem;
struct GramProblem;
struct GramSize;

// Hyper-parameters of biased matrix factorization,
//   rating(u, i) ~ mean + user_bias[u] + item_bias[i] + <user_factors[u], item_factors[i]>,
// trained by stochastic gradient descent on the regularized squared error (Koren, Bell, Volinsky:
// "Matrix Factorization Techniques for Recommender Systems", 2009, equation 5), or by Adam.
struct MfParams {
  // As in NeuralParams.
  struct Adam {
    float weight_decay = 0;
    bool decoupled = false;
    int batch_size = 1;
  };

  int factors = 0;     // length of a factor vector, 1 .. 4096
  bool biased = true;  // false leaves both biases at 0
  float user_learning_rate = 0;
  float item_learning_rate = 0;
  float bias_learning_rate = 0;
  float user_regularization = 0;
  float item_regularization = 0;
  float bias_regularization = 0;
  float init_std = 0;      // standard deviation of the initial factors
  std::uint64_t seed = 0;  // of the initial factors and of the order of the ratings
  // Not for open_mf(), see src/models/mf/mf_by_adam.hpp: in the place of SGD, with the learning
  // rate of the users for all and without regularization.
  std::optional<Adam> adam = {};
};

// One model to be trained on a session's ratings: on those whose label is in `train`. Those whose
// label is in `validate` are what validate() measures. The sets must not meet.
struct MfFit {
  MfParams params;
  LabelSet train;
  LabelSet validate;
  float mean = 0;  // of the training ratings; a constant of the model
};

struct MfProblem {
  CsrView ratings;
  std::span<const Label> label;  // one per rating
  RatingScale scale;             // validation errors are of predictions clipped to it
  std::vector<MfFit> fits;
  MfTrainer trainer = MfTrainer::automatic;
  // That share the ratings, see Dataset::processes; null: all are here.
  std::shared_ptr<Communicator> processes = nullptr;
};

struct SquaredError {
  double sum = 0;
  std::int64_t count = 0;
};

// The result of an epoch of a model.
struct EpochErrors {
  SquaredError train;    // of each rating just before its update
  ErrorSums validation;  // nothing if that was not asked for
};

// After which of several epochs to validate.
enum class Validate { never, last, each };

// M >= 1 models on one set of ratings, which are trained epoch by epoch. On the CPU a model's bits
// do not depend on the models beside it.
class EpochSession {
 public:
  virtual ~EpochSession() = default;

  // Visits every training rating of every model once. `rate` holds one factor per model by which
  // its learning rates are multiplied. Returns the error of each rating just before its update,
  // one entry per model; a retired model is not trained and counts nothing.
  virtual std::vector<SquaredError> run_epoch(std::span<const float> rate) = 0;

  // The errors on each model's validation ratings; nothing for a retired model.
  virtual std::vector<ErrorSums> validate() = 0;

  // Several epochs in one call: `rate` is [epochs, models], and so is what is returned. The results
  // are those of run_epoch() and validate() in turn.
  virtual std::vector<EpochErrors> run_epochs(std::span<const float> rate, std::size_t models,
                                              Validate validate);

  // Remembers the model's present state as the one that state() returns.
  virtual void checkpoint(std::size_t model) = 0;

  // Stops training the model.
  virtual void retire(std::size_t model) = 0;

  // Adds all that the session goes on from to `state`, and goes on from such a state of a session
  // of the same problem: later epochs have the bits that they would have had. By default both throw
  // UsageError: on this device, or by this optimizer, there are no checkpoints.
  virtual void save(TrainingState& state) const;
  virtual void restore(const TrainingState& state);
};

// Factors of a user or an item that a model has no training ratings of are 0.
class MfSession : public EpochSession {
 public:
  // The model at its last checkpoint, or as it is now if it has none.
  virtual MfState state(std::size_t model) const = 0;
};

class TopKSession {
 public:
  virtual ~TopKSession() = default;
  virtual TopK query(std::span<const Index> rows, int k) = 0;  // k >= 1
};

class DotTopKSession : public TopKSession {  // that any number of threads may use at a time
 public:
  // The same lists for users whom the state does not have, each without the items of its row of
  // `exclude`. A user with the vector of one of the state's users gets that user's bits.
  virtual TopK query_new(const UserVectors& users, CsrView exclude, int k) = 0;
};

// What the neighbours of a row say of a column.
struct NeighbourSums {
  double weight = 0;     // sum of their similarities
  double deviation = 0;  // sum of similarity times deviation
  int count = 0;
};

class NeighbourSession : public TopKSession {
 public:
  // query() gives for each row the k most similar other rows, only those with a similarity above 0;
  // ties by smaller index.

  // For each row[q], column[q]: the sums over at most k rows, the most similar, of those other than
  // row[q] that hold column[q] and have a similarity above 0; ties by smaller index. k >= 1.
  virtual std::vector<NeighbourSums> weigh(std::span<const Index> row,
                                           std::span<const Index> column, int k) = 0;
};

// One sparse matrix both ways, for a session that finds neighbours among its rows.
struct NeighbourProblem {
  CsrView rows;     // values as open_similar says
  CsrView columns;  // its transpose
  // What weigh() averages, one for each entry of `columns`; may be empty if it is not called.
  std::span<const float> deviation;
  SimilarityParams similarity;
};

// What a device computes. Every Device is one.
class Backend : public Device {
 public:
  // What `automatic` is for this problem; `automatic` itself for a backend with only one trainer,
  // which is what the CPU has.
  virtual MfTrainer choose_trainer(const MfProblem&) { return MfTrainer::automatic; }

  // Throws Interrupted if DeviceOptions::should_stop says so. For work between calls of sessions.
  virtual void check_stop() const {}

  // How many threads parallel_for() has.
  virtual int threads() const { return 1; }

  // Calls task(i) for i = 0 .. count - 1, each once, on the threads of the CPU where there are
  // several. What a task computes must not depend on the others.
  virtual void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& task) {
    for (std::int64_t i = 0; i < count; ++i) task(i);
  }

  // What open_mf(problem) would take. Throws DeviceError where open_mf() would for want of memory.
  virtual MfMemory plan_mf(const MfProblem& problem) = 0;

  // How many models like those of `problem` a search trains concurrently: as many as keep the
  // device busy and as there is memory for. At least 1.
  virtual std::int64_t models_at_once(const MfProblem& problem) = 0;

  // The parameters must be in range. The spans of `problem` are copied from. Throws DeviceError if
  // the device has too little memory, UsageError where it trains nothing with other processes.
  virtual std::unique_ptr<MfSession> open_mf(const MfProblem& problem) = 0;

  // What open_als(problem) and the state of its session would take.
  virtual MfMemory plan_als(const AlsProblem& problem) = 0;

  // Opens training by alternating least squares. `problem` is borrowed and must outlive the
  // session. Throws DeviceError if the device has too little memory.
  virtual std::unique_ptr<AlsSession> open_als(const AlsProblem& problem) = 0;

  // What the CPU computes networks with.
  virtual const NetworkKernels& network_kernels() const = 0;

  // What open_neural(problem) would take.
  virtual MfMemory plan_neural(const NeuralProblem& problem) = 0;

  // Opens training of neural networks. On the CPU the bits do not depend on the number of threads.
  // The spans of `problem` are copied from, but for features, which are borrowed, as the backend
  // is.
  virtual std::unique_ptr<NeuralSession> open_neural(const NeuralProblem& problem) = 0;

  // Throws DeviceError where invert_gram() would for want of a GPU's memory.
  virtual void check_gram_memory(const GramSize&) const {}

  // Fills `inverse` [rows, rows] with the inverse of the problem's matrix, in the precision of its
  // numbers. False where the matrix, as rounding leaves it, is not positive definite. On the CPU
  // the bits do not depend on the number of threads. Throws DeviceError if a GPU has too little
  // memory.
  virtual bool invert_gram(const GramProblem& problem, std::span<float> inverse);
  virtual bool invert_gram(const GramProblem& problem, std::span<double> inverse);

  // Scores users' items by mean + biases + dot product. Only `candidates`, each of which is there
  // once, in any order, are returned, and of those none that the user's row of `exclude` holds; an
  // `exclude` without offsets holds nothing. Of equal scores the earlier candidate comes first.
  // Everything is borrowed and must outlive the session. Throws DeviceError if the device has too
  // little memory.
  virtual std::unique_ptr<DotTopKSession> open_dot(const MfState& state,
                                                   std::span<const Index> candidates,
                                                   CsrView exclude) = 0;

  // Computes similarities when they are asked for, a row at a time; memory is O(rows), never
  // O(rows x rows). For centered_cosine the values are ratings less their row's mean, and for
  // pearson_baseline ratings less the bias model's. All spans are borrowed and must outlive the
  // session.
  virtual std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem) = 0;

  // The same with neighbours that were found before: query() and weigh() look at those in `table`
  // alone. Everything is borrowed; `deviation` as in NeighbourProblem.
  virtual std::unique_ptr<NeighbourSession> open_table(const NeighbourTable& table, CsrView columns,
                                                       std::span<const float> deviation) = 0;

  // What open_bayes(problem) would take.
  virtual MfMemory plan_bayes(const BayesProblem& problem) = 0;

  // Opens Gibbs sampling of Bayesian matrix factorization. `problem` is borrowed and must outlive
  // the session. On the CPU the bits do not depend on the number of threads. Throws DeviceError if
  // a GPU has too little memory.
  virtual std::unique_ptr<BayesSession> open_bayes(const BayesProblem& problem) = 0;
};

inline Backend& backend_of(Device& device) { return static_cast<Backend&>(device); }

// As open_device().
std::unique_ptr<Backend> make_backend(const DeviceOptions& options = {});

}  // namespace tusk
