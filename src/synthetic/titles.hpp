// Made-up titles and genres for the items of a synthetic data set.
#pragma once

#include <string>

#include <tusk/types.hpp>

#include "synthetic/planted_model.hpp"

namespace tusk {

// "The Silent Harbor (1987)". No two items have the same title.
std::string made_up_title(Index item);

// "Drama|War": one to three genres, each the direction of one of the item's strongest factors.
std::string made_up_genres(const PlantedVector& factors);

}  // namespace tusk
