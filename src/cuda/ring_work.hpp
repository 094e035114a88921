// Matrix factorization by several processes with a GPU each. Users are divided among the processes,
// items into twice as many parts, which travel from GPU to GPU: while one is trained the next is
// under way (Gemulla, Nijkamp, Haas, Sismanis: "Large-Scale Matrix Factorization with Distributed
// Stochastic Gradient Descent", 2011). No two GPUs train the same part at a time.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <tusk/communicator.hpp>

#include "backend/backend.hpp"
#include "cuda/hogwild_ratings.hpp"
#include "cuda/rated_rows.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// What the GPU of one process trains. Its rows are its own users, and all items.
struct CudaRingWork {
  std::shared_ptr<Communicator> processes;
  std::function<void()> check_stop;
  Precision precision = Precision::fp32;
  Index users = 0;  // of all processes
  Index items = 0;
  MfFit fit;
  std::vector<Index> user_of_row;
  std::vector<Index> item_row;        // by item
  std::vector<Index> first_item_row;  // by part; one more at the end
  RatedRows rated;                    // without users: all that have rows have ratings
  std::vector<HogwildRatings> parts;  // by part of the items, in rows, in one chunk each
};

// Process p trains this part in step s = 0 .. parts - 1 of each epoch, passes it to p - 1, and has
// received meanwhile the part of step s + 1 from p + 1.
constexpr int ring_part(int rank, int step, int parts) { return (step + 2 * rank) % parts; }

// Hands the ratings out. Called by all processes; throws UsageError on all if there are too few
// users or items for each to have some.
CudaRingWork divide_ring(const MfProblem& problem, Precision precision, ThreadPool& threads);

// Throws DeviceError if `free` bytes are too few for what this process has.
MfMemory plan_ring(const CudaRingWork& work, std::uint64_t free, std::string_view gpu,
                   int multiprocessors);

}  // namespace tusk
