// What a user rated, as a vector of features.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// Sums over rated items of their vectors. Memory is O(columns).
class Profile {
 public:
  // `vectors` of items, each of length 1 or 0, are borrowed.
  explicit Profile(const CsrView& vectors)
      : vectors_(vectors), sums_(static_cast<std::size_t>(vectors.columns)) {}

  struct Rated {
    double liking = 0;     // the rating less the user's mean
    double deviation = 0;  // the rating less the bias model's prediction
  };
  void add(Index item, const Rated& rated);
  void clear();  // takes as long as adding did

  // Of the sum of vectors times liking; 0 where there is none but for rounding.
  double length() const;

  // How an item is like those that were added, itself left out if it was added as `own`.
  struct Likeness {
    double cosine = 0;     // with the sum of vectors times liking
    double deviation = 0;  // the sum of deviations, each times how alike that item is
    double sum = 0;        // of how alike they are; 0 where nothing is alike
  };
  Likeness likeness_of(Index item, const std::optional<Rated>& own) const;

 private:
  struct Sums {
    double liking = 0;
    double deviation = 0;
    double likeness = 0;
  };
  Sums products(Index item) const;

  CsrView vectors_;
  std::vector<Sums> sums_;  // by column
  std::vector<Index> items_;
  double squares_ = 0;  // of the sums of liking
};

}  // namespace tusk
