// What the tests of hybrid models share.
#pragma once

#include <vector>

#include <tusk/device.hpp>
#include <tusk/models.hpp>
#include <tusk/predictor.hpp>

#include "tests/support/datasets.hpp"

namespace tusk::hybrid_tests {

inline const auto cpu = open_device({"cpu", 1});

inline Dataset films() {
  Dataset data = test::random_dataset(40, 30, 500, 3);
  data.catalogue = {};
  for (Index item = 0; item < 30; ++item) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(item % 3 == 0 ? "Comedy" : item % 3 == 1 ? "Drama" : "War");
  }
  return data;
}

inline std::vector<float> scores(const Predictor& predictor, const std::vector<Index>& users,
                                 const std::vector<Index>& items, RankBy by = RankBy::rating) {
  std::vector<float> scores;
  for (const Prediction& prediction : predictor.rank(by, users, items)) {
    scores.push_back(prediction.score);
  }
  return scores;
}

inline std::vector<float> scores(const Predictor& predictor, Index user,
                                 const std::vector<Index>& items, RankBy by = RankBy::rating) {
  return scores(predictor, std::vector<Index>(items.size(), user), items, by);
}

// Where each item is in the lists of the parts.
inline std::vector<std::vector<PartRank>> part_ranks(const Predictor& predictor, Index user,
                                                     const std::vector<Index>& items) {
  PartRanks parts;
  const std::vector<Index> users(items.size(), user);
  predictor.rank_with_parts(RankBy::rating, users, items, parts);
  std::vector<std::vector<PartRank>> all;
  for (std::size_t p = 0; p < items.size(); ++p) all.push_back(parts.of(p));
  return all;
}

inline HybridOptions by_neighbours() {
  HybridOptions options;
  options.collaborative = Collaborative::item_knn;
  return options;
}

}  // namespace tusk::hybrid_tests
