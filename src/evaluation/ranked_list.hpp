// A user's list of best items, in which items of equal score have no order.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <tusk/ranking.hpp>

namespace tusk {

struct RankedList {
  std::vector<Index> item;   // those that are on the list in any order of ties, best first
  std::vector<float> score;  // one for each
  // The score of the items that share the remaining places, where they are more than those places;
  // they are not in `item`.
  std::optional<float> tie;
  std::vector<Index> tied;  // those items, where they are known
};

// The list of the k best of all candidates.
RankedList list_of_scores(std::span<const Index> item, std::span<const float> score, int k);

// The list of k that a session's answer for k + 1 makes: a row of TopK. `tied` is not known.
RankedList list_of_row(std::span<const Index> item, std::span<const float> score, int k);

// The list of the k best that a longer list begins with.
RankedList shortened(const RankedList& list, int k);

// Adds an item to a group of equal score, with its gain if it is one of `relevant`, which ascends;
// `gain` has one for each of them.
void add_item(TieGroup& group, Index item, std::span<const Index> relevant,
              std::span<const double> gain);

// The groups of equal score in list.item.
std::vector<TieGroup> groups_of(const RankedList& list, std::span<const Index> relevant,
                                std::span<const double> gain);

// The order of items by a model without factors, which ranks them alike for every user; only which
// of them tie by rounding depends on the user.
class CommonOrder {
 public:
  // `state` is borrowed and has no factors.
  CommonOrder(const MfState& state, std::span<const Index> catalogue);

  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
    bool holds(std::size_t place) const { return first <= place && place < last; }
  };
  // The places of the items that have this score for the user.
  Range with_score(Index user, float score) const;

  std::span<const Index> items() const { return item_; }
  // Of an item of the catalogue among items().
  std::size_t place(Index item) const { return place_[static_cast<std::size_t>(item)]; }

 private:
  const MfState& state_;
  std::vector<Index> item_;         // best first
  std::vector<std::size_t> place_;  // by item
};

}  // namespace tusk
