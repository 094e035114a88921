// Finding the items that may be recommended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/model.hpp>
#include <tusk/recommend.hpp>

namespace tusk {

// What filters ask of items, computed once for many filters. Any number of threads may use it at a
// time.
class CandidateIndex {
 public:
  // The model is borrowed.
  explicit CandidateIndex(const Model& model);

  // The items that meet the filter, without repeats, in the order in which lists have those of
  // equal score: with more training ratings first, then by rising index. Throws UsageError for an
  // item number that there is not, for a genre that no item has, and for years where no item has
  // one.
  std::vector<Index> find(const CandidateFilter& filter) const;

  // How many training ratings each item has.
  std::span<const std::int64_t> ratings() const { return ratings_; }

  // As genre_names().
  const std::vector<std::string>& genres() const { return genres_; }
  bool has_genre(std::string_view name) const;  // in any case
  // The message for a genre that no item has: it names those that there are, the nearest first.
  std::string unknown_genre_text(const std::string& name) const;

  // The first and the last year of release that an item has; 0 where none has one.
  int first_year() const { return first_year_; }
  int last_year() const { return last_year_; }

 private:
  using Marks = std::vector<bool>;

  Marks marked_genres(const std::vector<std::string>& names) const;
  bool has_one(std::size_t item, const Marks& genres) const;

  const Model& model_;
  std::vector<std::int64_t> ratings_;
  std::vector<Index> order_;          // all items, in the order of find()
  std::vector<std::string> genres_;   // sorted
  std::vector<std::string> folded_;   // of each genre
  std::vector<std::int64_t> offset_;  // [items + 1] in genre_
  std::vector<std::uint32_t> genre_;  // of each item, places in genres_
  std::vector<std::int32_t> year_;    // of each item; 0: not known
  int first_year_ = 0;
  int last_year_ = 0;
};

}  // namespace tusk
