// The best items that a user has not rated.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/model.hpp>

namespace tusk {

struct Recommendation {
  Index item = 0;
  float score = 0;   // the predicted rating before clipping; orders the list
  float rating = 0;  // the predicted rating, clipped to the scale
  Evidence evidence = Evidence::full;
};

class Recommender {
 public:
  // Both are borrowed and must outlive the recommender.
  Recommender(Backend& backend, const Model& model);

  // At most k of the items that the model knows and the user has not rated in training, best first,
  // ties by smaller item index. Throws InputError for a user without training ratings, whose list
  // would be somebody else's, unless the model is `popular` and has one list for all; UsageError
  // for k < 1.
  std::vector<Recommendation> recommend(std::string_view user_id, int k);

  // The same lists for many users, by index; k >= 1. A user without training ratings gets the list
  // of the scores that are left without one.
  TopK top_k(std::span<const Index> users, int k) { return session_->query(users, k); }

 private:
  std::vector<Recommendation> recommend_to_anyone(int k);

  Backend& backend_;
  const Model& model_;
  std::vector<Index> candidates_;
  std::unique_ptr<TopKSession> session_;
};

}  // namespace tusk
