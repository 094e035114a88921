// The distribution by which a user or an item that was not trained joins a model of factors.
//
// A user is a vector x = [factors, bias] ~ N(mean, covariance), and rates item i as
//   mean rating + bias of i + <[factors of i, 1], x> + e,  e ~ N(0, noise),
// so x given some ratings is normal, too, and its mean is the folded-in user: Bayesian linear
// regression (Bishop: "Pattern Recognition and Machine Learning", 2006, section 3.3). Items are
// folded in by the same formula with the sides exchanged. Damped means are the case of a bias
// alone: mean 0, covariance 1 and the damping as noise.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <tusk/predictor.hpp>

#include "model/safetensors.hpp"

namespace tusk {

struct FactorPrior {
  std::vector<float> mean;        // [size]: factors, then the bias if the model has biases
  std::vector<float> covariance;  // [size, size]
  float noise = 0;                // the variance of ratings about their predictions

  std::size_t size() const { return mean.size(); }
};

// Either of size 0 if the model has nothing to learn of that side.
struct FactorPriors {
  FactorPrior user;
  FactorPrior item;
};

enum class Side { user, item };

// A bias alone.
FactorPrior damped_prior(float damping);

// The users whose ratings tell the noise: at most so many.
inline constexpr std::size_t kNoiseUsers = 60;

// At most `most` of those that have a count above 0, evenly spread.
std::vector<std::size_t> evenly_spread(std::span<const std::int64_t> count, std::size_t most);

// Mean and covariance of the trained vectors of each side, weighted by the square roots of their
// numbers of ratings, and the noise with which the ratings of some users are most likely. `count`
// has the training ratings of each user and of each item; a row of `some` has training ratings of
// one user, whoever that is. A side without variance, such as a single user, has the variances of
// the other. `check_stop` is called often and may throw.
struct TrainingCounts {
  std::span<const std::int64_t> user;
  std::span<const std::int64_t> item;
};
FactorPriors estimate_priors(
    const MfState& state, const TrainingCounts& count, const CsrView& some,
    const std::function<void()>& check_stop = [] {});

void write_priors(SafetensorsWriter& writer, const FactorPriors& priors);
// Throws FormatError unless they fit the state.
FactorPriors read_priors(const SafetensorsReader& reader, const MfState& state);
bool has_priors(const SafetensorsReader& reader);

// Folds users into a state, or items; any number of threads may use it at a time.
class FoldIn {
 public:
  // `state` is borrowed.
  FoldIn(const MfState& state, const FactorPrior& prior, Side side);
  ~FoldIn();

  std::size_t size() const;

  // The posterior mean [size] given ratings of `others`: of items, if users are folded in. It,
  // update() and gains() throw FormatError if the prior gives no finite numbers.
  std::vector<float> fold(std::span<const Index> others, std::span<const float> ratings) const;

  // fold() is a sum over the ratings: with r a rating less what the prior's mean predicts,
  // mean + sum of r[k] times row k of this matrix, [others, size].
  std::vector<float> gains(std::span<const Index> others) const;
  // The covariance [others, others] of ratings of `others`, without the noise.
  std::vector<float> covariance(std::span<const Index> others) const;
  // What the prior's mean leaves of each rating.
  std::vector<float> residuals(std::span<const Index> others, std::span<const float> ratings) const;

  // The posterior mean of one whose `vector` was learned from ratings of `old`, given these, too.
  std::vector<float> update(std::span<const float> vector, std::span<const Index> old,
                            std::span<const Index> others, std::span<const float> ratings) const;

 private:
  struct Gaussian;
  const MfState* state_;
  Side side_;
  std::unique_ptr<const Gaussian> prior_;
};

}  // namespace tusk
