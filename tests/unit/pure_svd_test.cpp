// PureSVD: singular vectors, scores, fold-in, edges.
#include <cmath>
#include <memory>
#include <vector>

#include <Eigen/Core>
#include <Eigen/SVD>
#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "model/score.hpp"
#include "models/pure_svd/singular_vectors.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"
#include "train/interactions.hpp"

namespace tusk {
namespace {

PureSvdOptions with_factors(int factors) {
  PureSvdOptions options;
  options.factors = factors;
  return options;
}

Eigen::MatrixXd dense(const CsrView& matrix) {
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(matrix.rows(), matrix.columns);
  matrix.each([&](Index row, std::size_t at) {
    all(row, matrix.column[at]) = static_cast<double>(matrix.value[at]);
  });
  return all;
}

class PureSvdTest : public testing::Test {
 protected:
  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
  const std::vector<Label> label_ = std::vector<Label>(data_.rating.size(), 0);
  const SparseMatrixOf weights_ = interactions_of_part(data_, label_, only(0), {});
};

// The best approximation of that rank, which does not depend on the signs of vectors.
TEST_F(PureSvdTest, ScoresAreThoseOfTheTruncatedDecomposition) {
  constexpr int kFactors = 6;
  PureSvdOptions options = with_factors(kFactors);
  options.power_iterations = 60;  // random data has singular values near each other
  const Model model = train(*backend_, data_, options);
  const Eigen::JacobiSVD<Eigen::MatrixXd> exact(dense(weights_.view()),
                                                Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::MatrixXd best = exact.matrixU().leftCols(kFactors) *
                               exact.singularValues().head(kFactors).asDiagonal() *
                               exact.matrixV().leftCols(kFactors).transpose();
  for (Index user = 0; user < 70; ++user) {
    for (Index item = 0; item < 50; ++item) {
      EXPECT_NEAR(static_cast<double>(score(model.state(), user, item)), best(user, item), 1e-4);
    }
  }
}

TEST_F(PureSvdTest, ThreadsChangeNoBit) {
  const Model one = train(*make_cpu_backend(1), data_, with_factors(7));
  const Model three = train(*make_cpu_backend(3), data_, with_factors(7));
  EXPECT_EQ(one.state().user_factors, three.state().user_factors);
  EXPECT_EQ(one.state().item_factors, three.state().item_factors);
}

TEST_F(PureSvdTest, FoldingInATrainedUserGivesTheTrainedFactors) {
  const test::TempFolder folder;
  save_model(train(*backend_, data_, with_factors(7)), folder.path() / "svd.st");
  const Model model = load_model(folder.path() / "svd.st");
  const auto predictor = model.open(*backend_);
  const auto folded = predictor->fold_in(data_.ratings());
  const auto factors = folded->user_vectors()->factors;
  EXPECT_EQ(std::vector<float>(factors.begin(), factors.end()), model.state().user_factors);
  const std::vector<Index> items = test::first_indices(20);
  const auto predicted = folded->predict(std::vector<Index>(items.size(), 3), items);
  const auto contributions = folded->contributions(3, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    double sum = 0;
    for (const Contribution& one : contributions[i]) sum += static_cast<double>(one.part);
    EXPECT_NEAR(sum, static_cast<double>(predicted[i].score), 1e-5);
  }
}

// With more factors than the matrix has singular values the scores are its entries.
TEST_F(PureSvdTest, OfMoreFactorsThanThereAreIsTheMatrix) {
  const Model model = train(*backend_, data_, with_factors(64));
  const Eigen::MatrixXd all = dense(weights_.view());
  for (Index user = 0; user < 70; ++user) {
    for (Index item = 0; item < 50; ++item) {
      EXPECT_NEAR(static_cast<double>(score(model.state(), user, item)), all(user, item), 1e-4);
    }
  }
  for (const int factors : {1, 4}) {
    const Model one =
        train(*backend_, test::make_dataset(1, 1, {{0, 0, 5}}), with_factors(factors));
    EXPECT_NEAR(score(one.state(), 0, 0), 1, 1e-5);
  }
}

TEST_F(PureSvdTest, IsStopped) {
  const auto backend = make_cpu_backend(1, cpu_kernels(), [] { return true; });
  EXPECT_THROW(leading_right_vectors(*backend, weights_.view(), 3, 2, 1), Interrupted);
}

TEST_F(PureSvdTest, MakesGoodListsOfRealData) {
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("official:1"), 1);
  const Model model = train(*backend_, data, PureSvdOptions(), split);
  const RankingMetrics metrics =
      evaluate_ranking(*backend_, model, select_ratings(data, split.label, split.test));
  double ndcg = 0;
  for (const RankingFigure& figure : ranking_figures(metrics)) {
    if (figure.key.starts_with("ndcg")) ndcg = figure.value;
  }
  EXPECT_GT(ndcg, 0.43);
}

}  // namespace
}  // namespace tusk
