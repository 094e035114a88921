// How unlike each other the items of a list are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "evaluation/ranked_list.hpp"

namespace tusk {

// Intra-list diversity by genres: the mean over the pairs of a list's items of 1 - cosine, with an
// item's vector 1 for each of its genres (Ziegler et al.: "Improving Recommendation Lists Through
// Topic Diversification", 2005, whose intra-list similarity it turns round). An item without genres
// is like no other. Where items tie for fewer places, it is the expected value over all orders of
// them.
class ListDiversity {
 public:
  // `common` may be null and is what a range speaks of.
  ListDiversity(const Model& model, const CommonOrder* common);

  // A list, of these items on it for sure, is added by one of these.
  void add(std::span<const Index> items);
  void add_tied(std::span<const Index> items, std::span<const Index> tied, std::int64_t places);
  void add_range(std::span<const Index> items, CommonOrder::Range range,
                 std::span<const Index> excluded, std::int64_t places);

  // Over the lists of two items or more, NaN if there is none; nothing where no item has a genre.
  std::optional<double> mean() const;

 private:
  // Items together: the sum of their unit vectors, and of the squares of those.
  struct Group {
    std::vector<double> sum;
    double squares = 0;
    double items = 0;
  };
  Group group_of(std::span<const Index> items) const;
  // `weight` is 1, or -1 to take it out.
  void add_item(Group& group, Index item, double weight) const;
  void add_list(const Group& sure, const Group& tied, double places);

  std::size_t genres_ = 0;
  std::vector<std::vector<std::size_t>> genres_of_;  // by item, each once
  std::vector<Group> before_;                        // by place in the common order
  double sum_ = 0;
  double lists_ = 0;
};

}  // namespace tusk
