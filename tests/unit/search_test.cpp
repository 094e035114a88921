// Searching for settings.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <tusk/error.hpp>

#include "backend/als_session.hpp"
#include "backend/backend.hpp"
#include "backend/bayes_session.hpp"
#include "backend/neural_session.hpp"
#include "tests/unit/search_fixture.hpp"

namespace tusk::test {
namespace {

// The CPU, as a backend with two trainers, of which it takes one for more than 6 models.
class TwoTrainers : public Backend {
 public:
  std::vector<MfTrainer> used;  // of each session

  std::string_view name() const override { return "two trainers"; }
  std::string_view bits() const override { return cpu_->bits(); }
  MfTrainer choose_trainer(const MfProblem& problem) override {
    return problem.fits.size() > 6 ? MfTrainer::side_by_side : MfTrainer::one_by_one;
  }
  MfMemory plan_mf(const MfProblem& problem) override { return cpu_->plan_mf(problem); }
  std::int64_t models_at_once(const MfProblem&) override { return 9; }
  std::unique_ptr<MfSession> open_mf(const MfProblem& problem) override {
    used.push_back(problem.trainer);
    return cpu_->open_mf(problem);
  }
  MfMemory plan_als(const AlsProblem& problem) override { return cpu_->plan_als(problem); }
  const NetworkKernels& network_kernels() const override { return cpu_->network_kernels(); }
  MfMemory plan_neural(const NeuralProblem& problem) override { return cpu_->plan_neural(problem); }
  std::unique_ptr<NeuralSession> open_neural(const NeuralProblem& problem) override {
    return cpu_->open_neural(problem);
  }
  MfMemory plan_bayes(const BayesProblem& problem) override { return cpu_->plan_bayes(problem); }
  std::unique_ptr<BayesSession> open_bayes(const BayesProblem& problem) override {
    return cpu_->open_bayes(problem);
  }
  std::unique_ptr<AlsSession> open_als(const AlsProblem& problem) override {
    return cpu_->open_als(problem);
  }
  std::unique_ptr<DotTopKSession> open_dot(const MfState& state, std::span<const Index> candidates,
                                           CsrView exclude) override {
    return cpu_->open_dot(state, candidates, exclude);
  }
  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem) override {
    return cpu_->open_similar(problem);
  }
  std::unique_ptr<NeighbourSession> open_table(const NeighbourTable& table, CsrView columns,
                                               std::span<const float> deviation) override {
    return cpu_->open_table(table, columns, deviation);
  }

