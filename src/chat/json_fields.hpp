// Reading the fields of a conversation's objects from JSON, where anybody may have written it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/json.hpp>

#include "support/text.hpp"

namespace tusk::chat {

// Name of a field in messages.
struct FieldName {
  std::string_view object;  // "request"
  std::string_view field;   // "genre"
};

// All of these throw InputError, which names the field and what it must be.
[[noreturn]] void refuse(const FieldName& name, std::string_view expected);
[[noreturn]] void refuse_unknown(const FieldName& name);

// UTF-8.
std::string text_of(const Json& json, const FieldName& name, std::size_t most_bytes);
// The list, of at most so many "texts".
const Json& list_of(const Json& json, const FieldName& name, std::size_t most,
                    std::string_view elements);
std::vector<std::string> texts_of(const Json& json, const FieldName& name, std::size_t most,
                                  std::size_t most_bytes);
int whole_of(const Json& json, const FieldName& name, int least, int most);
// Finite, as a float.
float number_of(const Json& json, const FieldName& name);
bool flag_of(const Json& json, const FieldName& name);

// The value whose name it is: they are in the order of the enumeration.
template <class Value, std::size_t N>
Value value_of(const Json& json, const FieldName& name,
               const std::array<std::string_view, N>& names) {
  for (std::size_t n = 0; n < N && json.is_string(); ++n) {
    if (json.get_ref<const std::string&>() == names[n]) return static_cast<Value>(n);
  }
  refuse(name, "one of " + list_text({names.begin(), names.end()}));
}

}  // namespace tusk::chat
