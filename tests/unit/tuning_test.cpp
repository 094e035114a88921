#include <algorithm>

#include <tusk/comparison.hpp>
#include <tusk/report.hpp>
#include <tusk/tuning.hpp>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/search_fixture.hpp"

namespace tusk {
namespace {

class TuningTest : public test::SearchTest {
 protected:
  Tuning tuning(TuningOptions options, std::vector<Partition> parts = {}) {
    if (parts.empty()) parts = {folds_};
    TrainOptions base = test::mf(4, 0.02f, 2).options;
    return {*backend_, data_, CandidateParser(base, {}, {}), std::move(parts), std::move(options)};
  }

  static TuningOptions grid(const char* range) {
    TuningOptions options;
    options.trials.space.add(ParameterRange(range));
    options.trials.grid = true;
    return options;
  }
};

TEST_F(TuningTest, NeedsTrialsAndFolds) {
  TuningOptions options;
  options.trials.trials = 0;
  EXPECT_THROW(tuning(options), UsageError);
  EXPECT_THROW(Tuning(*backend_, data_, CandidateParser(test::mf(4, 0.02f, 2).options, {}, {}), {},
                      grid("factors=2,3")),
               UsageError);
}

TEST_F(TuningTest, GoesOnFromItsState) {
  const test::TempFolder folder;
  TuningOptions options;
  ParameterRange factors("factors=2..9");
  factors.make_integer();
  options.trials.space.add(factors);
  options.trials.trials = 2;
  options.state = folder.path() / "state.jsonl";
  std::size_t known = 0;
  std::size_t added = 0;
  const auto on_trials = [&](const SearchOutcome&, std::span<const Trial> trials, bool resumed) {
    (resumed ? known : added) += trials.size();
  };
  tuning(options).search(0, on_trials);
  EXPECT_EQ(known, 0u);
  EXPECT_EQ(added, 2u);

  options.trials.trials = 5;
  const SearchOutcome resumed = tuning(options).search(0, on_trials);
  EXPECT_EQ(known, 2u);
  EXPECT_EQ(added, 5u);
  TuningOptions anew = options;
  anew.state.clear();
  const SearchOutcome whole = tuning(anew).search(0);
  test::expect_same(resumed.trials, whole.trials);
  EXPECT_EQ(resumed.best_options, whole.best_options);

  options.seed = 2;
  EXPECT_THROW(tuning(options), ParameterError) << "it is the state of another search";
}

TEST_F(TuningTest, TheBestIsTrainedAgainAndMeasuredOnTheTestPart) {
  FoldsSpec spec = parse_folds("3");
  spec.test_fraction = 0.2;
  Tuning search = tuning(grid("factors=2,4"), {make_folds(data_, spec, 1)});
  SearchOutcome outcome = search.search(0);
  EXPECT_FALSE(outcome.test_score());
  search.measure_folds(outcome, false);
  const Model model = search.train_best(outcome);
  EXPECT_EQ(outcome.best_folds.size(), 3u);
  EXPECT_EQ(score(fold_values({}, outcome.trial(0))).mean,
            spread(outcome.best_folds, &ErrorSums::rmse).mean);
  EXPECT_EQ(*outcome.test_score(), outcome.test->all.rmse());
  EXPECT_EQ(model.seen().item.size() + static_cast<std::size_t>(outcome.test->all.count),
            data_.rating.size());
}

TEST_F(TuningTest, EachFoldIsTheTestPartInTurn) {
  const auto parts = make_nested_folds(data_, parse_folds("3"), 1);
  ASSERT_EQ(parts.size(), 3u);
  LabelSet tests;
  for (const Partition& folds : parts) {
    EXPECT_EQ(folds.fold_count(), 2u);
    EXPECT_TRUE((tests & folds.test).none());
    tests |= folds.test;
  }
  Tuning search = tuning(grid("factors=2"), parts);
  EXPECT_EQ(search.search(2).folds.test, parts[2].test);
}

TEST_F(TuningTest, AComparisonPutsTheBestFirstAndAPageShowsIt) {
  Comparison comparison;
  comparison.folds = folds_;
  for (const char* name : {"mean", "bias"}) {
    ComparedModel& model = comparison.models.emplace_back();
    model.label = std::string(name) + "</script>";
    model.candidate = test::of_kind(name);
    model.measure(*backend_, data_, folds_, std::nullopt);
  }
  comparison.order_and_test();
  EXPECT_EQ(comparison.models[0].label, "bias</script>");
  EXPECT_GT(comparison.models[1].test.difference, 0);
  EXPECT_EQ(comparison.models[1].p, comparison.models[1].test.p) << "one test needs no correction";
  EXPECT_EQ(model_json(comparison, 1)["rank"], 2);
  Report page("a title", "a command", "cpu");
  page.add_comparison(comparison);
  const std::string html = page.html();
  EXPECT_NE(html.find("bias\\u003c/script>"), std::string::npos) << "nothing ends the script";
  EXPECT_EQ(html.find("bias</script>"), std::string::npos);
}

// The test is the wider, the larger the test part is beside the training part.
TEST_F(TuningTest, AComparisonDoesNotCountFoldedInRatingsAsTrainingRatings) {
  const FoldsSpec spec = parse_folds("users:60");
  Comparison comparison;
  comparison.metric = parse_metric("ndcg@10");
  comparison.ranking = RankingOptions();
  comparison.folds = make_folds(data_, spec, 1);
  for (const char* name : {"popular", "item-knn"}) {
    ComparedModel& model = comparison.models.emplace_back();
    model.label = name;
    model.candidate = test::of_kind(name);
    for (const std::uint64_t seed : {1, 2, 3}) {
      model.measure(*backend_, data_, make_folds(data_, spec, seed), comparison.ranking);
    }
  }
  comparison.order_and_test();
  const auto& label = comparison.folds.label;
  const auto tested = static_cast<double>(std::count(label.begin(), label.end(), Label{1}));
  const auto trained = static_cast<double>(std::count(label.begin(), label.end(), Label{0}));
  const PairedTest expected =
      paired_test(comparison.models[1].values(comparison.metric),
                  comparison.models[0].values(comparison.metric), tested / trained);
  EXPECT_DOUBLE_EQ(comparison.models[1].test.standard_error, expected.standard_error);
}

}  // namespace
}  // namespace tusk
