// What the tests of searches share.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/search.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {

inline Candidate mf(int factors, float learning_rate, int epochs) {
  MfOptions options;
  options.factors = factors;
  options.learning_rate = learning_rate;
  options.bias_learning_rate = 0.01f;
  options.init_std = 0.1f;
  options.epochs = epochs;
  return {options, {}};
}

// Whose number of epochs is sought.
inline Candidate seeking(int factors, float learning_rate) {
  Candidate candidate = mf(factors, learning_rate, 200);
  candidate.options.as<MfOptions>().early_stop = 4;
  return candidate;
}

inline Candidate of_kind(std::string_view kind) { return {TrainOptions(kind), {}}; }

inline void expect_same(const Trial& a, const Trial& b) {
  EXPECT_EQ(a.candidate, b.candidate);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.cut, b.cut);
  ASSERT_EQ(a.folds.size(), b.folds.size());
  for (std::size_t f = 0; f < a.folds.size(); ++f) {
    EXPECT_EQ(a.folds[f].errors.squared, b.folds[f].errors.squared);
    EXPECT_EQ(a.folds[f].errors.absolute, b.folds[f].errors.absolute);
    ASSERT_EQ(a.folds[f].lists.has_value(), b.folds[f].lists.has_value());
    if (!a.folds[f].lists) continue;
    EXPECT_EQ(a.folds[f].lists->ndcg, b.folds[f].lists->ndcg);
  }
}

inline void expect_same(const std::vector<Trial>& a, const std::vector<Trial>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t t = 0; t < a.size(); ++t) expect_same(a[t], b[t]);
}

class SearchTest : public testing::Test {
 protected:
  std::vector<Trial> search(const std::vector<Candidate>& candidates,
                            const SearchOptions& options = {}, const Observer& observer = {},
                            std::span<const Trial> known = {}, const OnTrials& on_trials = {}) {
    return tusk::search(*backend_, data_, folds_, candidates, known, options, on_trials, observer);
  }

  std::vector<FoldResult> cross_validated(const Candidate& candidate, int epochs,
                                          const std::optional<RankingOptions>& ranking = {}) {
    TrainOptions options = candidate.options;
    if (options.algorithm().capabilities.has_epochs) {
      options.set("epochs", std::int64_t{epochs});
      options.set("early-stop", std::int64_t{0});
    }
    return cross_validate(*backend_, data_, folds_, options, {}, ranking);
  }

  const Dataset data_ = random_dataset(120, 80, 4'000, 3);
  Partition folds_ = make_folds(data_, parse_folds("3"), 1);
  std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

}  // namespace tusk::test
