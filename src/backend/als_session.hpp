// Training of iALS, which is Backend::open_als().
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

enum class AlsMethod { cholesky, conjugate_gradient };

// Hyper-parameters of implicit alternating least squares (Hu, Koren, Volinsky: "Collaborative
// Filtering for Implicit Feedback Datasets", 2008), in the form of Rendle, Krichene, Zhang, Koren:
// "Revisiting the Performance of iALS on Item Recommendation Benchmarks", 2021. With y the dot
// product of a user's and an item's factors, training minimizes
//   sum over interactions of weight (1 - y)^2 + unobserved_weight sum over all pairs of y^2
//     + sum over users and items of als_regularization() |factors|^2.
struct AlsParams {
  int factors = 0;               // 1 .. 4096
  float unobserved_weight = 0;   // from 0
  float regularization = 0;      // above 0
  float frequency_exponent = 0;  // from 0
  float init_std = 0;            // standard deviation of the users' initial factors
  AlsMethod method = AlsMethod::conjugate_gradient;
  int cg_steps = 0;        // of conjugate gradient in each row and epoch
  std::uint64_t seed = 0;  // of the initial factors
};

// Of a row whose weights sum to `weight`, where the other side has `others` rows.
inline double als_regularization(const AlsParams& params, double weight, Index others) {
  const double frequency = weight + static_cast<double>(params.unobserved_weight) * others;
  return static_cast<double>(params.regularization) *
         std::pow(frequency, static_cast<double>(params.frequency_exponent));
}

// By row of the weights.
std::vector<float> als_regularizations(const AlsParams& params, const CsrView& weights);

struct AlsProblem {
  CsrView weights;  // users x items, above 0
  AlsParams params;
};

// What training minimizes, by its definition, over all pairs. Slow; for tests.
double als_loss(const MfState& state, const CsrView& weights, const AlsParams& params);

class AlsSession {
 public:
  virtual ~AlsSession() = default;

  // Solves each item from the users' factors and then each user from the items', by conjugate
  // gradient from where the last epoch left them. Returns what is minimized. Throws Interrupted
  // with some rows solved and others not.
  virtual double run_epoch() = 0;

  // The factors as they are, without biases; 0 for users and items without interactions.
  virtual MfState state() const = 0;
};

}  // namespace tusk
