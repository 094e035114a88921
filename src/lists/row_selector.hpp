// The best of a row that holds the scores of all items.
#pragma once

#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

class RowSelector {
 public:
  // `candidates` are items without repeats; of equal scores the earlier comes first.
  RowSelector(std::span<const Index> candidates, Index items);

  // Writes the best candidates that are not in `seen`, best first, and their scores; places that
  // are left over stay as they are. Scores of other items become -infinity. Any number of threads
  // may call it.
  void choose(std::span<float> scores, std::span<const Index> seen, std::span<Index> item,
              std::span<float> score) const;

 private:
  std::vector<Index> place_;  // of each item among the candidates
  std::vector<Index> other_;  // items that are none
};

}  // namespace tusk
