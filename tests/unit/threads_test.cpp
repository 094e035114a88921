// Predictors and recommenders used by many threads at a time: under ThreadSanitizer a data race is
// an error, and everywhere the results must be those of one thread.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cpu/kernels.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/options.hpp"

namespace tusk {
namespace {

constexpr Index kServed = 40;
constexpr int kThreads = 8;

class Threads : public testing::TestWithParam<std::string> {
 protected:
  const Dataset data_ = test::random_dataset(kServed, 60, 900, 3);
  std::atomic<bool> stop_ = false;
  std::unique_ptr<Backend> backend_ =
      make_cpu_backend(3, cpu_kernels(), [this] { return stop_.load(); });
  const Model model_ = train(
      *backend_, data_,
      test::options_of(GetParam(), {{"factors", std::int64_t{4}}, {"epochs", std::int64_t{3}}}));

  static void each_thread(const std::function<void(int)>& work) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) threads.emplace_back([&work, t] { work(t); });
  }
};

TEST_P(Threads, GetThePredictionsAndListsOfOne) {
  const auto predictor = model_.open(*backend_);
  const Recommender recommender(*backend_, model_);
  const std::vector<Index> users = test::first_indices(kServed);
  const std::vector<Index> items(users.size(), 7);
  const auto predictions = predictor->predict(users, items);
  const auto lists = recommender.recommend(users, 5);
  const TopK top = recommender.top_k(users, 5);
  each_thread([&](int t) {
    for (int round = 0; round < 5; ++round) {
      const auto again = predictor->predict(users, items);
      for (std::size_t u = 0; u < users.size(); ++u) {
        EXPECT_EQ(again[u].score, predictions[u].score);
      }
      const auto user = static_cast<std::size_t>(t * 5 + round) % users.size();
      const auto list = recommender.recommend(data_.users.id(users[user]), 5);
      ASSERT_EQ(list.size(), lists[user].size());
      for (std::size_t r = 0; r < list.size(); ++r) EXPECT_EQ(list[r].item, lists[user][r].item);
      EXPECT_EQ(recommender.top_k(users, 5).index, top.index);
    }
  });
}

TEST_P(Threads, AreInterruptedTogetherAndGoOn) {
  const auto predictor = model_.open(*backend_);
  const Recommender recommender(*backend_, model_);
  const std::vector<Index> users = test::first_indices(kServed);
  const std::vector<Index> items(users.size(), 3);
  std::atomic<int> interrupted = 0;
  each_thread([&](int t) {
    for (int round = 0; round < 20; ++round) {
      if (t == 0) stop_ = round % 2 == 0;
      try {
        predictor->predict(users, items);
        recommender.recommend(users, 3);
      } catch (const Interrupted&) {
        ++interrupted;
      }
    }
    if (t == 0) stop_ = false;
  });
  EXPECT_GT(interrupted, 0);
  EXPECT_EQ(predictor->predict(users, items).size(), users.size());
}

std::vector<std::string> every_model() {
  std::vector<std::string> names;
  for (const AlgorithmInfo* model : algorithms()) names.push_back(model->name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, Threads, testing::ValuesIn(every_model()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tusk
