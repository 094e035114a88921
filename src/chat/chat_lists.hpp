// The lists of a conversation.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/new_users.hpp>
#include <tusk/recommend.hpp>

#include "serving/catalogue_vectors.hpp"
#include "serving/open_model.hpp"

namespace tusk::chat {

struct MadeList {
  ChatSource source = ChatSource::none;
  std::vector<ChatItem> items;
};

// Years of release that are known of these items, ascending.
std::vector<int> known_years(const Model& model, std::span<const Index> items);

struct YearRange {
  std::optional<int> from;
  std::optional<int> to;
};
// The years that are newer, or older, than the middle one of some that ascend; of two in the middle
// newer is above the lower one, older below the upper one. All years if there are none.
YearRange years_beyond(std::span<const int> years, ChatTone tone);
// The same of the items' years; if none is known, the newest or oldest fifth of the catalogue's.
YearRange years_beyond_items(const Model& model, std::span<const Index> items, ChatTone tone);

std::vector<std::string> titles_of(const Model& model, const std::vector<ChatItem>& list);

// Any number of threads may use it at a time.
class ChatLists {
 public:
  explicit ChatLists(std::shared_ptr<const OpenModel> open);

  // At most state.k items that answer the state's question, best first, without any of `skipped`
  // and without what the person has rated or is said to know; none if nothing meets the conditions.
  // Throws UsageError for years where no item has one.
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
  // The items that meet the state's conditions; nothing if there are none, so that all do.
  std::optional<std::vector<Index>> candidates_of(const ChatState& state) const;
  MadeList similar(const ChatState& state, const std::set<Index>& skipped) const;
  std::vector<double> likeness(std::span<const Index> seeds, ChatSource& source) const;
  const CatalogueVectors& vectors() const;
  std::vector<Recommendation> personal(const Recommender& recommender, const ChatState& state,
                                       const ListRequest& request) const;
  MadeList personal(const ChatState& state, const ListRequest& request) const;
  // The person's ratings as a row of new users.
  NewUsers person(const ChatState& state) const;
  MadeList popular(const ListRequest& request) const;
  std::string reason_of(const Recommendation& entry) const;
  std::string popularity_of(Index item) const;
  std::string likeness_to(Index item, std::span<const Index> seeds) const;

  std::shared_ptr<const OpenModel> open_;
  const Model& model_;
  bool predicts_ratings_;
  bool can_be_personal_;
  mutable std::once_flag vectors_once_;
  mutable std::optional<CatalogueVectors> vectors_;
};

}  // namespace tusk::chat
