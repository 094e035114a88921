// The lists of a conversation.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/new_users.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>

#include "serving/catalogue_vectors.hpp"

namespace tusk::chat {

struct MadeList {
  ChatSource source = ChatSource::none;
  std::vector<ChatItem> items;
};

// Any number of threads may use it at a time.
class ChatLists {
 public:
  // The device is borrowed.
  ChatLists(Device& device, std::shared_ptr<const Model> model);

  // At most state.k items that answer the state's question, best first, without any of `skipped`
  // and without what the person has rated or is said to know. Throws UsageError, which says why, if
  // nothing meets the conditions.
  MadeList make(const ChatState& state, const std::set<Index>& skipped) const;

  // Why an item is, or would be, in such a list, and the rating that is predicted for the person.
  ChatItem explain(const ChatState& state, Index item) const;

  // The person's rating that so many stars are; nothing where the model's ratings cannot say it:
  // dislikes, where ratings are weights or all the same.
  std::optional<float> rating_of(float stars) const;

  // Whether anything is known of what the person likes.
  bool knows_person(const ChatState& state) const {
    return can_be_personal_ && (state.user.has_value() || !state.ratings.empty());
  }

 private:
  using Recommenders = std::list<std::pair<std::string, std::shared_ptr<const Recommender>>>;

  CandidateFilter filter_of(const ChatState& state) const;
  std::shared_ptr<const Recommender> recommender(const CandidateFilter& filter,
                                                 const std::string& key) const;
  MadeList similar(const ChatState& state, const std::set<Index>& skipped) const;
  std::vector<double> likeness(std::span<const Index> seeds, ChatSource& source) const;
  const CatalogueVectors& vectors() const;
  MadeList personal(const ChatState& state, std::size_t k) const;
  // The person's ratings as a row of new users.
  NewUsers person(const ChatState& state) const;
  MadeList popular(const ChatState& state, std::size_t k) const;
  std::string reason_of(const Recommendation& entry) const;
  std::string popularity_of(Index item) const;
  std::string likeness_to(Index item, std::span<const Index> seeds) const;

  Device& device_;
  std::shared_ptr<const Model> model_;
  std::vector<std::int64_t> ratings_;  // of each item
  bool predicts_ratings_ = false;
  bool can_be_personal_ = false;
  std::unique_ptr<const Predictor> predictor_;
  std::unique_ptr<const SimilarItems> similar_;  // null: the model compares no items
  mutable std::once_flag vectors_once_;
  mutable std::optional<CatalogueVectors> vectors_;
  mutable std::mutex mutex_;
  mutable Recommenders recommenders_;  // by their conditions, the last used first
};

}  // namespace tusk::chat
