// The links of Gibbs sampling on a GPU; see BayesLinks, which is the same on the CPU.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backend/bayes_prior.hpp"
#include "bayes_arguments.hpp"
#include "cuda/bayes_plan.hpp"
#include "cuda_bayes_moments.hpp"
#include "dense_algebra.hpp"
#include "device_pieces.hpp"

namespace tusk {

// What links are drawn in, those of users and of items one after another. All chains are side by
// side.
struct BayesLinkRoom {
  BayesLinkRoom(const BayesLayout& layout, const BayesLinkSizes& sizes, cudaStream_t stream);

  DeviceBuffer<float> target;  // [rows, chains, stride]
  DeviceBuffer<float> normals;
  DeviceBuffer<float> work;
  DeviceBuffer<float> partial;  // of sparse products
  DeviceBuffer<float> root;     // [chains, stride, stride]: R
  DeviceBuffer<float> inverse_root;
  DeviceBuffer<float> mean;       // [chains, stride]
  DeviceBuffer<float> precision;  // [chains]: b
  // Of T + b I, [chains, size].
  DeviceBuffer<float> inverse;
  DeviceBuffer<float> below;
  // Conjugate gradients.
  DeviceBuffer<float> right;  // [columns, chains, stride], as are the next
  DeviceBuffer<float> residual;
  DeviceBuffer<float> direction;
  DeviceBuffer<float> product;
  DeviceBuffer<double> partial_sums;
  DeviceBuffer<double> square;  // [chains, stride], as are the next
  DeviceBuffer<double> next_square;
  DeviceBuffer<double> sums;
  DeviceBuffer<std::uint8_t> done;  // [chains]
};

// B of all chains.
class CudaBayesLinks {
 public:
  // The session's, which outlive this.
  struct Context {
    BayesParams params;
    BayesLayout layout;
    bool of_items;
    BayesLinkRoom& room;
    CudaBayesMoments& moments;
    DenseAlgebra& algebra;
    const std::function<void()>& check_stop;
    cudaStream_t stream;
  };

  CudaBayesLinks(const BayesLinkWork& work, const Context& context);

  // X B of all rows, [rows, chains, stride].
  const float* means() const { return means_.data(); }

  // By chain.
  std::vector<LinkMoments> measure();

  // Draws b and B of each chain given its vectors, its m and L. `random` is by chain.
  void draw(const float* vectors, std::span<const NormalPrior> prior,
            std::span<RandomSequence> random, std::uint64_t sweep);

  // B, [columns, d].
  std::vector<float> links(int chain) const;

 private:
  int row_floats() const { return context_.layout.chains * context_.layout.stride; }
  // By chain: the sum of the products of the rows of B.
  std::vector<Eigen::MatrixXd> scatter();
  void upload(std::span<const NormalPrior> prior);
  void set_targets(const float* vectors);
  void draw_precisions(std::span<const NormalPrior> prior, std::span<RandomSequence> random);
  void draw_normals(RandomUse use, std::uint64_t sweep);
  // to = beta to + by(b) * rows of N(0, L^-1), from room.normals.
  void add_noise(Index rows, float* to, float beta, const std::function<double(double)>& by);
  void multiply(const DevicePieces& matrix, const float* from, float* to, float sign, bool add);
  void multiply_basis(bool transposed, const float* from, float* to);
  void solve_dense(float* rows);
  void draw_links();
  // B from room.right.
  void solve_iteratively();
  BayesGradients gradients();
  void apply(const BayesGradients& gradients, const float* from);
  void sum_columns(const float* a, const float* b, double* sums);
  std::vector<double> download_sums();

  Context context_;
  // Rows without ratings are empty in the latter alone: what is computed of them is lost there.
  DevicePieces all_;
  DevicePieces transposed_;
  bool dual_;
  Index size_;
  std::vector<double> matrix_diagonal_;  // of T
  std::vector<double> matrix_beside_;
  DeviceBuffer<float> basis_;
  DeviceBuffer<float> diagonal_;   // by column: of X'X
  DeviceBuffer<float> links_;      // [columns, chains, stride]
  DeviceBuffer<float> means_;      // [rows, chains, stride]
  std::vector<double> precision_;  // by chain: b
};

}  // namespace tusk
