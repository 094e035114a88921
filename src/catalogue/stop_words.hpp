// English words that say nothing of a text.
#pragma once

#include <string_view>

namespace tusk {

// Whether scikit-learn's list "english" has the word, which is in lower case.
bool is_stop_word(std::string_view word);

}  // namespace tusk
