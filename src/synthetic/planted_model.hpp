// The model behind a synthetic data set: who rates how much, what is popular, and what everyone
// thinks of everything. A pure function of spec and seed.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <tusk/synthetic.hpp>
#include <tusk/types.hpp>

namespace tusk {

inline constexpr std::size_t kPlantedFactors = 8;
using PlantedVector = std::array<float, kPlantedFactors>;

class PlantedModel {
 public:
  // Throws UsageError for a spec that no ratings can satisfy.
  PlantedModel(const SyntheticSpec& spec, std::uint64_t seed);

  struct Rating {
    Index item = 0;
    float value = 0;
    std::int64_t timestamp = 0;
    double variance = 0;  // of the value, given the planted model
  };
  // A thread's memory between users.
  struct Scratch {
    std::vector<Index> taken_by;  // by item: the last user who took it
    std::vector<Index> items;
    std::vector<std::pair<double, Index>> keyed;
  };
  // The user's ratings in rising order of item.
  void rate(Index user, Scratch& scratch, std::vector<Rating>& ratings) const;

  const PlantedVector& item_factors(Index item) const {
    return item_factors_[static_cast<std::size_t>(item)];
  }

 private:
  void draw_user_counts();
  void draw_popularity();
  void assign_first_raters();
  void choose_items(Index user, Scratch& scratch) const;
  Rating rate_item(Index user, Index item, double deviation) const;
  double observed(double rating) const;

  SyntheticSpec spec_;
  std::uint64_t seed_;
  std::vector<Index> user_count_;
  std::vector<double> popularity_;        // by item; proportional to the chance of being rated
  std::vector<std::uint32_t> alias_cut_;  // Walker's alias table of popularity_
  std::vector<Index> alias_;
  std::vector<std::int64_t>
      first_offset_;                // by user: items that this user is sure to rate, so that
  std::vector<Index> first_items_;  // every item is rated
  std::vector<float> user_bias_;
  std::vector<float> item_bias_;
  std::vector<PlantedVector> user_factors_;
  std::vector<PlantedVector> item_factors_;
  std::vector<double> variance_;  // of the observed rating, by planted rating
};

}  // namespace tusk
