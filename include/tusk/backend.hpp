// The seam between the engine and the devices.
//
// A session is opened with host memory (one upload), is driven by epoch-sized or batch-sized
// calls, and returns host values. Calls are synchronous. Nothing above the seam knows where a
// number was computed; nothing below it knows of files, ids, titles, schedules or metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/knn.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Hyper-parameters of biased matrix factorization,
//   rating(u, i) ~ mean + user_bias[u] + item_bias[i] + <user_factors[u], item_factors[i]>,
// trained by stochastic gradient descent on the regularized squared error (Koren, Bell, Volinsky:
// "Matrix Factorization Techniques for Recommender Systems", 2009, equation 5).
struct MfParams {
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
};

// One model to be trained on a session's ratings: on those whose label is in `train`. Those whose
// label is in `validate` are what validate() measures. The sets must not meet.
struct MfFit {
  MfParams params;
  LabelSet train;
  LabelSet validate;
  float mean = 0;  // of the training ratings; a constant of the model
};

// How the models of a session are trained. What they reach depends on it, by little.
enum class MfTrainer {
  automatic,     // as is fastest for so many models
  one_by_one,    // one after another, each by all of the device
  side_by_side,  // all at the same time, each by a part of the device
};

struct MfProblem {
  CsrView ratings;
  std::span<const Label> label;  // one per rating
  RatingScale scale;             // validation errors are of predictions clipped to it
  std::vector<MfFit> fits;
  MfTrainer trainer = MfTrainer::automatic;
};

// A trained model: rows of `factors` floats, one after another.
struct MfState {
  Index users = 0;
  Index items = 0;
  int factors = 0;  // 0: the model is its mean and biases
  bool biased = true;
  float mean = 0;
  std::vector<float> user_factors;  // [users, factors]
  std::vector<float> item_factors;  // [items, factors]
  std::vector<float> user_bias;     // [users], empty unless biased
  std::vector<float> item_bias;     // [items], empty unless biased
};

// Bytes that a session takes of the memory it trains in: a GPU's, or the machine's for the CPU.
struct MfMemory {
  std::uint64_t parameters = 0;  // of all models, their copies at checkpoints, sums of errors
  std::uint64_t ratings = 0;     // to train on: all of them, or those that are there at a time
  std::uint64_t validation = 0;
  std::uint64_t working = 0;    // on a GPU: to start models from and to read them by
  std::uint64_t available = 0;  // that a session may use now
  int chunks = 1;  // that the ratings to train on are divided into; more than one pass through the
                   // GPU's memory in each epoch

  std::uint64_t total() const { return parameters + ratings + validation + working; }
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

// M >= 1 models on one set of ratings. Factors of a user or an item that a model has no training
// ratings of are 0. On the CPU a model's bits do not depend on the models beside it.
class MfSession {
 public:
  virtual ~MfSession() = default;

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

  // The model at its last checkpoint, or as it is now if it has none.
  virtual MfState state(std::size_t model) const = 0;
};

// For each of `rows` queries, k results in falling order of score; which of equal scores comes
// first is said where a session is opened. A row with fewer than k candidates is padded with index
// -1 and score -infinity. A row does not depend on the others that it is asked for with. Which of
// two candidates comes first whose scores differ by rounding alone may depend on the backend.
struct TopK {
  Index rows = 0;
  int k = 0;
  std::vector<Index> index;  // [rows, k]
  std::vector<float> score;  // [rows, k]
};

class TopKSession {
 public:
  virtual ~TopKSession() = default;
  virtual TopK query(std::span<const Index> rows, int k) = 0;  // k >= 1
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

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const = 0;

  // What the last bits of a model that the CPU trains depend on: "fma" if products are not rounded
  // before they are added, as with all kernels but those called "baseline", else "baseline". Empty
  // for a GPU.
  virtual std::string_view bits() const = 0;

  // What `automatic` is for this problem; `automatic` itself for a backend with only one trainer,
  // which is what the CPU has.
  virtual MfTrainer choose_trainer(const MfProblem&) { return MfTrainer::automatic; }

  // Throws Interrupted if BackendOptions::should_stop says so. For work between calls of sessions.
  virtual void check_stop() const {}

  // What open_mf(problem) would take. Throws DeviceError where open_mf() would for want of memory.
  virtual MfMemory plan_mf(const MfProblem& problem) = 0;

  // Into how many models like those of `problem` a search had best divide its work at a time: as
  // many as keep the device busy and as there is memory for. At least 1.
  virtual std::int64_t models_at_once(const MfProblem& problem) = 0;

  // The parameters must be in range. The spans of `problem` are copied from. Throws DeviceError if
  // the device has too little memory.
  virtual std::unique_ptr<MfSession> open_mf(const MfProblem& problem) = 0;

  // Scores users' items by mean + biases + dot product. Only `candidates`, each of which is there
  // once, in any order, are returned, and of those none that the user's row of `exclude` holds; an
  // `exclude` without offsets holds nothing. Of equal scores the earlier candidate comes first.
  // Everything is borrowed and must outlive the session. Throws DeviceError if the device has too
  // little memory.
  virtual std::unique_ptr<TopKSession> open_dot(const MfState& state,
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
};

// What factors are stored as while they are trained. Sums and updates are fp32 with either.
enum class Precision {
  fp32,
  fp16,  // on a GPU only; rounded at random, so that small steps are not lost
};

struct BackendOptions {
  std::string device = "auto";  // auto | cpu | cuda | cuda:N
  int threads = 0;              // of the CPU; 0 means all
  // The same bits in every run. On a GPU that is slower; the CPU never does otherwise.
  bool deterministic = false;
  Precision precision = Precision::fp32;
  // Instruction set of the CPU's inner loops: auto, the fastest that the processor has, or the name
  // of one in CpuInfo::kernel_sets.
  std::string cpu_kernels = "auto";
  // Asked often, from any thread; true ends whatever the backend or a session of it is doing,
  // within milliseconds on the CPU, with Interrupted. A training session keeps its last
  // checkpoints; other models are then as they are in the middle of an epoch.
  std::function<bool()> should_stop = {};
};

// Throws UsageError for an unknown device or CPU kernels or a precision that the device does not
// have, and DeviceError, which says why, for a device or CPU kernels that cannot be had. `auto`
// takes a GPU if it can be had and the CPU if not. What a GPU does not compute yet, its backend
// leaves to the CPU: open_table(), and of open_dot() models without factors, lists of more than
// 1,024, and users for whom more items score alike than a list on the GPU has room for.
std::unique_ptr<Backend> make_backend(const BackendOptions& options = {});

}  // namespace tusk
