// Work that is asked to stop: whenever that is, it stops with Interrupted, or with what it is to
// keep, and never with a part of a result.
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/options.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

// Counts how often it is asked, and says stop from the `last`th time on.
struct Asked {
  std::atomic<int> count = 0;
  int last = 0;  // 0: never

  std::function<bool()> hook() {
    return [this] { return ++count >= last && last > 0; };
  }
};

// Calls `work` so that it is stopped the first time that it asks, the second and so on.
void stop_everywhere(const std::function<void(const std::function<bool()>&)>& work) {
  Asked never;
  work(never.hook());
  const int times = never.count;
  ASSERT_GT(times, 2);
  for (int last = 1; last <= times; last += 1 + times / 20) {
    Asked asked;
    asked.last = last;
    // With several threads it may be asked less often in another run.
    EXPECT_THROW(work(asked.hook()), Interrupted) << last << " of " << times;
  }
}

class InterruptionTest : public testing::Test {
 protected:
  static std::unique_ptr<Backend> backend(std::function<bool()> should_stop = {}) {
    return make_cpu_backend(1, cpu_kernels(), std::move(should_stop));
  }

  static TrainOptions options_of(std::string_view kind) {
    return test::options_of(kind, {{"factors", std::int64_t{8}}, {"epochs", std::int64_t{4}}});
  }

  const Dataset data_ = test::random_dataset(120, 90, 3'000, 5);
  const std::vector<Label> label_ = std::vector<Label>(data_.rating.size(), 0);
  const RatingList list_ = select_ratings(data_, label_, LabelSet().set(0));
};

TEST_F(InterruptionTest, MakingEase) {
  stop_everywhere([&](const auto& stop) { train(*backend(stop), data_, EaseOptions()); });
}

TEST_F(InterruptionTest, MakingNeighbourModels) {
  for (const std::string_view kind : {"user-knn", "item-knn"}) {
    stop_everywhere([&](const auto& stop) {
      const auto cpu = backend(stop);
      TrainOptions options = options_of(kind);
      options.set("neighbour-policy", "table");
      train(*cpu, data_, options);
    });
  }
}

TEST_F(InterruptionTest, MeasuringErrorsAndLists) {
  for (const std::string_view kind : {"mf", "user-knn", "item-knn", "ease"}) {
    const Partition split = make_split(data_, parse_split("random:0.3"), 1);
    const Model model = train(*backend(), data_, options_of(kind), split);
    const RatingList list = select_ratings(data_, split.label, split.test);
    RankingOptions sampled;
    sampled.candidates = parse_candidates("sampled:5");
    SCOPED_TRACE(kind);
    stop_everywhere([&](const auto& stop) {
      const auto cpu = backend(stop);
      evaluate(*cpu, model, list);
      evaluate_ranking(*cpu, model, list);
      evaluate_ranking(*cpu, model, list, sampled);
    });
  }
}

TEST_F(InterruptionTest, Recommending) {
  std::vector<Index> users;
  for (Index user = 0; user < data_.users.size(); ++user) users.push_back(user);
  for (const std::string_view kind : {"mf", "user-knn", "item-knn", "ease"}) {
    const Model model = train(*backend(), data_, options_of(kind));
    stop_everywhere([&](const auto& stop) {
      const auto cpu = backend(stop);
      Recommender(*cpu, model).recommend(users, 10);
    });
  }
}

TEST_F(InterruptionTest, CrossValidation) {
  const Partition folds = make_folds(data_, parse_folds("2"), 1);
  for (const std::string_view kind : {"mf", "item-knn"}) {
    stop_everywhere([&](const auto& stop) {
      cross_validate(*backend(stop), data_, folds, options_of(kind), {}, RankingOptions{});
    });
  }
}

// The epoch that it is stopped in does not count; before the end of the first there is nothing.
TEST_F(InterruptionTest, TrainingKeepsWhatItHadReached) {
  const LabelSet part = LabelSet().set(0);
  const auto fit_one = [&](const std::function<bool()>& stop, int& ended) {
    Observer observer;
    observer.on_epoch = [&](std::span<const EpochReport> reports) { ended = reports[0].epoch; };
    ended = 0;
    return fit(*backend(stop), data_, label_, {&part, 1}, options_of("mf"), observer).front();
  };
  Asked never;
  int ended = 0;
  EXPECT_FALSE(fit_one(never.hook(), ended).interrupted);
  int kept = 0;
  for (int last = 1; last <= never.count; last += 1 + never.count / 40) {
    Asked asked;
    asked.last = last;
    try {
      const FitResult result = fit_one(asked.hook(), ended);
      // Stopped after the last epoch, it is all there but its priors, which can be estimated later.
      EXPECT_TRUE(result.interrupted || (ended == 4 && result.state->priors() == nullptr));
      EXPECT_EQ(result.epochs, ended);
      if (result.epochs == 0) continue;
      ++kept;
      EXPECT_EQ(std::ssize(result.state->base().user_factors), 8 * data_.users.size());
    } catch (const Interrupted&) {
      EXPECT_EQ(ended, 0);
    }
  }
  EXPECT_GE(kept, 3);  // one for each epoch after the first
}

TEST_F(InterruptionTest, TrainingThatChoseItsEpochsKeepsTheBestModel) {
  const LabelSet part = LabelSet().set(0);
  MfOptions options = options_of("mf").as<MfOptions>();
  options.early_stop = 10;
  options.after_stop = AfterStop::best;
  const auto chosen = fit(*backend(), data_, label_, {&part, 1}, options).front();
  options.after_stop = AfterStop::refit;
  Asked never;
  int before = 0;  // how often it was asked until the refit began
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport> reports) {
    if (reports[0].phase == Phase::select) before = never.count;
  };
  fit(*backend(never.hook()), data_, label_, {&part, 1}, options, observer);
  ASSERT_GT(never.count, before + 10);
  for (int last = before + 1; last <= never.count; last += 1 + (never.count - before) / 20) {
    Asked asked;
    asked.last = last;
    const auto result = fit(*backend(asked.hook()), data_, label_, {&part, 1}, options).front();
    EXPECT_EQ(result.epochs, chosen.epochs);
    if (result.refitted) {  // after the last epoch
      EXPECT_EQ(result.state->priors(), nullptr);
      continue;
    }
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.state->base().user_factors, chosen.state->base().user_factors) << last;
  }
}

TEST_F(InterruptionTest, Reading) {
  const test::TempFolder folder;
  std::string text = "user,item,rating\n";
  for (int row = 0; row < 200'000; ++row) text += "1," + std::to_string(row) + ",3\n";
  const auto path = folder.write("ratings.csv", text);
  stop_everywhere([&](const auto& stop) {
    Observer observer;
    observer.should_stop = stop;
    read_dataset(path, {.threads = 1}, observer);
  });
}

TEST_F(InterruptionTest, WritingATwinLeavesNothing) {
  const test::TempFolder folder;
  int turn = 0;
  stop_everywhere([&](const auto& stop) {
    const auto path = folder.path() / std::to_string(turn++);
    try {
      write_synthetic(test::small_spec(), 1, path, 1, {stop});
    } catch (const Interrupted&) {
      EXPECT_FALSE(std::filesystem::exists(path));
      throw;
    }
  });
  EXPECT_GT(turn, 2);
}

}  // namespace
}  // namespace tusk
