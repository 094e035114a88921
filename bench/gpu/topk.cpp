// Times top-K search on a GPU for a catalogue of the size of MovieLens 25M and prints a table.
//
// Factors are normal, item biases fall with popularity, and what users have seen follows a Zipf
// law, all made here: the time does not depend on a training. The GPU's time is that of its kernels
// with everything in its memory, by events; the other one is that of query(), with its copies.
// Medians of some after one that does not count. The arithmetic is 2 * users * items * factors.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/cuda_module.hpp"
#include "cuda/topk_plan.hpp"
#include "support/philox.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using tusk::Index;

constexpr Index kUsers = 162'541;
constexpr Index kItems = 59'047;
constexpr std::int64_t kSeen = 25'000'095;
constexpr int kRuns = 9;

// Twelve uniform numbers less their mean are normal enough.
class Normal {
 public:
  float operator()(float deviation) {
    float sum = -6;
    for (int n = 0; n < 12; ++n) sum += static_cast<float>(random_.below(1 << 20)) / (1 << 20);
    return sum * deviation;
  }

 private:
  tusk::RandomSequence random_{5, 5};
};

// Scores of a user spread by about 0.5 around the bias, as those of trained models do.
tusk::MfState make_state(int factors) {
  Normal normal;
  tusk::MfState state;
  state.users = kUsers;
  state.items = kItems;
  state.factors = factors;
  state.mean = 3.5f;
  const float deviation = std::sqrt(0.5f / std::sqrt(static_cast<float>(factors)));
  const auto fill = [&](std::vector<float>& values, Index rows, int columns, float of_value) {
    values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    for (float& value : values) value = normal(of_value);
  };
  fill(state.user_factors, kUsers, factors, deviation);
  fill(state.item_factors, kItems, factors, deviation);
  fill(state.user_bias, kUsers, 1, 0.4f);
  fill(state.item_bias, kItems, 1, 0.3f);
  for (std::size_t i = 0; i < state.item_bias.size(); ++i) {
    state.item_bias[i] += 0.5f - 0.08f * std::log1p(static_cast<float>(i));
  }
  return state;
}

struct Seen {
  std::vector<std::int64_t> offset;
  std::vector<Index> item;

  tusk::CsrView view() const { return {offset, item, {}, kItems}; }
};

// Item n is seen about as often as 1 / (n + 50).
Seen make_seen() {
  constexpr double kShift = 50;
  tusk::RandomSequence random(6, 6);
  Seen seen;
  seen.offset.push_back(0);
  const double range = std::log((kItems + kShift) / kShift);
  for (Index user = 0; user < kUsers; ++user) {
    const std::int64_t end = kSeen * (user + 1) / kUsers;
    const auto begin = static_cast<std::ptrdiff_t>(seen.item.size());
    while (static_cast<std::int64_t>(seen.item.size()) < end) {
      const double uniform = static_cast<double>(random.below(1 << 30)) / (1 << 30);
      const auto item = static_cast<Index>(kShift * std::exp(uniform * range) - kShift);
      seen.item.push_back(std::min(item, kItems - 1));
    }
    std::sort(seen.item.begin() + begin, seen.item.end());
    seen.item.erase(std::unique(seen.item.begin() + begin, seen.item.end()), seen.item.end());
    seen.offset.push_back(static_cast<std::int64_t>(seen.item.size()));
  }
  return seen;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Lists of some users that are not those of the CPU by score.
int different_lists(const tusk::TopK& gpu, const tusk::MfState& state,
                    std::span<const Index> candidates, tusk::CsrView seen, int k) {
  constexpr std::size_t kCompared = 500;
  std::vector<Index> users;
  for (std::size_t u = 0; u < kCompared; ++u) users.push_back(static_cast<Index>(u * 325));
  const auto cpu = tusk::make_cpu_backend(0);
  const tusk::TopK expected = cpu->open_dot(state, candidates, seen)->query(users, k);
  const auto width = static_cast<std::size_t>(k);
  int different = 0;
  for (std::size_t u = 0; u < kCompared; ++u) {
    bool same = true;
    for (std::size_t r = 0; r < width; ++r) {
      const float found = gpu.score[static_cast<std::size_t>(users[u]) * width + r];
      same = same && std::abs(found - expected.score[u * width + r]) <= 1e-5f;
    }
    different += same ? 0 : 1;
  }
  return different;
}

void time_search(const Seen& seen, int factors, std::span<const int> lengths) {
  const tusk::MfState state = make_state(factors);
  std::vector<Index> users(kUsers);
  std::vector<Index> items(kItems);
  std::iota(users.begin(), users.end(), 0);
  std::iota(items.begin(), items.end(), 0);
  const auto device = tusk::cuda_module().module->open(0);
  const auto plan = tusk::plan_dot(state, items, seen.view(), device->free_memory(), device->gpu());
  const auto session = device->open_dot(plan);
  for (const int k : lengths) {
    std::vector<double> search;
    std::vector<double> query;
    tusk::TopK top;
    std::size_t undecided = 0;
    for (int run = 0; run <= kRuns; ++run) {
      const auto start = Clock::now();
      top = {kUsers, k, std::vector<Index>(users.size() * static_cast<std::size_t>(k)),
             std::vector<float>(users.size() * static_cast<std::size_t>(k))};
      undecided = session->query(users, k, top).size();
      const std::chrono::duration<double, std::milli> passed = Clock::now() - start;
      if (run == 0) continue;
      search.push_back(session->search_milliseconds());
      query.push_back(passed.count());
    }
    const double operations = 2.0 * kUsers * kItems * factors;
    fmt::print("| {} | {} | {:.2f} | {:.1f} | {:.2f} | {} | {} |\n", factors, k, median(search),
               operations / median(search) / 1e9, median(query), undecided,
               different_lists(top, state, items, seen.view(), k));
    std::fflush(stdout);
  }
}

}  // namespace

int main() try {
  const tusk::CudaStatus status = tusk::probe_cuda(0);
  if (!status.usable) {
    fmt::print(stderr, "error: {}\n", status.reason);
    return 1;
  }
  const Seen seen = make_seen();
  fmt::print("{} users, {} items, {} seen\n\n", kUsers, kItems, seen.item.size());
  fmt::print(
      "| factors | k | ms on the GPU | TFLOP/s | ms of a query | left to the CPU | "
      "lists of 500 that differ |\n|---|---|---|---|---|---|---|\n");
  const std::vector<int> lengths = {10, 100, 1000};
  time_search(seen, 64, lengths);
  time_search(seen, 128, std::span(lengths).first(2));
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
