#include "train/rating_sample.hpp"

#include <algorithm>
#include <span>

#include "distributed/collectives.hpp"

namespace tusk {

std::vector<SampledRating> sample_ratings(const Dataset& data, std::span<const Label> label,
                                          const LabelSet& part) {
  constexpr std::int64_t kMost = 256;
  Communicator* const processes = data.processes.get();
  const auto in_part = [&](Label l) { return part.test(l); };
  const std::int64_t ratings =
      sum_of_all(processes, std::count_if(label.begin(), label.end(), in_part));
  std::vector<SampledRating> sample;
  struct {
    std::int64_t ratings = 0;
    std::int64_t sampled = 0;
  } passed;
  in_turn(processes, std::as_writable_bytes(std::span(&passed, 1)), [&] {
    data.ratings().each([&](Index user, std::size_t at) {
      if (!in_part(label[at])) return;
      // The number of the rating that is due next: of so many, every ratings / kMost.
      const std::int64_t next = (passed.sampled * ratings + kMost - 1) / kMost;
      if (passed.ratings++ < next) return;
      sample.push_back({user, data.item[at], data.rating[at]});
      ++passed.sampled;
    });
  });
  append_on_first(processes, sample);
  return sample;
}

}  // namespace tusk
