// iALS: its loss, its fold-in, edges, interrupts, files.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/als_session.hpp"
#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "model/score.hpp"
#include "tests/support/als_params.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/hostile_model_file.hpp"
#include "train/interactions.hpp"

namespace tusk {
namespace {

IalsOptions some_options(int factors, AlsSolver solver, int epochs) {
  IalsOptions options;
  options.factors = factors;
  options.solver = solver;
  options.epochs = epochs;
  options.interactions.low_weight = 0.25f;
  return options;
}

class IalsTest : public testing::Test {
 protected:
  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const std::vector<Label> label_ = std::vector<Label>(data_.rating.size(), 0);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(IalsTest, LossIsThatOfTheDefinitionAndFalls) {
  const SparseMatrixOf weights = interactions_of_part(data_, label_, only(0), {});
  for (const AlsMethod method : {AlsMethod::cholesky, AlsMethod::conjugate_gradient}) {
    const AlsProblem problem{weights.view(), test::als_params(20, method)};
    const auto session = backend_->open_als(problem);
    double before = std::numeric_limits<double>::infinity();
    for (int epoch = 0; epoch < 6; ++epoch) {
      const double loss = session->run_epoch();
      EXPECT_NEAR(loss, als_loss(session->state(), weights.view(), problem.params), 1e-5 * loss);
      EXPECT_LT(loss, before);
      before = loss;
    }
  }
}

// No change of one user or one item lowers the loss of a model that was trained for long.
TEST_F(IalsTest, EndsInAMinimum) {
  const SparseMatrixOf weights = interactions_of_part(data_, label_, only(0), {});
  const AlsProblem problem{weights.view(), test::als_params(20, AlsMethod::cholesky)};
  const auto session = backend_->open_als(problem);
  double loss = 0;
  for (int epoch = 0; epoch < 300; ++epoch) loss = session->run_epoch();
  MfState state = session->state();
  for (const std::size_t at : {0u, 21u, 333u}) {
    for (std::vector<float>* const factors : {&state.user_factors, &state.item_factors}) {
      for (const float step : {-0.03f, 0.03f}) {
        (*factors)[at] += step;
        EXPECT_GT(als_loss(state, weights.view(), problem.params), loss * (1 - 1e-6));
        (*factors)[at] -= step;
      }
    }
  }
}

TEST_F(IalsTest, ThreadsChangeNoBit) {
  for (const AlsSolver solver : {AlsSolver::cholesky, AlsSolver::cg}) {
    const Model one = train(*make_cpu_backend(1), data_, some_options(20, solver, 3));
    const Model three = train(*make_cpu_backend(3), data_, some_options(20, solver, 3));
    EXPECT_EQ(one.state().user_factors, three.state().user_factors);
    EXPECT_EQ(one.state().item_factors, three.state().item_factors);
  }
}

// Users are solved last: who is folded in from a user's own ratings gets that user's factors.
TEST_F(IalsTest, FoldingInATrainedUserGivesTheTrainedFactors) {
  const Model model = train(*backend_, data_, some_options(20, AlsSolver::cholesky, 4));
  const auto predictor = model.open(*backend_);
  const auto folded = predictor->fold_in(data_.ratings());
  const UserVectors users = folded->user_vectors().value();
  ASSERT_EQ(users.users, data_.users.size());
  for (std::size_t at = 0; at < users.factors.size(); ++at) {
    EXPECT_NEAR(users.factors[at], model.state().user_factors[at], 1e-5) << at;
  }
}

TEST_F(IalsTest, ContributionsSumToTheScore) {
  const Model model = train(*backend_, data_, some_options(12, AlsSolver::automatic, 4));
  const auto predictor = model.open(*backend_);
  const auto folded = predictor->fold_in(data_.ratings());
  const std::vector<Index> items = test::first_indices(20);
  const std::vector<Index> user(items.size(), 3);
  const auto predicted = folded->predict(user, items);
  const auto contributions = folded->contributions(3, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    double sum = 0;
    for (const Contribution& one : contributions[i]) sum += static_cast<double>(one.part);
    EXPECT_NEAR(sum, static_cast<double>(predicted[i].score), 1e-5);
    EXPECT_TRUE(std::is_sorted(contributions[i].begin(), contributions[i].end(),
                               [](auto& a, auto& b) { return a.part > b.part; }));
  }
}

TEST_F(IalsTest, RatingsThatDoNotCountChangeNothing) {
  IalsOptions options = some_options(8, AlsSolver::automatic, 2);
  options.interactions.low_weight = 0;
  std::vector<test::Rating> all = {{0, 0, 5}, {0, 1, 4}, {1, 1, 5}, {1, 2, 1}, {2, 2, 2}};
  const Model model = train(*backend_, test::make_dataset(3, 3, all), options);
  // User 2 and item 2 have ratings below 4 alone.
  for (std::size_t f = 0; f < 8; ++f) {
    EXPECT_EQ(model.state().user_factors[2 * 8 + f], 0);
    EXPECT_EQ(model.state().item_factors[2 * 8 + f], 0);
    EXPECT_NE(model.state().user_factors[f], 0);
  }
}

TEST_F(IalsTest, OneRatingIsEnough) {
  for (const int factors : {1, 16, 33}) {
    for (const AlsSolver solver : {AlsSolver::cholesky, AlsSolver::cg}) {
      const Model model = train(*backend_, test::make_dataset(1, 1, {{0, 0, 5}}),
                                some_options(factors, solver, 30));
      const float y = score(model.state(), 0, 0);
      EXPECT_GT(y, 0.4f);
      EXPECT_LT(y, 1.0f);
    }
  }
}

TEST_F(IalsTest, WithoutAnInteractionIsRefused) {
  IalsOptions options;
  options.interactions.low_weight = 0;
  options.interactions.relevance = 3;
  EXPECT_THROW(train(*backend_, test::make_dataset(2, 2, {{0, 0, 1}, {1, 1, 2}}), options),
               InputError);
}

TEST_F(IalsTest, FactorsBeyondFloatsAreReported) {
  IalsOptions options = some_options(4, AlsSolver::cg, 2);
  options.init_std = 1e30f;
  EXPECT_THROW(train(*backend_, data_, options), DivergedError);
}

TEST_F(IalsTest, ReportsEveryEpochWithItsLoss) {
  std::vector<EpochReport> reports;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport> all) {
    reports.insert(reports.end(), all.begin(), all.end());
  };
  train(*backend_, data_, some_options(8, AlsSolver::cg, 3), {}, observer);
  ASSERT_EQ(reports.size(), 3u);
  for (std::size_t e = 0; e < 3; ++e) {
    EXPECT_EQ(reports[e].epoch, static_cast<int>(e) + 1);
    EXPECT_EQ(reports[e].epochs, 3);
    ASSERT_TRUE(reports[e].loss.has_value());
    EXPECT_LT(*reports[e].loss, e > 0 ? *reports[e - 1].loss : 1e9);
  }
}

TEST_F(IalsTest, KeepsWhatItHasWhenItIsInterrupted) {
  int epochs = 0;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport>) { ++epochs; };
  observer.should_stop = [&] { return epochs == 2; };
  const IalsOptions five = some_options(8, AlsSolver::cg, 5);
  const Model stopped = train(*backend_, data_, five, {}, observer);
  EXPECT_EQ(stopped.metadata.at("interrupted"), "true");
  EXPECT_EQ(stopped.metadata.at("epochs"), "2");
  const Model two = train(*backend_, data_, some_options(8, AlsSolver::cg, 2));
  EXPECT_EQ(stopped.state().item_factors, two.state().item_factors);
  observer.should_stop = [] { return true; };
  EXPECT_THROW(train(*backend_, data_, five, {}, observer), Interrupted);
}

// Within an epoch, too: the device is asked before every task.
TEST_F(IalsTest, HeedsAnInterruptWithinAnEpoch) {
  std::atomic<bool> stop = false;
  const auto backend = make_cpu_backend(1, cpu_kernels(), [&] { return stop.load(); });
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport>) { stop = true; };
  const Model model = train(*backend, data_, some_options(8, AlsSolver::cg, 5), {}, observer);
  EXPECT_EQ(model.metadata.at("epochs"), "1");
  EXPECT_EQ(model.metadata.at("interrupted"), "true");
}

