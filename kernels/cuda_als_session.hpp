// iALS on a GPU.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "als_arguments.hpp"
#include "backend/als_session.hpp"
#include "cuda/als_plan.hpp"
#include "cuda_handles.hpp"
#include "dense_algebra.hpp"
#include "device_matrix.hpp"

namespace tusk {

// Users are solved together and items are, in batches that fit into the memory. All sums are in one
// order.
class CudaAlsSession : public AlsSession {
 public:
  CudaAlsSession(int device, const AlsProblem& problem, const AlsPlan& plan);
  ~CudaAlsSession() override;

  double run_epoch() override;
  MfState state() const override;

 private:
  // Users or items.
  struct Side {
    // `regularization_of` is by row.
    Side(const CsrView& matrix, std::span<const float> regularization_of, int stride,
         const AlsBatchLimits& limits, cudaStream_t stream);

    Index rows;
    DeviceMatrix weights;         // its rows by those of the other side
    DeviceBuffer<float> factors;  // [rows, stride]
    DeviceBuffer<float> regularization;
    AlsPieces pieces;
    std::vector<Index> batch;  // the first row of each, and the number of rows
    DeviceBuffer<std::int64_t> piece_begin;
    DeviceBuffer<Index> piece_row;
    DeviceBuffer<std::int64_t> row_piece;
  };

  void initialise(Side& side, const CsrView& weights);
  void reserve();
  AlsArguments arguments(Side& side, const Side& others, std::size_t batch);
  // Leaves the minimum of each row's function in value_; see AlsRow.
  void solve(Side& side, const Side& others);
  void solve_by_gradients(const AlsArguments& batch);
  void solve_systems(const AlsArguments& batch);
  double norm(Side& side);           // the sum of what regularization adds
  double sum_of_values(Index rows);  // of the first of value_

  int device_;
  CudaStream stream_;
  DenseAlgebra algebra_;
  AlsParams params_;
  std::function<void()> check_stop_;
  int stride_;
  Side users_;
  Side items_;
  DeviceBuffer<float> gram_;    // [stride, stride]
  DeviceBuffer<double> value_;  // by row of the longer side

  // Of a batch, as AlsArguments has them.
  DeviceBuffer<float> residual_;
  DeviceBuffer<float> direction_;
  DeviceBuffer<float> product_;
  DeviceBuffer<float> square_;
  DeviceBuffer<float> partial_;
  DeviceBuffer<double> piece_value_;
  DeviceBuffer<float> matrix_;
  DeviceBuffer<float*> matrix_of_row_;
  DeviceBuffer<float*> solution_of_row_;
  DeviceBuffer<int> info_;
};

}  // namespace tusk
