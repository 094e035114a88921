// Synthetic twins of well-known data sets: the same counts, a planted model, a known error floor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/observer.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct SyntheticSpec {
  std::string name;
  Index users = 0;
  Index items = 0;
  std::int64_t ratings = 0;
  Index min_user_ratings = 0;  // every user has at least so many
  Index max_user_ratings = 0;  // the most active user has about so many
  double top_item_share = 0;   // of all users, those who rated the most popular item
  RatingScale scale;
  double step = 1;  // between neighbouring ratings
  double mean = 0;  // of the planted model
  double user_bias_std = 0;
  double item_bias_std = 0;
  double factor_std = 0;  // of the dot product of user and item factors
  double noise_std = 0;   // added before rounding to the scale
  std::int64_t first_timestamp = 0;
  std::int64_t last_timestamp = 0;
};

// "ml-100k", "ml-1m", "ml-10m", "ml-25m", "netflix". Throws UsageError.
SyntheticSpec synthetic_spec(std::string_view name);
std::vector<std::string> synthetic_names();

struct SyntheticReport {
  std::int64_t ratings = 0;
  // The error that the best possible predictor, one that knows the planted model and the noise,
  // would have on these ratings.
  double floor_rmse = 0;
};

// Writes ratings.csv and movies.csv into `folder`, which is made if need be. The same spec and seed
// give the same bytes for any number of threads. Throws UsageError if the folder has such files
// already, Error if one cannot be written, Interrupted if it is stopped; then nothing
// is left. The observer is asked by any thread, several at a time.
SyntheticReport write_synthetic(const SyntheticSpec& spec, std::uint64_t seed,
                                const std::filesystem::path& folder, int threads = 0,
                                const Observer& observer = {});

}  // namespace tusk