TEST_F(IalsTest, FilesGiveTheSameModel) {
  const Model model = train(*backend_, data_, some_options(8, AlsSolver::cg, 2));
  const test::TempFolder folder;
  save_model(model, folder.path() / "ials.st");
  const Model loaded = load_model(folder.path() / "ials.st");
  EXPECT_EQ(loaded.algorithm().name, "ials");
  EXPECT_EQ(loaded.state().item_factors, model.state().item_factors);
  const auto vectors = [&](const Model& one) {
    const auto predictor = one.open(*backend_);
    const auto folded = predictor->fold_in(data_.ratings());
    const auto factors = folded->user_vectors()->factors;
    return std::vector<float>(factors.begin(), factors.end());
  };
  EXPECT_EQ(vectors(loaded), vectors(model));
}

// The tensors tell the number of factors, whatever the options in the file say.
TEST_F(IalsTest, FoldsInByTheFactorsThatAFileHolds) {
  const Model model = train(*backend_, data_, some_options(8, AlsSolver::cg, 2));
  test::Parts parts(model);
  parts.header["__metadata__"]["factors"] = "3";
  const test::TempFolder folder;
  const Model loaded = load_model(folder.write("ials.st", parts.bytes()), Checksum::ignore);
  const auto expected = model.open(*backend_);
  const auto opened = loaded.open(*backend_);
  const auto of_expected = expected->fold_in(data_.ratings());
  const auto of_opened = opened->fold_in(data_.ratings());
  EXPECT_TRUE(
      std::ranges::equal(of_opened->user_vectors()->factors, of_expected->user_vectors()->factors));
}

// The accuracy of the defaults; bench/README.md has the protocol.
TEST_F(IalsTest, MakesGoodListsOfRealData) {
  TUSK_REAL_DATA(folder, "ml-latest-small");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  IalsOptions options;
  if (test::sanitized()) options.factors = 16;
  const Model model = train(*backend_, data, options, split);
  RankingOptions ranking;
  const RankingMetrics metrics =
      evaluate_ranking(*backend_, model, select_ratings(data, split.label, split.test), ranking);
  double ndcg = 0;
  for (const RankingFigure& figure : ranking_figures(metrics)) {
    if (figure.key.starts_with("ndcg")) ndcg = figure.value;
  }
  EXPECT_GT(ndcg, test::sanitized() ? 0.2 : 0.28);
}

}  // namespace
}  // namespace tusk
