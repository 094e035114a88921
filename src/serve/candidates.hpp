// The items that may be recommended.
#pragma once

#include <vector>

#include <tusk/recommend.hpp>

namespace tusk {

// In rising order, without repeats.
std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter);

}  // namespace tusk
