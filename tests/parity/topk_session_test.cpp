// Top-K sessions, for every backend that this machine can run.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cpu/kernels.hpp"
#include "model/score.hpp"
#include "support/philox.hpp"
#include "tests/parity/topk_backends.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"

namespace tusk {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// `value` gives the parameters one after another.
template <class Value>
MfState make_state(Index users, Index items, int factors, bool biased, const Value& value) {
  MfState state;
  state.users = users;
  state.items = items;
  state.factors = factors;
  state.biased = biased;
  state.mean = 3.25f;
  const auto fill = [&](std::vector<float>& values, Index rows, int columns) {
    values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    for (float& v : values) v = value();
  };
  fill(state.user_factors, users, factors);
  fill(state.item_factors, items, factors);
  if (biased) {
    fill(state.user_bias, users, 1);
    fill(state.item_bias, items, 1);
  }
  return state;
}

// Values that sums round.
MfState random_state(Index users, Index items, int factors, bool biased = true, float scale = 1) {
  RandomSequence random(7, 7);
  return make_state(users, items, factors, biased,
                    [&] { return scale * (static_cast<float>(random.below(2001)) / 1000.0f - 1); });
}

// Values whose products and sums are exact, so that every order of addition gives the same bits,
// and with many ties.
MfState coarse_state(Index users, Index items, int factors, bool biased = true) {
  RandomSequence random(9, 9);
  return make_state(users, items, factors, biased,
                    [&] { return static_cast<float>(random.below(5)) / 4.0f - 0.5f; });
}

// What a session is asked for, and what it must say.
struct Problem {
  MfState state;
  std::vector<Index> candidates;
  Dataset seen;

  CsrView exclude() const { return seen.ratings(); }

  // The definition: by score(), of equal scores the earlier candidate.
  std::vector<std::pair<float, Index>> best(Index user, int k) const {
    const auto row = exclude().offset.empty() ? std::span<const Index>() : exclude().row(user);
    std::vector<std::pair<float, Index>> all;
    for (const Index i : candidates) {
      if (!std::binary_search(row.begin(), row.end(), i))
        all.emplace_back(-score(state, user, i), i);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    all.resize(static_cast<std::size_t>(k), {kInfinity, kNone});
    for (auto& entry : all) entry.first = -entry.first;
    return all;
  }
};

// Scores may differ from the definition by `tolerance`, and then ids may differ where scores come
// that close.
void expect_best(const Problem& problem, std::span<const Index> users, int k, const TopK& top,
                 float tolerance) {
  ASSERT_EQ(top.rows, static_cast<Index>(users.size()));
  ASSERT_EQ(top.k, k);
  ASSERT_EQ(top.index.size(), users.size() * static_cast<std::size_t>(k));
  ASSERT_EQ(top.score.size(), top.index.size());
  for (std::size_t u = 0; u < users.size(); ++u) {
    const auto expected = problem.best(users[u], k);
    const std::size_t begin = u * static_cast<std::size_t>(k);
    std::vector<Index> ids;
    for (std::size_t r = 0; r < expected.size(); ++r) {
      const Index item = top.index[begin + r];
      const float found = top.score[begin + r];
      ASSERT_EQ(item == kNone, expected[r].second == kNone) << "user " << users[u] << " rank " << r;
      if (item == kNone) {
        ASSERT_EQ(found, -kInfinity);
        continue;
      }
      ids.push_back(item);
      ASSERT_NEAR(found, expected[r].first, tolerance) << "user " << users[u] << " rank " << r;
      ASSERT_NEAR(found, score(problem.state, users[u], item), tolerance);
      if (tolerance == 0) {
        ASSERT_EQ(item, expected[r].second) << "user " << users[u] << " rank " << r;
      }
      if (r == 0) continue;
      const float before = top.score[begin + r - 1];
      const auto place = [&](Index of) {
        return std::find(problem.candidates.begin(), problem.candidates.end(), of);
      };
      ASSERT_TRUE(before > found ||
                  (before == found && place(top.index[begin + r - 1]) < place(item)));
    }
    std::sort(ids.begin(), ids.end());
    ASSERT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end()) << "an item twice";
  }
}

bool same(const TopK& a, const TopK& b) { return a.index == b.index && a.score == b.score; }

// A test for each backend.
class TopKSessionTest : public testing::TestWithParam<test::TopKBackend> {
 protected:
  void SetUp() override {
    if (GetParam().gpu) TUSK_SKIP_WITHOUT_GPU();
    if (GetParam().kernels) TUSK_SKIP_WITHOUT_KERNELS(*GetParam().kernels);
    backend_ = GetParam().make();
  }

