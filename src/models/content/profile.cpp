#include "models/content/profile.hpp"

#include <algorithm>
#include <cmath>

#include "model/score.hpp"

namespace tusk {
namespace {

// What is left of a sum when all that was added is taken away again.
constexpr double kRounding = 1e-9;

// Calls visit(column, value) for each entry of a row.
template <class Visit>
void each_entry(const CsrView& matrix, Index row, const Visit& visit) {
  const auto end = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row) + 1]);
  for (auto at = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row)]); at < end;
       ++at) {
    visit(static_cast<std::size_t>(matrix.column[at]), static_cast<double>(matrix.value[at]));
  }
}

}  // namespace

void Profile::add(Index item, const Rated& rated) {
  items_.emplace_back(item, rated);
  each_entry(vectors_, item, [&](std::size_t column, double value) {
    Sums& sums = sums_[column];
    squares_ -= sums.liking * sums.liking;
    sums.liking += rated.liking * value;
    sums.deviation += rated.deviation * value;
    sums.likeness += value;
    squares_ += sums.liking * sums.liking;
  });
}

void Profile::clear() {
  for (const auto& [item, rated] : items_) {
    each_entry(vectors_, item, [&](std::size_t column, double) { sums_[column] = {}; });
  }
  items_.clear();
  squares_ = 0;
}

double Profile::length() const { return squares_ <= kRounding ? 0 : std::sqrt(squares_); }

Profile::Sums Profile::products(Index item) const {
  Sums products;
  each_entry(vectors_, item, [&](std::size_t column, double value) {
    products.liking += sums_[column].liking * value;
    products.deviation += sums_[column].deviation * value;
    products.likeness += sums_[column].likeness * value;
  });
  return products;
}

Profile::Likeness Profile::likeness_of(Index item, const std::optional<Rated>& own) const {
  Sums sums = products(item);
  double squares = squares_;
  if (own && !vectors_.row(item).empty()) {
    squares += own->liking * (own->liking - 2 * sums.liking);
    sums.liking -= own->liking;
    sums.deviation -= own->deviation;
    sums.likeness -= 1;
  }
  Likeness likeness;
  if (squares > kRounding) {
    likeness.cosine = std::clamp(sums.liking / std::sqrt(squares), -1.0, 1.0);
  }
  if (dense_) {
    add_alike(item, likeness);
  } else if (sums.likeness > kRounding) {
    likeness.deviation = sums.deviation;
    likeness.sum = sums.likeness;
  }
  return likeness;
}

void Profile::add_alike(Index item, Likeness& likeness) const {
  const auto vector = [&](Index of) {
    return vectors_.value.data() + vectors_.offset[static_cast<std::size_t>(of)];
  };
  if (vectors_.row(item).empty()) return;
  for (const auto& [other, rated] : items_) {
    if (other == item || vectors_.row(other).empty()) continue;
    const auto product =
        static_cast<double>(dot(vector(item), vector(other), static_cast<int>(vectors_.columns)));
    if (product <= kRounding) continue;
    likeness.deviation += rated.deviation * product;
    likeness.sum += product;
  }
}

}  // namespace tusk
