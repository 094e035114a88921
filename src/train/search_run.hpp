// What a search trains once: all candidates that differ in nothing that training depends on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <tusk/search.hpp>

namespace tusk {

// A candidate that is scored when its run has come to so many epochs.
struct Watch {
  int epochs = 0;
  std::size_t candidate = 0;
};

struct SearchRun {
  TrainOptions options;        // with the epochs of the last watch, where they are given
  std::vector<Watch> watches;  // by rising epochs; all the same where none are given
};

// Those of the candidates that are not known, in the order of their first candidates.
std::vector<SearchRun> plan_runs(std::span<const Candidate> candidates,
                                 std::span<const Trial> known);

}  // namespace tusk
