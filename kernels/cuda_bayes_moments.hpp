// Sums of products of rows' numbers, for Gibbs sampling on a GPU.
#pragma once

#include <vector>

#include <Eigen/Core>

#include "bayes_arguments.hpp"
#include "cuda_handles.hpp"

namespace tusk {

class CudaBayesMoments {
 public:
  // For up to so many rows.
  CudaBayesMoments(const BayesLayout& layout, Index most_rows, cudaStream_t stream);

  // By chain, [d + 1, d + 1]: with a one behind each row's numbers. Rows and what they are less, as
  // BayesMoments has them. Waits for the stream.
  std::vector<Eigen::MatrixXd> measure(const float* from, const float* less,
                                       const std::uint8_t* known, Index rows);

 private:
  BayesLayout layout_;
  cudaStream_t stream_;
  DeviceBuffer<float> partial_;
  DeviceBuffer<double> sums_;
};

}  // namespace tusk
