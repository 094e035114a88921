#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/synthetic.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

// Counts, extremes and time ranges are those of the real data sets, as their READMEs and papers
// give them (Harper and Konstan: "The MovieLens Datasets", 2015; Bennett and Lanning: "The Netflix
// Prize", 2007). The spread of biases, factors and noise is chosen so that the ratings vary as much
// as the real ones and that the floor is near the best error published for them.
const std::vector<SyntheticSpec>& all_specs() {
  static const std::vector<SyntheticSpec> specs = {
      {.name = "ml-100k",
       .users = 943,
       .items = 1682,
       .ratings = 100'000,
       .min_user_ratings = 20,
       .max_user_ratings = 737,
       .top_item_share = 583.0 / 943,
       .scale = {1, 5},
       .step = 1,
       .mean = 3.53,
       .user_bias_std = 0.42,
       .item_bias_std = 0.48,
       .factor_std = 0.40,
       .noise_std = 0.90,
       .first_timestamp = 874724710,
       .last_timestamp = 893286638},
      {.name = "ml-1m",
       .users = 6040,
       .items = 3706,
       .ratings = 1'000'209,
       .min_user_ratings = 20,
       .max_user_ratings = 2314,
       .top_item_share = 3428.0 / 6040,
       .scale = {1, 5},
       .step = 1,
       .mean = 3.58,
       .user_bias_std = 0.40,
       .item_bias_std = 0.45,
       .factor_std = 0.48,
       .noise_std = 0.85,
       .first_timestamp = 956703932,
       .last_timestamp = 1046454590},
      {.name = "ml-10m",
       .users = 69'878,
       .items = 10'677,
       .ratings = 10'000'054,
       .min_user_ratings = 20,
       .max_user_ratings = 7359,
       .top_item_share = 34864.0 / 69878,
       .scale = {0.5f, 5},
       .step = 0.5,
       .mean = 3.51,
       .user_bias_std = 0.40,
       .item_bias_std = 0.43,
       .factor_std = 0.47,
       .noise_std = 0.80,
       .first_timestamp = 789652009,
       .last_timestamp = 1231131736},
      {.name = "ml-25m",
       .users = 162'541,
       .items = 59'047,
       .ratings = 25'000'095,
       .min_user_ratings = 20,
       .max_user_ratings = 32'202,
       .top_item_share = 81491.0 / 162541,
       .scale = {0.5f, 5},
       .step = 0.5,
       .mean = 3.53,
       .user_bias_std = 0.41,
       .item_bias_std = 0.43,
       .factor_std = 0.48,
       .noise_std = 0.80,
       .first_timestamp = 789652009,
       .last_timestamp = 1574327703},
      {.name = "netflix",
       .users = 480'189,
       .items = 17'770,
       .ratings = 100'480'507,
       .min_user_ratings = 1,
       .max_user_ratings = 17'653,
       .top_item_share = 232944.0 / 480189,
       .scale = {1, 5},
       .step = 1,
       .mean = 3.60,
       .user_bias_std = 0.40,
       .item_bias_std = 0.43,
       .factor_std = 0.45,
       .noise_std = 0.86,
       .first_timestamp = 942278400,
       .last_timestamp = 1135987200},
  };
  return specs;
}

}  // namespace

SyntheticSpec synthetic_spec(std::string_view name) {
  for (const SyntheticSpec& spec : all_specs()) {
    if (spec.name == canonical_name(name)) return spec;
  }
  throw UsageError(fmt::format("there is no synthetic twin of {}: it must be one of {}",
                               in_quotes(name), list_text(synthetic_names())));
}

std::vector<std::string> synthetic_names() {
  std::vector<std::string> names;
  for (const SyntheticSpec& spec : all_specs()) names.push_back(spec.name);
  return names;
}

}  // namespace tusk