  std::unique_ptr<TopKSession> open(const Problem& problem) {
    return backend_->open_dot(problem.state, problem.candidates, problem.exclude());
  }
  void check(const Problem& problem, int k, float tolerance) {
    const auto users = test::first_indices(problem.state.users);
    expect_best(problem, users, k, open(problem)->query(users, k), tolerance);
  }

  std::unique_ptr<Backend> backend_;
};

TEST_P(TopKSessionTest, FindsTheBestOfEverySizeOfProblem) {
  const std::vector<Index> user_counts =
      GetParam().slow ? std::vector<Index>{1, 33} : std::vector<Index>{1, 12, 13, 129, 500};
  for (const Index users : user_counts) {
    for (const Index items : {1, 31, 32, 33, 200}) {
      for (const int factors : {0, 1, 5, 33, 64, 65, 128}) {
        SCOPED_TRACE(testing::Message() << users << " users, " << items << " items, " << factors);
        const Dataset seen = test::random_dataset(users, items, users * items / 4, 3);
        check({coarse_state(users, items, factors, factors != 5), test::first_indices(items), seen},
              10, 0);
        check({random_state(users, items, factors, factors != 5), test::first_indices(items), seen},
              10, 2e-5f);
      }
    }
  }
}

TEST_P(TopKSessionTest, TakesManyFactors) {
  for (const int factors : {129, 257, 1024}) {
    const Dataset seen = test::random_dataset(40, 90, 900, 3);
    check({coarse_state(40, 90, factors), test::first_indices(90), seen}, 7, 0);
    check({random_state(40, 90, factors, false), test::first_indices(90), seen}, 7, 1e-3f);
  }
}

TEST_P(TopKSessionTest, FindsListsOfEveryLength) {
  const Index items = GetParam().slow ? 400 : 5000;
  const Dataset seen = test::random_dataset(20, items, items, 3);
  const Problem problem{random_state(20, items, 20), test::first_indices(items), seen};
  for (const int k : {1, 10, 100, 1000, 1024, 1025, 6000}) {
    SCOPED_TRACE(k);
    check(problem, k, 2e-5f);
  }
}

// More ties than a list has room for, and the same for a part of the items.
TEST_P(TopKSessionTest, TiesAreByIndex) {
  const Index items = 700;
  MfState state = coarse_state(5, items, 8);
  std::fill(state.item_factors.begin(), state.item_factors.end(), 0.25f);
  std::fill(state.item_bias.begin(), state.item_bias.end(), 0.5f);
  check({state, test::first_indices(items), {}}, 10, 0);
  for (std::size_t i = 600; i < 620; ++i) state.item_bias[i] = 0.75f;
  check({state, test::first_indices(items), {}}, 10, 0);
  check({state, test::first_indices(items), {}}, 25, 0);
  std::fill(state.item_factors.begin(), state.item_factors.end(), 0.0f);
  check({state, test::first_indices(items), {}}, 3, 0);
}

// In whatever order they are given.
TEST_P(TopKSessionTest, TiesAreByTheOrderOfCandidates) {
  const Index items = GetParam().slow ? 300 : 2000;
  std::vector<Index> candidates = test::first_indices(items);
  RandomSequence(11, 11).shuffle(std::span(candidates));
  const Dataset seen = test::random_dataset(40, items, items * 10, 3);
  for (const int factors : {0, 3, 33}) {
    check({coarse_state(40, items, factors), candidates, seen}, 10, 0);
    check({random_state(40, items, factors), candidates, seen}, 10, 2e-5f);
  }
}

// Lists grow at every step, whichever order the items are in.
TEST_P(TopKSessionTest, ScoresThatRiseOrFall) {
  const Index items = 1500;
  for (const float sign : {1.0f, -1.0f}) {
    MfState state = make_state(3, items, 4, false, [] { return 0.5f; });
    for (std::size_t i = 0; i < static_cast<std::size_t>(items); ++i) {
      for (std::size_t f = 0; f < 4; ++f) {
        state.item_factors[i * 4 + f] = sign * static_cast<float>(i) / 64;
      }
    }
    // Half of the users like what the others dislike.
    for (std::size_t f = 0; f < 4; ++f) state.user_factors[4 + f] = -0.5f;
    check({state, test::first_indices(items), {}}, 10, 0);
  }
}

TEST_P(TopKSessionTest, SmallAndLargeMagnitudes) {
  const Dataset seen = test::random_dataset(40, 300, 3000, 3);
  for (const float scale : {1e-20f, 1e-6f, 1e6f, 1e15f}) {
    SCOPED_TRACE(scale);
    Problem problem{random_state(40, 300, 32, false, scale), test::first_indices(300), seen};
    problem.state.mean = 0;
    check(problem, 10, 2e-5f * scale * scale);
    // Dot products that vanish beside the rest of the scores, or the other way round.
    MfState biased = random_state(40, 300, 32, true, 1);
    for (float& value : biased.user_factors) value *= scale;
    for (float& value : biased.item_factors) value *= scale;
    check({biased, test::first_indices(300), seen}, 10, 2e-5f * (1 + scale * scale));
  }
  // Users and items of very different magnitude.
  MfState mixed = random_state(40, 300, 32, false);
  for (std::size_t at = 0; at < mixed.user_factors.size(); ++at) {
    mixed.user_factors[at] *= std::pow(10.0f, static_cast<float>(at / 32 % 9) - 4);
  }
  for (std::size_t at = 0; at < mixed.item_factors.size(); ++at) {
    mixed.item_factors[at] *= std::pow(10.0f, static_cast<float>(at / 32 % 7) - 3);
  }
  const Problem problem{mixed, test::first_indices(300), seen};
  const auto users = test::first_indices(40);
  const TopK top = open(problem)->query(users, 10);
  for (const Index user : users) {
    // Of a user whose scores are all small, small differences count.
    float largest = 0;
    for (const auto& [score, item] : problem.best(user, 300)) {
      if (item != kNone) largest = std::max(largest, std::abs(score - mixed.mean));
    }
    const auto begin = static_cast<std::ptrdiff_t>(user) * 10;
    const TopK one{1,
                   10,
                   {top.index.begin() + begin, top.index.begin() + begin + 10},
                   {top.score.begin() + begin, top.score.begin() + begin + 10}};
    expect_best(problem, {&user, 1}, 10, one, 2e-5f * largest + 1e-6f);
  }
}

TEST_P(TopKSessionTest, UsersWhoHaveSeenEverything) {
  std::vector<test::Rating> ratings;
  for (Index i = 0; i < 300; ++i) ratings.push_back({1, i, 3});
  for (Index i = 0; i < 295; ++i) ratings.push_back({2, i, 3});
  ratings.push_back({0, 7, 3});
  check({coarse_state(3, 300, 8), test::first_indices(300), test::make_dataset(3, 300, ratings)},
        10, 0);
}

TEST_P(TopKSessionTest, ARowDoesNotDependOnTheOthers) {
  const Index users = GetParam().slow ? 150 : 700;
  const Problem problem{random_state(users, 333, 17), test::first_indices(333),
                        test::random_dataset(users, 333, users * 30, 3)};
  const auto session = open(problem);
  const auto rows = test::first_indices(users);
  const TopK all = session->query(rows, 20);
  for (const std::size_t batch : {7u, 128u, 250u}) {
    TopK parts;
    for (std::size_t first = 0; first < rows.size(); first += batch) {
      const TopK part =
          session->query(std::span(rows).subspan(first, std::min(batch, rows.size() - first)), 20);
      parts.index.insert(parts.index.end(), part.index.begin(), part.index.end());
      parts.score.insert(parts.score.end(), part.score.begin(), part.score.end());
    }
    EXPECT_TRUE(same(all, parts)) << "batches of " << batch;
  }
}

TEST_P(TopKSessionTest, TakesUsersInAnyOrderAndMoreThanOnce) {
  const Problem problem{random_state(30, 50, 8), test::first_indices(50), {}};
  const auto session = open(problem);
  const TopK all = session->query(test::first_indices(30), 3);
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
  const Problem problem{random_state(13, 100, 0, false), test::first_indices(100), {}};
  const TopK top = open(problem)->query(test::first_indices(13), 4);
  for (std::size_t r = 0; r < 13; ++r) {
    EXPECT_EQ(std::vector<Index>(top.index.begin() + static_cast<std::ptrdiff_t>(r) * 4,
                                 top.index.begin() + static_cast<std::ptrdiff_t>(r) * 4 + 4),
              (std::vector<Index>{0, 1, 2, 3}));
  }
}

TEST_P(TopKSessionTest, WithoutExclusionsAndWithoutCandidates) {
  const Problem few{random_state(2, 40, 4), {3, 39}, {}};
  check(few, 5, 2e-5f);
  const Problem none{random_state(2, 40, 4), {}, {}};
  const TopK top = open(none)->query(test::first_indices(2), 5);
  EXPECT_EQ(std::count(top.index.begin(), top.index.end(), kNone), 10);
}

// As a large catalogue has them: many steps, long rows of seen items, scores in a dense range.
TEST_P(TopKSessionTest, AgreesWithTheDefinitionOnManyUsersAndItems) {
  const Index users = GetParam().slow ? 64 : 2000;
  const Index items = GetParam().slow ? 1000 : 5000;
  check({random_state(users, items, 64), test::first_indices(items),
         test::random_dataset(users, items, users * 100, 3)},
        10, 2e-5f);
}

INSTANTIATE_TEST_SUITE_P(Backends, TopKSessionTest, testing::ValuesIn(test::topk_backends()),
                         [](const auto& test) { return test.param.name; });

TEST(TopKThreads, DoNotChangeAList) {
  const Problem problem{random_state(700, 333, 17), test::first_indices(333),
                        test::random_dataset(700, 333, 20'000, 3)};
  const auto lists = [&](int threads) {
    return make_cpu_backend(threads)
        ->open_dot(problem.state, problem.candidates, problem.exclude())
        ->query(test::first_indices(700), 20);
  };
  const TopK all = lists(1);
  for (const int threads : {2, 5}) EXPECT_TRUE(same(all, lists(threads))) << threads << " threads";
}

class TopKKernels : public testing::TestWithParam<KernelSet> {};

TEST_P(TopKKernels, GiveTheListsOfTheOthers) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  const MfState state = random_state(300, 500, 64);
  const auto candidates = test::first_indices(500);
  const auto lists = [&](const CpuKernels& kernels) {
    return make_cpu_backend(2, kernels)
        ->open_dot(state, candidates, {})
        ->query(test::first_indices(300), 50);
  };
  EXPECT_TRUE(same(lists(*GetParam().kernels), lists(*test::fused_kernel_sets().front().kernels)));
}

// Which scores pass hangs on their last bits; lists show those of score() instead.
TEST_P(TopKKernels, GiveTheScoresOfTheOthers) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  constexpr int kFactors = 77;
  constexpr int kGroups = 2;
  RandomSequence random(1, 0);
  const auto draw = [&] { return static_cast<float>(random.below(2001)) / 1000 - 1; };
  PanelRow bias;
  std::vector<PanelRow> items(kFactors);
  std::vector<GroupRow> users(kGroups * kFactors);
  for (float& value : bias.item) value = draw();
  for (PanelRow& row : items) {
    for (float& value : row.item) value = draw();
  }
  for (GroupRow& row : users) {
    for (float& value : row.user) value = draw();
  }
  const auto passing = [&](const CpuKernels& kernels) {
    const std::vector<float> threshold(kGroups * kGroupUsers, -2.0f);
    std::vector<Passing> found(kGroups * kGroupUsers * kPanelItems);
    found.resize(kernels.score_panel(bias, items.data(), users.data(), kFactors, kGroups,
                                     threshold.data(), found.data()));
    std::vector<std::tuple<int, int, float>> sorted;
    for (const Passing& p : found) sorted.emplace_back(p.user, p.item, p.score);
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  };
  const auto expected = passing(*test::fused_kernel_sets().front().kernels);
  EXPECT_GT(expected.size(), 100u);
  EXPECT_LT(expected.size(), std::size_t{kGroups * kGroupUsers * kPanelItems});
  EXPECT_EQ(passing(*GetParam().kernels), expected);
}

INSTANTIATE_TEST_SUITE_P(Fused, TopKKernels, testing::ValuesIn(test::fused_kernel_sets()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

}  // namespace
}  // namespace tusk
