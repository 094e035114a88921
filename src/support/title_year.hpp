// Years at the end of titles.
#pragma once

#include <string_view>

namespace tusk {

// Takes the year off the end of a title, " (1999)" or " (1999-2003)", and returns the first: four
// digits above 0000. Returns 0 and leaves the title, but for blanks around it, if there is none.
int take_year(std::string_view& title);

}  // namespace tusk
