// Gibbs sampling on a GPU.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "backend/bayes_prior.hpp"
#include "backend/bayes_session.hpp"
#include "bayes_arguments.hpp"
#include "cuda/bayes_plan.hpp"
#include "cuda_bayes_links.hpp"
#include "cuda_bayes_moments.hpp"
#include "cuda_handles.hpp"
#include "dense_algebra.hpp"
#include "device_pieces.hpp"

namespace tusk {

// All chains are sampled side by side, the vectors of users or of items in batches that fit into
// the memory. What is small is drawn on the host. All sums are in one order.
class CudaBayesSession : public BayesSession {
 public:
  CudaBayesSession(int device, const CudaBayesWork& work);
  ~CudaBayesSession() override;

  std::vector<BayesSweep> run_sweep() override;
  std::vector<BayesDraw> draw(std::span<const int> chains, bool with_links) const override;
  BayesChain chain(int chain) const override;
  void restore(std::uint64_t sweeps, std::span<const BayesChain> chains) override;

 private:
  // Users or items.
  struct Side {
    // Uploads from `matrix`, and waits for that.
    Side(bool of_items, const CsrView& matrix, const BayesLayout& layout,
         const AlsBatchLimits& limits, cudaStream_t stream);

    bool of_items;
    Index rows;
    AlsPieces divided;
    std::vector<Index> batch;          // the first row of each, and the number of rows
    DevicePieces ratings;              // its rows by those of the other side
    DeviceBuffer<std::uint8_t> known;  // by row: whether it has ratings
    DeviceBuffer<float> vectors;       // [rows, chains, stride]
    DeviceBuffer<float> precision;     // [chains, stride, stride]: L
    DeviceBuffer<float> mean;          // [chains, stride]: L m
    std::vector<NormalPrior> prior;    // by chain
    std::optional<CudaBayesLinks> links;
  };

  int chains() const { return layout_.chains; }
  void open_links(Side& side, const std::optional<BayesLinkWork>& work);
  void start(Side& side);
  void reserve();
  // m, L, B and b of all chains, given their vectors.
  void draw_prior(Side& side);
  void upload_prior(Side& side);
  // The vectors given the others; leaves the squared errors in error_ if `measured`.
  void draw_vectors(Side& side, const Side& others, bool measured);
  BayesArguments arguments(Side& side, const Side& others, std::size_t batch, bool measured);
  void draw_by_systems(const BayesArguments& batch);
  std::vector<double> squared_errors();  // by chain
  std::vector<float> download(const Side& side) const;
  BayesChainSide state(const Side& side, int chain) const;
  void restore(Side& side, std::span<const BayesChainSide* const> chains);

  int device_;
  CudaStream stream_;
  DenseAlgebra algebra_;
  BayesParams params_;
  std::function<void()> check_stop_;
  std::int64_t ratings_;
  BayesLayout layout_;
  Side users_;
  Side items_;
  CudaBayesMoments moments_;
  BayesLinkRoom link_room_;
  std::vector<double> alpha_;  // by chain
  DeviceBuffer<float> device_alpha_;
  DeviceBuffer<double> error_;  // [users, chains]
  std::uint64_t sweep_ = 0;

  // Of a batch, as BayesArguments has them.
  DeviceBuffer<float> gram_;
  DeviceBuffer<float> matrix_;
  DeviceBuffer<float> right_;
  DeviceBuffer<int> info_;
  DeviceBuffer<float*> matrix_of_vector_;
  DeviceBuffer<float*> right_of_vector_;
};

}  // namespace tusk
