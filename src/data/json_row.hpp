// The fields of one line of JSON: an object's values by their keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

// Used for one line after another.
class JsonRow {
 public:
  // The keys of the fields, in their order.
  explicit JsonRow(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  // False if the line is no JSON object. Texts come without quotes and escapes, numbers as they are
  // written; what is missing, null or an object itself is an empty field.
  bool read(std::string_view line);

  // Whether the field is a null.
  bool is_null(std::size_t number) const { return nulls_[number]; }

  // Valid until the next call.
  std::string_view field(std::size_t number) const { return values_[number]; }

 private:
  std::vector<std::string> keys_;
  std::vector<std::string> values_;
  std::vector<bool> nulls_;
};

// The keys of a line's object, in its order; nothing if it is no JSON object.
std::optional<std::vector<std::string>> json_keys(std::string_view line);

}  // namespace tusk
