#include "train/rating_sample.hpp"

#include <algorithm>

namespace tusk {

std::vector<SampledRating> sample_ratings(const Dataset& data, std::span<const Label> label,
                                          const LabelSet& part) {
  constexpr std::int64_t kMost = 256;
  const auto in_part = [&](Label l) { return part.test(l); };
  const std::int64_t ratings = std::count_if(label.begin(), label.end(), in_part);
  std::vector<SampledRating> sample;
  std::int64_t number = 0;
  std::int64_t next =
      0;  // number of the rating that is due next: of so many, every ratings / kMost
  data.ratings().each([&](Index user, std::size_t at) {
    if (!in_part(label[at])) return;
    if (number++ < next) return;
    sample.push_back({user, data.item[at], data.rating[at]});
    next = (std::ssize(sample) * ratings + kMost - 1) / kMost;
  });
  return sample;
}

}  // namespace tusk
