// Neighbours on a GPU.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backend/grouped_queries.hpp"
#include "cuda/neighbour_plan.hpp"
#include "cuda_handles.hpp"
#include "device_matrix.hpp"
#include "model/measure.hpp"
#include "neighbour_arguments.hpp"

namespace tusk {

// The matrix stays in the GPU's memory. Of each batch of rows the similarities with all rows are
// there at a time, and nothing but chosen neighbours comes back. All sums are added up in the order
// in which the CPU does that.
class CudaSimilarSession : public NeighbourSession {
 public:
  CudaSimilarSession(int device, const NeighbourProblem& problem, const NeighbourPlan& plan);
  ~CudaSimilarSession() override;

  TopK query(std::span<const Index> rows, int k) override;
  std::vector<NeighbourSums> weigh(std::span<const Index> row, std::span<const Index> column,
                                   int k) override;

 private:
  // Lists at each stage, as NearestArguments has them.
  struct Lists {
    DeviceBuffer<Index> of;
    DeviceBuffer<Index> place;
    DeviceBuffer<Index> column;
    DeviceBuffer<double> found[2];
    DeviceBuffer<Index> candidate[2];
    DeviceBuffer<std::int64_t> begin;
    DeviceBuffer<std::int64_t> end;
    DeviceBuffer<Index> index;
    DeviceBuffer<float> score;
    DeviceBuffer<NeighbourSums> sums;
    DeviceBuffer<unsigned char> scratch;
  };

  GroupedQueries grouped(std::span<const Index> row) const;
  // Makes room for batches of that size, in which lists have k neighbours.
  void reserve(const NeighbourBatch& batch, int k, bool own_lists);
  // Starts the comparison of `rows` with all.
  void measure(std::span<const Index> rows);
  // Starts the choice of lists, which `arguments` describes in part, and completes it.
  void choose(NearestArguments& arguments);
  // Starts the search for neighbours of `rows`, of each in turn.
  void search(std::span<const Index> rows, int k);

  int device_;
  CudaStream stream_;
  std::span<const std::int64_t> offset_;  // of the rows, on the host
  Measure measure_;
  SimilarityParams similarity_;
  NeighbourPlan plan_;
  DeviceMatrix rows_;
  DeviceMatrix holders_;  // the columns, with deviations; empty if there are none
  DeviceBuffer<double> squares_;
  DeviceBuffer<std::uint32_t> segment_first_;
  DeviceBuffer<RowEntry> segment_entry_;
  DeviceBuffer<Index> row_;  // of a batch
  DeviceBuffer<double> similarities_;
  Lists lists_;
};

}  // namespace tusk
