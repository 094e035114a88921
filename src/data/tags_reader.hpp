// Tags that users gave items, from the files that MovieLens data sets have beside their ratings.
#pragma once

#include <filesystem>

#include <tusk/dataset.hpp>

#include "data/open_bytes.hpp"

namespace tusk {

// From tags.csv (a header with movieId and tag) or tags.dat (user::item::tag::time) in `folder`, an
// entry per item: "pixar|toys|pixar", every tag as often as it was given. Empty if there is no such
// file, or none that can be used: `report` says why. Rows that cannot be read are left out.
TextTable read_tags(const std::filesystem::path& folder, const IdMap& items,
                    const OpenOptions& options, TitlesReport& report);

}  // namespace tusk
