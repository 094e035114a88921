// What a user rated, as a vector of features.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// Sums over rated items of their vectors. Memory is O(columns).
class Profile {
 public:
  // `vectors` of items, each of length 1 or 0, are borrowed. Without `dense` none of their values
  // is negative; with it a vector has a value in every column, or in none.
  Profile(const CsrView& vectors, bool dense)
      : vectors_(vectors), dense_(dense), sums_(static_cast<std::size_t>(vectors.columns)) {}

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
    double cosine = 0;  // with the sum of vectors times liking
    // Over items whose product with it is above 0, as the products of those that are not negative
    // are: the sum of deviations times the product, and that of the products. 0 if there are none.
    double deviation = 0;
    double sum = 0;
  };
  Likeness likeness_of(Index item, const std::optional<Rated>& own) const;

 private:
  struct Sums {
    double liking = 0;
    double deviation = 0;
    double likeness = 0;
  };
  Sums products(Index item) const;
  // The sums over all that are like the item but itself.
  void add_alike(Index item, Likeness& likeness) const;

  CsrView vectors_;
  bool dense_;
  std::vector<Sums> sums_;  // by column
  std::vector<std::pair<Index, Rated>> items_;
  double squares_ = 0;  // of the sums of liking
};

}  // namespace tusk
