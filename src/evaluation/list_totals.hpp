// What is said of all users' lists together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/ranking.hpp>

#include "evaluation/ranked_list.hpp"

namespace tusk {

// Adds up lists. Where items tie for fewer places it adds what they give on average over all
// orders of them.
class ListTotals {
 public:
  // `ratings` are those of each item in training, above 0 for those on lists. `common`, which may
  // be null, is what add_range() speaks of. All are borrowed.
  ListTotals(const Model& model, std::span<const std::int64_t> ratings, const CommonOrder* common);

  // Items on a list.
  void add(std::span<const Index> items);
  // `places` of a list that are shared by more items than that.
  void add_tied(std::span<const Index> items, std::int64_t places);
  // The same, of those items that CommonOrder has in a range, but for those in `excluded`, which
  // are in the range.
  void add_range(CommonOrder::Range range, std::span<const Index> excluded, std::int64_t places);

  // Sets coverage, popularity and novelty; the catalogue is there.
  void report(RankingMetrics& metrics) const;

 private:
  // Of items on a list, or of those that may be on it.
  struct Sums {
    double popularity = 0;
    double novelty = 0;
  };
  Sums of_item(Index item) const;
  void add_mean(const Sums& sums, double items, std::int64_t places);

  std::span<const std::int64_t> ratings_;
  const CommonOrder* common_;
  double training_users_ = 0;
  double listings_ = 0;
  Sums total_;
  std::vector<bool> listed_;          // by item: on some list for sure
  std::vector<double> log_unlisted_;  // by item: of the probability that ties put it on no list
  // By place in the common order, and one more: sums over the places before; and what is to be
  // added to log_unlisted_ from there on.
  std::vector<Sums> before_;
  std::vector<double> log_step_;
};

}  // namespace tusk
