#include "chat/json_fields.hpp"

#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk::chat {

void refuse(const FieldName& name, std::string_view expected) {
  throw InputError(
      fmt::format("{}: field \"{}\" must be {}", name.object, short_text(name.field), expected));
}

void refuse_unknown(const FieldName& name) {
  throw InputError(
      fmt::format("{}: there is no field {}", name.object, in_quotes(std::string(name.field))));
}

std::string text_of(const Json& json, const FieldName& name, std::size_t most_bytes) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.size() <= most_bytes && is_utf8(text)) return text;
  }
  refuse(name, fmt::format("text of at most {} bytes", most_bytes));
}

const Json& list_of(const Json& json, const FieldName& name, std::size_t most,
                    std::string_view elements) {
  if (json.is_array() && json.size() <= most) return json;
  refuse(name, fmt::format("a list of at most {} {}", most, elements));
}

std::vector<std::string> texts_of(const Json& json, const FieldName& name, std::size_t most,
                                  std::size_t most_bytes) {
  std::vector<std::string> texts;
  for (const Json& one : list_of(json, name, most, "texts")) {
    texts.push_back(text_of(one, name, most_bytes));
  }
  return texts;
}

int whole_of(const Json& json, const FieldName& name, int least, int most) {
  const double number = json.is_number() ? json.get<double>() : NAN;
  if (number >= least && number <= most && number == std::floor(number)) {
    return static_cast<int>(number);
  }
  refuse(name, fmt::format("a whole number from {} to {}", least, most));
}

float number_of(const Json& json, const FieldName& name) {
  const double number = json.is_number() ? json.get<double>() : NAN;
  if (std::isfinite(static_cast<float>(number))) return static_cast<float>(number);
  refuse(name, "a number");
}

bool flag_of(const Json& json, const FieldName& name) {
  if (json.is_boolean()) return json.get<bool>();
  refuse(name, "true or false");
}

}  // namespace tusk::chat
