// Neighbours by the definitions, with every pair of rows in memory.
#pragma once

#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/knn.hpp>
#include <tusk/model.hpp>

namespace tusk::test {

class ReferenceKnn {
 public:
  // `state` is the bias model or mean, `kind` user_knn or item_knn.
  ReferenceKnn(KnnRows kind, const KnnParams& params, const MfState& state, const CsrView& data);

  std::size_t rows() const { return rows_.size(); }
  double similarity(std::size_t a, std::size_t b) const;

  // The rating of a user and an item that both have ratings, the sum over neighbours of similarity
  // times what is averaged (0 with too few), and how many neighbours were averaged.
  struct Predicted {
    double rating = 0;
    double sum = 0;
    int neighbours = 0;
  };
  Predicted predict(Index user, Index item) const;

 private:
  // Dense, NaN where there is no rating.
  using Row = std::vector<double>;

  double baseline(std::size_t row, std::size_t column) const;
  double mean(std::size_t row) const;
  double deviation(std::size_t row) const;
  double user_mean(std::size_t row, std::size_t column) const;
  double centre(std::size_t row, std::size_t column) const;
  double spread(std::size_t row) const;

  struct Sums {
    double weight = 0;
    double deviation = 0;
    int count = 0;
  };
  // `from_table`: over those that hold the column among the most similar rows, else over the most
  // similar of those that hold it.
  Sums sums(std::size_t row, std::size_t column, bool from_table) const;

  KnnRows kind_;
  KnnParams params_;
  MfState state_;
  std::vector<Row> rows_;
};

}  // namespace tusk::test
