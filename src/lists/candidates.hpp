// The items that may be recommended.
#pragma once

#include <cstdint>
#include <vector>

#include <tusk/recommend.hpp>

namespace tusk {

// As CandidateIndex::find(), for one filter.
std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter);

// Appends those of `candidates` that `exclude` does not hold for the user, in their order; an
// `exclude` without offsets holds nothing.
void append_unseen(std::span<const Index> candidates, const CsrView& exclude, Index user,
                   std::vector<Index>& items);

}  // namespace tusk
