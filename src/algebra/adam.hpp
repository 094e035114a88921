// Adam (Kingma, Ba: "Adam: A Method for Stochastic Optimization", 2015) and AdamW (Loshchilov,
// Hutter: "Decoupled Weight Decay Regularization", 2019), by PyTorch's formulas.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tusk {

// A step, with what is the same for all values. Betas and epsilon are the usual 0.9, 0.999 and
// 1e-8.
class AdamStep {
 public:
  // `decoupled`: AdamW. `step`: its number, from 1.
  AdamStep(float learning_rate, float weight_decay, bool decoupled, std::int64_t step);

  // Changes `count` values and the running means of their gradients and of the squares of these.
  void apply(std::size_t count, const float* gradient, float* value, float* mean,
             float* square) const;

 private:
  float keep_;   // by which AdamW multiplies values
  float decay_;  // times the value is added to the gradient
  float rate_;   // over the bias correction of the mean
  float root_;   // one over the root of the bias correction of the mean square
};

}  // namespace tusk
