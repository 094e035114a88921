#include "lists/candidates.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <tusk/candidate_index.hpp>

#include "catalogue/genres.hpp"

namespace tusk {

std::vector<std::string> genre_names(const Catalogue& catalogue) {
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < catalogue.genres.size(); ++i) {
    each_genre(catalogue.genres[i], [&](std::string_view name) {
      if (!names.contains(name)) names.emplace(name);
    });
  }
  return {names.begin(), names.end()};
}

std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter) {
  return CandidateIndex(model).find(filter);
}

void append_unseen(std::span<const Index> candidates, const CsrView& exclude, Index user,
                   std::vector<Index>& items) {
  const auto seen = exclude.offset.empty() ? std::span<const Index>() : exclude.row(user);
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(items),
               [&](Index item) { return !std::binary_search(seen.begin(), seen.end(), item); });
}

}  // namespace tusk
