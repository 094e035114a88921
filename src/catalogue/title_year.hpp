// Years at the end of titles.
#pragma once

#include <string_view>

namespace tusk {

// Takes the year off the end of a title, " (1999)" or " (1999-2003)", and returns the first; 0:
// there is none.
int take_year(std::string_view& title);

}  // namespace tusk
