#include "data/scale_check.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

void check_on_scale(const Dataset& data, RatingScale scale) {
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