 private:
  std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
};

// A trial is what cross-validation with the same settings gives.
TEST_F(SearchTest, ScoresAreThoseOfCrossValidation) {
  const std::vector<Candidate> candidates = {mf(4, 0.02f, 7), mf(20, 0.01f, 12), seeking(8, 0.03f),
                                             of_kind("bias"), of_kind("item-knn")};
  const auto trials = search(candidates);
  ASSERT_EQ(trials.size(), candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    EXPECT_EQ(trials[c].candidate, c);
    const int epochs = candidates[c].options.model() == "mf" ? trials[c].epochs : 1;
    const auto folds = cross_validated(candidates[c], epochs);
    ASSERT_EQ(trials[c].folds.size(), 3u);
    for (std::size_t f = 0; f < 3; ++f) {
      EXPECT_EQ(trials[c].folds[f].errors.count, folds[f].metrics.all.count);
      EXPECT_NEAR(trials[c].folds[f].errors.rmse(), folds[f].metrics.all.rmse(), 1e-6) << c;
      EXPECT_NEAR(trials[c].folds[f].errors.mae(), folds[f].metrics.all.mae(), 1e-6) << c;
    }
  }
  EXPECT_EQ(trials[0].epochs, 7);
  EXPECT_EQ(trials[1].epochs, 12);
  EXPECT_EQ(trials[3].epochs, 0);
}

TEST_F(SearchTest, EpochsThatAreWatchedAreThoseOfTrainingsOfTheirOwn) {
  std::vector<Candidate> together;
  for (const int epochs : {9, 3, 6, 3}) together.push_back(mf(8, 0.02f, epochs));
  Observer observer;
  std::vector<int> epochs_shown;
  observer.on_search = [&](const SearchProgress& p) { epochs_shown.push_back(p.epoch); };
  const auto trials = search(together, {}, observer);
  EXPECT_EQ(epochs_shown, (std::vector<int>{3, 6, 9})) << "one training";
  for (std::size_t c = 0; c < together.size(); ++c) {
    Trial alone = search({together[c]})[0];
    alone.candidate = c;
    expect_same(trials[c], alone);
    EXPECT_EQ(trials[c].curve.size(),
              static_cast<std::size_t>(together[c].options.as<MfOptions>().most_epochs()));
    EXPECT_TRUE(trials[c].curve.back().validation_rmse);
  }
}

// The epoch is that with the lowest mean over folds, and no fold has one of its own.
TEST_F(SearchTest, SoughtEpochsAreTheBestOfTheMeanCurve) {
  const Trial trial = search({seeking(16, 0.05f)})[0];
  int best = 0;
  double lowest = std::numeric_limits<double>::infinity();
  for (const CurvePoint& point : trial.curve) {
    ASSERT_TRUE(point.validation_rmse);
    if (*point.validation_rmse < lowest) {
      lowest = *point.validation_rmse;
      best = point.epoch;
    }
  }
  EXPECT_EQ(trial.epochs, best);
  EXPECT_EQ(trial.curve.size(), static_cast<std::size_t>(best) + 4) << "until patience ended";
  EXPECT_NEAR(score(fold_values({}, trial)).mean, lowest, 1e-12);
  SearchOptions by_mae;
  by_mae.metric.kind = Metric::Kind::mae;
  const Trial other = search({seeking(16, 0.05f)}, by_mae)[0];
  const auto folds = cross_validated(seeking(16, 0.05f), other.epochs);
  const auto earlier = cross_validated(seeking(16, 0.05f), other.epochs - 1);
  const auto mae = [](const std::vector<FoldResult>& results) {
    double sum = 0;
    for (const FoldResult& fold : results) sum += fold.metrics.all.mae();
    return sum;
  };
  EXPECT_LT(mae(folds), mae(earlier));
}

TEST_F(SearchTest, NeitherThreadsNorOtherTrialsChangeATrial) {
  std::vector<Candidate> candidates;
  for (int c = 0; c < 40; ++c) {
    candidates.push_back(c % 2 == 0 ? seeking(3 + c, 0.03f) : mf(3 + c, 0.02f, 5 + c % 3));
  }
  const auto two = search(candidates);
  backend_ = make_cpu_backend(5);
  expect_same(two, search(candidates));
  backend_ = make_cpu_backend(1);
  Trial alone = search({candidates[30]})[0];
  alone.candidate = 30;
  expect_same(two[30], alone);
}

TEST_F(SearchTest, ADivergedTrialIsMarkedAndTheOthersGoOn) {
  const auto wild = [](Candidate candidate) {
    candidate.options.as<MfOptions>().regularization = 0;
    return candidate;
  };
  const auto trials = search({mf(8, 0.02f, 6), wild(mf(8, 50, 6)), wild(seeking(8, 60)),
                              wild(mf(8, 50, 4)), seeking(4, 0.03f)});
  EXPECT_FALSE(trials[0].folds.empty());
  for (const std::size_t bad : {1u, 2u, 3u}) EXPECT_TRUE(trials[bad].folds.empty()) << bad;
  EXPECT_FALSE(trials[4].folds.empty());
  const auto ranked = rank_trials({}, trials);
  ASSERT_EQ(ranked.size(), 2u);
  expect_same(trials[0], search({mf(8, 0.02f, 6)})[0]);
}

TEST_F(SearchTest, KnownTrialsAreNotTriedAgain) {
  const std::vector<Candidate> candidates = {mf(4, 0.02f, 5), seeking(6, 0.03f), of_kind("bias"),
                                             mf(4, 0.02f, 3)};
  const auto all = search(candidates);
  for (const std::vector<std::size_t>& kept : {std::vector<std::size_t>{0, 2}, {1}, {3, 0}, {}}) {
    std::vector<Trial> known;
    for (const std::size_t t : kept) known.push_back(all[t]);
    std::size_t fresh = 0;
    const auto count = [&](std::span<const Trial> trials) { fresh += trials.size(); };
    expect_same(search(candidates, {}, {}, known, count), all);
    EXPECT_EQ(fresh, candidates.size() - kept.size());
  }
  Trial foreign = all[0];
  foreign.candidate = 9;
  EXPECT_THROW(search(candidates, {}, {}, {{foreign}}), UsageError);
  foreign.candidate = 0;
  foreign.folds.pop_back();
  EXPECT_THROW(search(candidates, {}, {}, {{foreign}}), UsageError);
}

// Stopped anywhere, and taken up again with what had ended.
TEST_F(SearchTest, GoesOnFromWhereItWasStopped) {
  std::vector<Candidate> candidates;
  for (int c = 0; c < 30; ++c) candidates.push_back(seeking(2 + c, 0.03f));
  candidates.push_back(of_kind("bias"));
  candidates.push_back(of_kind("user-knn"));
  for (const bool halving : {false, true}) {
    if (halving) {
      candidates.resize(30);
      for (Candidate& candidate : candidates) candidate.options.as<MfOptions>().early_stop = 60;
    }
    SearchOptions options;
    options.halving = halving;
    int asked = 0;
    Observer counting;
    counting.should_stop = [&] { return ++asked < 0; };
    const auto whole = search(candidates, options, counting);
    ASSERT_GT(asked, 6);
    for (int last = 1; last < asked; last += 1 + asked / 9) {
      std::vector<Trial> known;
      Observer observer;
      int now = 0;
      observer.should_stop = [&] { return ++now >= last; };
      search(candidates, options, observer, {}, [&](std::span<const Trial> trials) {
        known.insert(known.end(), trials.begin(), trials.end());
      });
      EXPECT_LT(known.size(), whole.size());
      expect_same(search(candidates, options, {}, known), whole);
    }
  }
}

TEST_F(SearchTest, ALongTrainingStopsWhenAskedAndLeavesWhatHasEnded) {
  int asked = 0;
  Observer observer;
  observer.should_stop = [&] { return ++asked > 2; };
  const auto trials = search({mf(2, 0.001f, 1), mf(2, 0.001f, 100'000)}, {}, observer);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_EQ(trials[0].candidate, 0u);
  EXPECT_FALSE(trials[0].folds.empty());
}

TEST_F(SearchTest, ListsAreJudgedAsByCrossValidation) {
  SearchOptions options;
  options.metric = parse_metric("ndcg@5");
  options.ranking.relevance = 3;
  std::vector<Candidate> candidates = {mf(8, 0.02f, 4),   mf(8, 0.02f, 8),     mf(8, 0.02f, 8),
                                       seeking(8, 0.04f), of_kind("item-knn"), of_kind("item-knn")};
  candidates[2].order.prior = {20, {}};
  candidates[5].order.by = RankBy::sum;
  const auto trials = search(candidates, options);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    RankingOptions ranking = options.ranking;
    ranking.k = 5;
    ranking.order = candidates[c].order;
    const auto folds = cross_validated(candidates[c], std::max(trials[c].epochs, 1), ranking);
    for (std::size_t f = 0; f < 3; ++f) {
      EXPECT_EQ(trials[c].folds[f].lists->ndcg, folds[f].ranking->mean.ndcg) << c;
    }
  }
  EXPECT_NE(score(fold_values(options.metric, trials[1])).mean,
            score(fold_values(options.metric, trials[2])).mean);
  options.ranking.relevance = 100;
  EXPECT_THROW(search(candidates, options), InputError) << "nobody likes anything";
}

// Whatever is set aside has no influence: change it, and the search stays the same.
TEST_F(SearchTest, NeverLooksAtTheTestPart) {
  FoldsSpec spec = parse_folds("3");
  spec.test_fraction = 0.3;
  folds_ = make_folds(data_, spec, 2);
  const std::vector<Candidate> candidates = {seeking(6, 0.03f), of_kind("bias"),
                                             of_kind("user-knn")};
  const auto trials = search(candidates);
  Dataset changed = data_;
  for (std::size_t at = 0; at < data_.rating.size(); ++at) {
    if (folds_.test.test(folds_.label[at])) changed.rating[at] = 6 - data_.rating[at];
  }
  expect_same(trials, tusk::search(*backend_, changed, folds_, candidates, {}, {}));
}

TEST_F(SearchTest, RefusesCandidatesOutOfRange) {
  EXPECT_THROW(search({mf(0, 0.02f, 5)}), UsageError);
  EXPECT_THROW(search({mf(4, -1, 5)}), UsageError);
  EXPECT_THROW(search({mf(4, 0.02f, 0)}), UsageError);
  int tried = 0;
  Observer observer;
  observer.on_search = [&](const SearchProgress&) { ++tried; };
  Candidate product = mf(4, 3, 5);
  product.options.as<MfOptions>().regularization = 0.5f;
  EXPECT_THROW(search({mf(4, 0.02f, 3), product}, {}, observer), UsageError);
  EXPECT_EQ(tried, 0) << "before anything is trained";
  Candidate sum = mf(4, 0.02f, 5);
  sum.order.by = RankBy::sum;
  EXPECT_THROW(search({sum}), UsageError);
  EXPECT_TRUE(search({}).empty());
}

// However few models are left, by sessions that are full or by trials that are known.
TEST_F(SearchTest, AllModelsAreTrainedByTheTrainerOfTheFirst) {
  const std::vector<Candidate> candidates = {mf(2, 0.01f, 1), mf(3, 0.01f, 1), mf(4, 0.01f, 1),
                                             mf(5, 0.01f, 1)};
  TwoTrainers backend;
  std::vector<MfTrainer> told;
  Observer observer;
  observer.on_search = [&](const SearchProgress& progress) { told.push_back(progress.trainer); };
  const auto trials = tusk::search(backend, data_, folds_, candidates, {}, {}, {}, observer);
  const std::vector<MfTrainer> twice = {MfTrainer::side_by_side, MfTrainer::side_by_side};
  EXPECT_EQ(backend.used, twice) << "9 models, and then 3";
  EXPECT_GE(told.size(), 2u);
  for (const MfTrainer trainer : told) EXPECT_EQ(trainer, MfTrainer::side_by_side);
  backend.used.clear();
  tusk::search(backend, data_, folds_, candidates, {trials.data(), 3}, {}, {}, observer);
  EXPECT_EQ(backend.used, std::vector{MfTrainer::side_by_side}) << "of the last 3";
  // More trials of a search that began with few.
  SearchOptions options;
  options.trainer = MfTrainer::one_by_one;
  backend.used.clear();
  tusk::search(backend, data_, folds_, candidates, {}, options, {}, observer);
  EXPECT_EQ(backend.used.front(), MfTrainer::one_by_one);
  EXPECT_EQ(told.back(), MfTrainer::one_by_one);
}

}  // namespace
}  // namespace tusk::test
