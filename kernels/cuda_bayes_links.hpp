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

  DeviceBuffer<float> target;   // [rows, chains, stride]
  DeviceBuffer<float> work;     // [size of what is decomposed, chains, stride]
  DeviceBuffer<float> partial;  // of sparse products
  DeviceBuffer<float> root;     // [chains, stride, stride]: R
  DeviceBuffer<float> inverse_root;
  DeviceBuffer<float> mean;        // [chains, stride]
  DeviceBuffer<float> deviations;  // [chains]
  // Conjugate gradients.
  DeviceBuffer<float> precision;  // [chains]: b
  DeviceBuffer<float> right;      // [columns, chains, stride], as are the next
  DeviceBuffer<float> residual;
  DeviceBuffer<float> scaled;
  DeviceBuffer<float> direction;
  DeviceBuffer<float> product;
  DeviceBuffer<double> partial_sums;
  DeviceBuffer<double> square;  // [chains, stride], as are the next
  DeviceBuffer<double> next_square;
  DeviceBuffer<double> sums;
  DeviceBuffer<std::uint8_t> done;  // [chains]
};

// B of all chains, or what is drawn of it. Vectors less m are multiplied by R, with L = R R', and
// what is drawn by R^-1.
class CudaBayesLinks {
 public:
  // The session's, which outlive this.
  struct Context {
    BayesParams params;
    BayesLayout layout;
    bool of_items;
    const std::uint8_t* known;  // by row: whether it has ratings
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
  std::vector<LinkMoments> moments() const;

  // Draws b and B of each chain given its vectors, its m and L. `random` is by chain.
  void draw(const float* vectors, std::span<const NormalPrior> prior,
            std::span<RandomSequence> random, std::uint64_t sweep);

  // B of so many chains, [columns, d]: of the last draw where that has all of it, otherwise drawn
  // given the vectors.
  std::vector<std::vector<float>> links(const float* vectors, std::span<const NormalPrior> prior,
                                        std::uint64_t sweep, std::span<const int> chains) const;

  // What the next draw goes on from, by chain.
  void save(int chain, BayesChainSide& state) const;
  void restore(std::span<const BayesChainSide* const> states);

 private:
  using Rows = std::vector<std::vector<double>>;  // by chain: [size, d]

  std::int64_t row_floats() const {
    return std::int64_t{context_.layout.chains} * context_.layout.stride;
  }
  Index columns() const { return all_.matrix.columns; }
  // Whether no more than X B and B'B is drawn; see BayesLinks.
  bool is_implicit() const { return dual_ && only_known_; }
  void upload(std::span<const NormalPrior> prior) const;
  // Vectors less m, times R, to room.target.
  void set_targets(const float* vectors) const;
  void multiply_by_inverse_root(float* rows, Index count) const;
  // b, and what is drawn in the basis of what is decomposed; both return B'B by chain.
  std::vector<Eigen::MatrixXd> draw_decomposed(std::span<RandomSequence> random,
                                               std::uint64_t sweep);
  // B, and b given B.
  std::vector<Eigen::MatrixXd> draw_iteratively(std::span<RandomSequence> random,
                                                std::uint64_t sweep);
  // B given the vectors in room.target, which are lost, where XX' is decomposed.
  void draw_dual(RandomUse use, std::uint64_t sweep, float* links) const;
  // The sum of the products of the rows of B.
  std::vector<Eigen::MatrixXd> measure() const;
  // Row k of normal numbers is number first + k.
  BayesNormals normals(RandomUse use, std::uint64_t sweep, Index first, Index rows,
                       float* to) const;
  void set_deviations(const std::function<double(double)>& of_precision) const;
  void multiply(const DevicePieces& matrix, const float* from, float* to, float sign,
                bool add) const;
  void multiply_basis(bool transposed, const float* from, float* to) const;
  Rows download_work() const;
  void upload_work(const Rows& rows) const;
  // B from room.right.
  void solve_iteratively();
  BayesGradients gradients();
  void sum_columns(const float* a, const float* b, double* sums) const;
  std::vector<double> download_sums() const;

  Context context_;
  // Rows without ratings are empty in the latter alone, so that what the former gives for them is
  // not used.
  DevicePieces all_;
  DevicePieces transposed_;
  bool dual_;
  bool only_known_;
  Index size_;
  std::vector<double> matrix_diagonal_;  // of T
  std::vector<double> matrix_beside_;
  DeviceBuffer<float> basis_;
  DeviceBuffer<float> diagonal_;          // by column: of X'X
  DeviceBuffer<float> links_;             // [columns, chains, stride]; empty where B is not drawn
  DeviceBuffer<float> means_;             // [rows, chains, stride]
  std::vector<double> precision_;         // by chain: b
  std::vector<Eigen::MatrixXd> scatter_;  // by chain: B'B
};

}  // namespace tusk
