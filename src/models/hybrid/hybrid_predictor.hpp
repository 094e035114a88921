// The lists of a hybrid model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "models/hybrid/exposure.hpp"
#include "models/hybrid/hybrid_state.hpp"

namespace tusk {

class HybridPredictor : public Predictor {
 public:
  // Everything is borrowed.
  HybridPredictor(Backend& backend, const Model& model, const HybridState& state);

  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  // Those of the collaborative part, or of content where users are too new for it.
  std::vector<std::vector<Contribution>> contributions(Index user,
                                                       std::span<const Index> items) const override;

  // By mf where that is a part, else by content; without ratings of the user by the popular part.
  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;

  // Of neighbouring pairs of one user, which are the items that their list is chosen from: with the
  // scores by HybridOptions::fused_by(), whatever is asked for.
  std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                               std::span<const Index> item) const override;
  std::vector<Prediction> rank_with_parts(RankBy by, std::span<const Index> user,
                                          std::span<const Index> item,
                                          PartRanks& parts) const override;

  // By the collaborative part, or by content where that has no neighbours.
  std::optional<TopK> nearest_items(std::span<const Index> items, int k) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::optional<std::vector<float>> text_scores(std::string_view text,
                                                std::span<const Index> items) const override;
  std::int64_t pairs_at_once() const override;
  std::uint64_t table_bytes(RankBy by) const override;

 private:
  // A part opened as a model of its own.
  struct Opened {
    Opened(Backend& backend, const Model& whole, const ModelState& part);

    Model model;
    std::unique_ptr<const Predictor> predictor;
  };
  // Which parts make a user's list.
  enum class Source { popular, content, both };
  struct Lists;

  HybridPredictor(const HybridPredictor& whole, CsrView ratings);

  Source source_of(Index user) const;
  // What a part ranks of the pairs of users that `wanted(user)` holds for; the others stay as they
  // are made.
  template <class Wanted>
  std::vector<Prediction> ranked(HybridPart part, std::span<const Index> user,
                                 std::span<const Index> item, const Wanted& wanted) const;
  // The same of users with a list of both, by mf of those with few ratings by folding them in.
  std::vector<Prediction> ranked_by_few(HybridPart part, std::span<const Index> user,
                                        std::span<const Index> item) const;
  // Where items are in the list that a part makes of one user's scores.
  std::vector<int> ranks_in(HybridPart part, std::span<const Prediction> list) const;
  // The scores of one user's items, from the ranks that parts.rank has and the parts' lists.
  std::vector<float> by_ranks(const PartRanks& parts, const Lists& lists, std::size_t first,
                              std::size_t count) const;
  std::vector<float> by_exposure(const Lists& lists, std::size_t first, std::size_t count) const;
  RankBy order_of(HybridPart part) const;
  bool has_few_ratings(HybridPart part, Index user) const;
  Lists lists_of(std::span<const Index> user, std::span<const Index> item) const;
  // The part that predicts ratings of users with a list of both.
  HybridPart rating_part() const;

  const HybridOptions& options_;
  bool has_content_;                                      // of at least one item
  bool is_trained_ = true;                                // these users were
  CsrView ratings_;                                       // users x items
  std::optional<Preference> preference_;                  // of Fusion::exposure
  std::vector<std::shared_ptr<const Opened>> opened_;     // by HybridPart
  std::vector<std::unique_ptr<const Predictor>> folded_;  // of new users
  std::vector<const Predictor*> part_;                    // by HybridPart
};

}  // namespace tusk
