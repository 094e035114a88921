// Names in lists as Python prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// The texts under the key 'name' in a list of dictionaries: "[{'id': 16, 'name': 'Animation'}]".
// Nothing if the text is no such list.
std::optional<std::vector<std::string>> python_names(std::string_view text);

}  // namespace tusk
