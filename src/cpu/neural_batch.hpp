// The ratings of a mini-batch, and which of them each user and each item has.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/neural_parts.hpp"
#include "support/random_order.hpp"

namespace tusk {

// The rows that a batch touches, by rising number, and the places of their ratings in the batch.
struct TouchedRows {
  std::vector<Index> row;
  std::vector<std::int32_t> first;  // of each row in `place`; one more at the end
  std::vector<std::int32_t> place;  // rising within a row

  std::int64_t size() const { return static_cast<std::int64_t>(row.size()); }
  std::span<const std::int32_t> places(std::int64_t t) const {
    const auto begin = first.begin() + t;
    return std::span(place).subspan(static_cast<std::size_t>(begin[0]),
                                    static_cast<std::size_t>(begin[1] - begin[0]));
  }
};

class NeuralBatch {
 public:
  // Takes the ratings at `count` places of the order from `first` on.
  void fill(std::span<const NeuralRating> all, const RandomOrder& order, std::int64_t first,
            std::int64_t count);
  // Fills what touched_item() says; `items`: how many there are.
  void index_items(Index items);

  std::span<const NeuralRating> ratings() const { return ratings_; }
  const TouchedRows& users() const { return users_; }
  const TouchedRows& items() const { return items_; }
  // The item's place in items(), or kNone.
  Index touched_item(Index item) const { return touched_[static_cast<std::size_t>(item)]; }

 private:
  template <class Of>
  void sort(const Of& row_of, TouchedRows& touched);

  std::vector<NeuralRating> ratings_;
  TouchedRows users_;
  TouchedRows items_;
  std::vector<Index> touched_;
  std::vector<std::uint64_t> keys_;
};

}  // namespace tusk
