// Sessions of the CUDA module that search, where memory ends: what they take when they are first
// asked may be gone by then.
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/neighbours.hpp"

namespace tusk {
namespace {

using test::emulated_memory;

// Queries fail, twice, wherever memory ends, and then find what they would have found.
void expect_failures_to_pass(const std::function<std::unique_ptr<TopKSession>()>& open,
                             const std::vector<Index>& rows) {
  const std::size_t limit = emulated_memory().limit;
  auto session = open();
  const std::size_t opened = emulated_memory().used;
  const TopK expected = session->query(rows, 3);
  const std::size_t queried = emulated_memory().used;
  ASSERT_GT(queried, opened);
  // From one byte too few on.
  for (std::size_t left = queried - 1; left + 1 > opened;
       left -= std::min<std::size_t>(left, 1021)) {
    session.reset();
    session = open();
    emulated_memory().limit = left;
    for (int n = 0; n < 2; ++n) EXPECT_THROW(session->query(rows, 3), DeviceError) << left;
    emulated_memory().limit = limit;
    EXPECT_EQ(session->query(rows, 3).index, expected.index);
  }
  session.reset();
  EXPECT_EQ(emulated_memory().used, 0u);
}

class SearchMemory : public testing::Test {
 protected:
  std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

TEST_F(SearchMemory, OfTopKRunsOutAndComesBack) {
  MfState state{8, 9, 2, false, 3, {}, {}, {}, {}};
  for (int n = 0; n < 16; ++n) state.user_factors.push_back(static_cast<float>(n % 5) - 2);
  for (int n = 0; n < 18; ++n) state.item_factors.push_back(static_cast<float>(n % 7) - 3);
  const auto candidates = test::first_indices(9);
  expect_failures_to_pass([&] { return gpu_->open_dot(state, candidates, {}); },
                          test::first_indices(8));
}

TEST_F(SearchMemory, OfNeighboursRunsOutAndComesBack) {
  const Dataset data = test::random_dataset(12, 10, 60, 3);
  const test::NeighbourRows rows(data.ratings());
  expect_failures_to_pass([&] { return gpu_->open_similar(rows.problem({})); },
                          test::first_indices(12));
}

}  // namespace
}  // namespace tusk
