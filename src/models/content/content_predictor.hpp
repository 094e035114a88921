// Predictions and lists of a content model.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "models/content/content_state.hpp"
#include "models/content/profile.hpp"

namespace tusk {

class ContentPredictor : public Predictor {
 public:
  // Everything is borrowed.
  ContentPredictor(Backend& backend, const Model& model, const ContentState& state);

  // Of users who were not trained: the rows of `ratings`, users x the model's items with values,
  // each with the damped mean that training would have given them. Everything is borrowed.
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  // The terms of the cosine with the profile.
  std::vector<std::vector<Contribution>> contributions(Index user,
                                                       std::span<const Index> items) const override;

  // The formulas are in content.hpp. Where there is nothing to compare, the bias model predicts.
  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  // With the cosine with the user's profile as score, whatever is asked for; 0 without one.
  std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                               std::span<const Index> item) const override;
  // By cosine; of equally similar items that with more training ratings first, then by index.
  std::optional<TopK> nearest_items(std::span<const Index> items, int k) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::optional<std::vector<float>> text_scores(std::string_view text,
                                                std::span<const Index> items) const override;
  std::int64_t pairs_at_once() const override;

 private:
  ContentPredictor(Backend& backend, const Model& model, const ContentState& state, CsrView ratings,
                   std::vector<float> user_bias, bool is_trained);

  bool knows(Index user) const { return user != kNone && !ratings_.row(user).empty(); }
  // By the bias model alone.
  Prediction by_biases(Index user, Index item) const;
  Prediction prediction_of(Index user, Index item, const Profile::Likeness& likeness) const;
  // Calls visit(place, how the item is like what the user rated) for every place, on all threads.
  template <class Visit>
  void each(std::span<const Index> user, std::span<const Index> item, const Visit& visit) const;
  void add_ratings(Index user, Profile& profile) const;
  std::optional<Profile::Rated> rated(Index user, Index item) const;
  Profile empty_profile() const { return {state_.vectors(), state_.has_embeddings()}; }
  TopKSession& neighbours() const;

  Backend& backend_;
  const Model& model_;
  const ContentState& state_;
  CsrView ratings_;                               // users x items
  std::vector<float> user_bias_;                  // of the bias model
  bool is_trained_;                               // these users were
  mutable std::mutex mutex_;                      // of the session
  mutable std::unique_ptr<TopKSession> session_;  // opened when it is first asked for
};

}  // namespace tusk
