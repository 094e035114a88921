// Titles as keys: what different sites call one film.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// The keys of a title, without its year: letters and digits alone, folded, without an article in
// front or behind. "City of Lost Children, The (Cité des enfants perdus, La) (1995)" has
// "cityoflostchildren" and "citedesenfantsperdus", the whole first.
std::vector<std::string> title_keys(std::string_view title);

}  // namespace tusk
