// The items that may be recommended.
#pragma once

#include <cstdint>
#include <vector>

#include <tusk/recommend.hpp>

namespace tusk {

// Without repeats, in the order in which lists have those of equal score: with more training
// ratings first, then by rising index.
std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter);

// Appends those of `candidates` that `exclude` does not hold for the user, in their order; an
// `exclude` without offsets holds nothing.
void append_unseen(std::span<const Index> candidates, const CsrView& exclude, Index user,
                   std::vector<Index>& items);

}  // namespace tusk
