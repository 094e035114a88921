#include "data/scale_check.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/parameters.hpp>

#include "support/text.hpp"

namespace tusk {

void check_on_scale(const Dataset& data, RatingScale scale, bool of_weights) {
  if (data.report.implicit != of_weights) {
    throw InputError({data.source.string(), 0, 0}, of_weights ? "ratings" : "weights",
                     of_weights ? fmt::format("weights, which the model was trained on (read them "
                                              "with {})",
                                              option_name("implicit"))
                                : "ratings, which the model was trained on");
  }
  if (of_weights) return;
  data.ratings().each([&](Index user, std::size_t at) {
    if (scale.contains(data.rating[at])) return;
    throw InputError(
        {data.source.string(), 0, 0},
        fmt::format("a rating of {:g} by user {} of item {}", data.rating[at],
                    short_text(data.users.id(user)), short_text(data.items.id(data.item[at]))),
        fmt::format("ratings on the model's scale, {:g} to {:g}", scale.low, scale.high));
  });
}

}  // namespace tusk
