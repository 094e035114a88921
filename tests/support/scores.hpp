// What a model predicts of everything.
#pragma once

#include <vector>

#include <tusk/predictor.hpp>

namespace tusk::test {

// Of every user and item, users one after another.
inline std::vector<float> scores_of(const Predictor& predictor, Index users, Index items) {
  std::vector<Index> user;
  std::vector<Index> item;
  for (Index u = 0; u < users; ++u) {
    for (Index i = 0; i < items; ++i) {
      user.push_back(u);
      item.push_back(i);
    }
  }
  std::vector<float> scores;
  for (const Prediction& one : predictor.predict(user, item)) scores.push_back(one.score);
  return scores;
}

}  // namespace tusk::test
