// Top-K sessions on the CPU, with every instruction set that this machine has.
#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "cpu/cpu_backend.hpp"
#include "cpu/kernels.hpp"
#include "model/score.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

std::vector<Index> range(Index count) {
  std::vector<Index> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Values that sums round.
MfState random_state(Index users, Index items, int factors, bool biased = true) {
  RandomSequence random(7, 7);
  MfState state;
  state.users = users;
  state.items = items;
  state.factors = factors;
  state.biased = biased;
  state.mean = 3.3f;
  const auto fill = [&](std::vector<float>& values, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      values.push_back(static_cast<float>(random.below(2001)) / 1000.0f - 1);
    }
  };
  fill(state.user_factors, static_cast<std::size_t>(users) * static_cast<std::size_t>(factors));
  fill(state.item_factors, static_cast<std::size_t>(items) * static_cast<std::size_t>(factors));
  if (biased) {
    fill(state.user_bias, static_cast<std::size_t>(users));
    fill(state.item_bias, static_cast<std::size_t>(items));
  }
  return state;
}

bool same(const TopK& a, const TopK& b) { return a.index == b.index && a.score == b.score; }

// A test for each set of kernels.
class TopKSessionTest : public testing::TestWithParam<const CpuKernels*> {
 protected:
  std::unique_ptr<Backend> backend(int threads) const {
    return make_cpu_backend(threads, *GetParam());
  }
};

TEST_P(TopKSessionTest, FindsTheBestOfEverySizeOfProblem) {
  const auto device = backend(2);
  for (const Index users : {1, 11, 12, 13, 241, 500}) {
    for (const Index items : {1, 31, 32, 33, 200}) {
      for (const int factors : {0, 1, 5, 64}) {
        const MfState state = random_state(users, items, factors, factors != 5);
        const Dataset seen = test::random_dataset(users, items, users * items / 4, 3);
        const auto candidates = range(items);
        const auto session = device->open_dot(state, candidates, seen.ratings());
        const int k = 10;
        const TopK top = session->query(range(users), k);
        for (Index u = 0; u < users; ++u) {
          const auto row = seen.ratings().row(u);
          std::vector<std::pair<float, Index>> expected;
          for (const Index i : candidates) {
            if (std::binary_search(row.begin(), row.end(), i)) continue;
            expected.emplace_back(-score(state, u, i), i);
          }
          std::sort(expected.begin(), expected.end());
          expected.resize(k, {std::numeric_limits<float>::infinity(), kNone});
          for (std::size_t r = 0; r < static_cast<std::size_t>(k); ++r) {
            const std::size_t at = static_cast<std::size_t>(u) * k + r;
            ASSERT_EQ(top.index[at] == kNone, expected[r].second == kNone);
            if (top.index[at] == kNone) continue;
            // Scores that differ in their last bits may change places.
            ASSERT_NEAR(top.score[at], -expected[r].first, 1e-5f)
                << users << " users, " << items << " items, " << factors << " factors, user " << u;
            ASSERT_EQ(top.score[at], score(state, u, top.index[at]));
          }
        }
      }
    }
  }
}

TEST_P(TopKSessionTest, ARowDoesNotDependOnTheOthersNorOnTheThreads) {
  const Index users = 700;
  const MfState state = random_state(users, 333, 17);
  const Dataset seen = test::random_dataset(users, 333, 20'000, 3);
  const auto candidates = range(333);
  const TopK all = backend(1)->open_dot(state, candidates, seen.ratings())->query(range(users), 20);
  for (const int threads : {2, 5}) {
    const auto device = backend(threads);
    const auto session = device->open_dot(state, candidates, seen.ratings());
    EXPECT_TRUE(same(all, session->query(range(users), 20))) << threads << " threads";
    for (const std::size_t batch : {1, 7, 12, 240, 250}) {
      TopK parts;
      for (std::size_t first = 0; first < 700; first += batch) {
        const auto rows = range(users);
        const TopK part = session->query(
            std::span(rows).subspan(first, std::min<std::size_t>(batch, 700 - first)), 20);
        parts.index.insert(parts.index.end(), part.index.begin(), part.index.end());
        parts.score.insert(parts.score.end(), part.score.begin(), part.score.end());
      }
      EXPECT_TRUE(same(all, parts)) << threads << " threads, batches of " << batch;
    }
  }
}

TEST_P(TopKSessionTest, TakesUsersInAnyOrderAndMoreThanOnce) {
  const MfState state = random_state(30, 50, 8);
  const auto candidates = range(50);
  const auto session = backend(2)->open_dot(state, candidates, {});
  const TopK all = session->query(range(30), 3);
  const std::vector<Index> rows = {29, 0, 29, 7};
  const TopK some = session->query(rows, 3);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(some.index[r * 3 + k], all.index[static_cast<std::size_t>(rows[r]) * 3 + k]);
    }
  }
  EXPECT_TRUE(session->query({}, 3).index.empty());
}

TEST_P(TopKSessionTest, AConstantModelListsTheFirstItems) {
  const MfState state = random_state(13, 100, 0, false);
  const auto candidates = range(100);
  const auto session = backend(2)->open_dot(state, candidates, {});
  const TopK top = session->query(range(13), 4);
  for (std::size_t r = 0; r < 13; ++r) {
    EXPECT_EQ(std::vector<Index>(top.index.begin() + static_cast<std::ptrdiff_t>(r) * 4,
                                 top.index.begin() + static_cast<std::ptrdiff_t>(r) * 4 + 4),
              (std::vector<Index>{0, 1, 2, 3}));
  }
}

TEST_P(TopKSessionTest, WithoutExclusionsAndWithoutCandidates) {
  const MfState state = random_state(2, 40, 4);
  const std::vector<Index> few = {3, 39};
  const TopK top = backend(1)->open_dot(state, few, {})->query(range(2), 5);
  EXPECT_EQ(std::count(top.index.begin(), top.index.end(), kNone), 6);
  EXPECT_EQ(std::count(top.index.begin(), top.index.end(), 39), 2);
  const TopK none = backend(1)->open_dot(state, {}, {})->query(range(2), 5);
  EXPECT_EQ(std::count(none.index.begin(), none.index.end(), kNone), 10);
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, TopKSessionTest,
                         testing::ValuesIn(all_cpu_kernels().begin(), all_cpu_kernels().end()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

TEST(TopKKernels, GiveTheSameListsOnEveryInstructionSet) {
  // With scores this close the order within the last bits would show.
  const MfState state = random_state(300, 500, 64);
  const auto candidates = range(500);
  const auto lists = [&](const CpuKernels& kernels) {
    return make_cpu_backend(2, kernels)->open_dot(state, candidates, {})->query(range(300), 50);
  };
  const TopK best = lists(cpu_kernels());
  for (const CpuKernels* kernels : all_cpu_kernels()) {
    if (std::string_view(kernels->name) == "baseline") continue;
    EXPECT_TRUE(same(best, lists(*kernels))) << kernels->name;
  }
}

}  // namespace
}  // namespace tusk
