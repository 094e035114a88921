#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/rate.hpp>

#include "lists/candidates.hpp"
#include "model/row_products.hpp"
#include "serving/catalogue_vectors.hpp"

namespace tusk {

std::vector<Index> items_to_rate(const Model& model, int count) {
  constexpr std::size_t kPool = 20;  // so many candidates for each item
  if (count < 1 || count > kMostToRate) {
    throw UsageError(fmt::format("{} items to rate; it must be 1 to {}", count, kMostToRate));
  }
  const auto wanted = static_cast<std::size_t>(count);
  std::vector<Index> candidates = find_candidates(model, {});  // most rated first
  candidates.resize(std::min(candidates.size(), kPool * wanted));
  if (candidates.empty()) return {};

  const CatalogueVectors vectors(model);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  const auto known = [&](Index item) {
    return std::log1p(static_cast<double>(ratings[static_cast<std::size_t>(item)]));
  };
  const double most_known = known(candidates.front());
  std::vector<double> likeness(ratings.size(), 0);  // to those that are chosen
  std::vector<Index> chosen;
  while (chosen.size() < std::min(wanted, candidates.size() + chosen.size())) {
    const auto worth = [&](Index item) {
      return known(item) / most_known - likeness[static_cast<std::size_t>(item)];
    };
    const auto best = std::max_element(candidates.begin(), candidates.end(),
                                       [&](Index a, Index b) { return worth(a) < worth(b); });
    chosen.push_back(*best);
    candidates.erase(best);
    const auto to_chosen = products_with_row(vectors.view(), chosen.back());
    for (std::size_t i = 0; i < likeness.size(); ++i) {
      likeness[i] = std::max(likeness[i], to_chosen[i]);
    }
  }
  return chosen;
}

}  // namespace tusk
