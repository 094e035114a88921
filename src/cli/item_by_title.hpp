// Items that the user names by their titles.
#pragma once

#include <string>
#include <string_view>

#include <tusk/model.hpp>
#include <tusk/title_index.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

TitleIndex index_titles(const Model& model);

// The item that a text names, or the only one whose title has its words. Throws UsageError where it
// is the title of several, and InputError where it is of none; both offer the items that it may
// mean, best first, with `option` before their ids: "--item".
Index item_by_title(const Model& model, const TitleIndex& titles, std::string_view text,
                    std::string_view option);

// The same, but of several items with the title that with the most training ratings, of which a
// note tells. It has training ratings.
Index likely_item(const Model& model, const TitleIndex& titles, const std::string& text,
                  const Console& console);

}  // namespace tusk::cli
