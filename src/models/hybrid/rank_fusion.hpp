// Lists made into one by the ranks of their items (Cormack, Clarke, Büttcher: "Reciprocal Rank
// Fusion Outperforms Condorcet and Individual Rank Learning Methods", 2009).
#pragma once

#include <limits>
#include <span>
#include <vector>

namespace tusk {

// The rank of each score, from 1: items of equal score share the best rank that any of them could
// have. 0 for ranks beyond `depth`, and for scores that are not above `least`, which say nothing
// for an item.
std::vector<int> ranks_of(std::span<const float> scores, int depth,
                          float least = -std::numeric_limits<float>::infinity());

struct RankedPart {
  std::span<const int> rank;  // of each item; 0: it is not on the list
  float weight = 0;
};

// The sum over lists of weight / (constant + rank), of each item.
std::vector<double> fused(std::span<const RankedPart> parts, float constant);

// Scores in the order of `fused`, equal ones in falling order of `first` and then of `second`: all
// three equal make equal scores. Items on no list keep 0.
std::vector<float> without_ties(std::span<const double> fused, std::span<const float> first,
                                std::span<const float> second);

}  // namespace tusk
