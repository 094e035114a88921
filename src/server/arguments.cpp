#include "server/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "support/suggest.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

using Value = nlohmann::json;

// A name as a part of a JSON pointer (RFC 6901).
std::string pointer_part(const std::string& name) {
  std::string part = "/";
  for (const char c : name) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

// What is wrong with a text as an id; empty: nothing.
std::string wrong_with_id(const std::string& text) {
  if (text.empty()) return "an id must not be empty";
  if (text.size() > kLongestId) return fmt::format("an id has at most {} bytes", kLongestId);
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
  return control ? "an id must not have control characters" : "";
}

std::optional<std::string> id_text(const Value& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return std::nullopt;
}

}  // namespace

void Arguments::finish() const {
  for (const std::string& name : names()) {
    if (asked_.contains(name)) continue;
    throw bad(name, fmt::format("there is no {} here{}", in_quotes(name),
                                suggestion(name, {asked_.begin(), asked_.end()})));
  }
}

std::optional<std::string> QueryArguments::text(const std::string& name) {
  std::vector<std::string> values = texts(name, 1);
  if (values.empty()) return std::nullopt;
  return std::move(values.front());
}

std::vector<std::string> QueryArguments::texts(const std::string& name, std::size_t most) {
  ask(name);
  std::vector<std::string> values;
  for (const auto& [key, value] : query_) {
    if (key != name) continue;
    if (value.empty()) throw bad(name, fmt::format("{} has no value", name));
    if (values.size() == most) {
      throw bad(name, most == 1 ? fmt::format("{} is given twice", name)
                                : fmt::format("{} is given more than {} times", name, most));
    }
    values.push_back(value);
  }
  return values;
}

std::optional<std::int64_t> QueryArguments::whole(const std::string& name, std::int64_t low,
                                                  std::int64_t high) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto value = parse_int(*given);
  if (!value || *value < low || *value > high) {
    throw bad(name, fmt::format("{} is {}; it must be a whole number from {} to {}", name,
                                short_text(*given), low, high));
  }
  return *value;
}

std::optional<bool> QueryArguments::flag(const std::string& name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (*given == "true") return true;
  if (*given == "false") return false;
  throw bad(name, fmt::format("{} is {}; it must be true or false", name, short_text(*given)));
}

Problem QueryArguments::bad(const std::string& name, const std::string& detail,
                            const std::string& type) const {
  return Problem(422, type, detail).in_query(name);
}

std::vector<std::string> QueryArguments::names() const {
  std::vector<std::string> all;
  for (const auto& [name, value] : query_) all.push_back(name);
  return all;
}

JsonArguments::JsonArguments(const Value& object, std::string place)
    : object_(object), place_(std::move(place)) {
  if (object.is_object()) return;
  throw Problem(422, "invalid-value", "a JSON object must be here").at(place_);
}

const Value* JsonArguments::any(const std::string& name) {
  ask(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

const Value* JsonArguments::find_list(const std::string& name, std::size_t most) {
  const Value* const value = any(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) throw bad(name, fmt::format("{} must be a list", name));
  if (value->size() > most) {
    throw bad(name, fmt::format("{} has {} elements; {} is the most", name, value->size(), most));
  }
  return value;
}

std::optional<std::int64_t> JsonArguments::whole(const std::string& name, std::int64_t low,
                                                 std::int64_t high) {
  const Value* const value = any(name);
  if (value == nullptr) return std::nullopt;
  const bool is_whole = value->is_number_integer() &&
                        !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX);
  const std::int64_t number = is_whole ? value->get<std::int64_t>() : 0;
  if (!is_whole || number < low || number > high) {
    throw bad(name, fmt::format("{} must be a whole number from {} to {}", name, low, high));
  }
  return number;
}

std::optional<bool> JsonArguments::flag(const std::string& name) {
  const Value* const value = any(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) throw bad(name, fmt::format("{} must be true or false", name));
  return value->get<bool>();
}

std::optional<std::string> JsonArguments::text(const std::string& name) {
  const Value* const value = any(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw bad(name, fmt::format("{} must be a text", name));
  return value->get<std::string>();
}

std::vector<std::string> JsonArguments::texts(const std::string& name, std::size_t most) {
  const Value* const list = find_list(name, most);
  std::vector<std::string> all;
  if (list == nullptr) return all;
  for (const Value& value : *list) {
    if (!value.is_string()) throw bad(name, fmt::format("{} must be a list of texts", name));
    all.push_back(value.get<std::string>());
  }
  return all;
}

std::optional<std::string> JsonArguments::id(const std::string& name) {
  const Value* const value = any(name);
  if (value == nullptr) return std::nullopt;
  auto id = id_text(*value);
  if (!id) throw bad(name, "an id must be a text or a whole number");
  if (const std::string wrong = wrong_with_id(*id); !wrong.empty()) throw bad(name, wrong);
  return id;
}

std::vector<std::string> JsonArguments::ids(const std::string& name, std::size_t most) {
  const Value* const list = find_list(name, most);
  std::vector<std::string> all;
  if (list == nullptr) return all;
  for (const Value& value : *list) {
    const auto id = id_text(value);
    const std::string wrong = id ? wrong_with_id(*id) : "an id must be a text or a whole number";
    if (!wrong.empty()) throw bad(fmt::format("{}/{}", name, all.size()), wrong);
    all.push_back(*id);
  }
  return all;
}

std::optional<float> JsonArguments::number(const std::string& name) {
  const Value* const value = any(name);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_number() ? static_cast<float>(value->get<double>()) : NAN;
  if (!std::isfinite(number)) throw bad(name, fmt::format("{} must be a number", name));
  return number;
}

std::vector<JsonArguments> JsonArguments::objects(const std::string& name, std::size_t most) {
  const Value* const list = find_list(name, most);
  std::vector<JsonArguments> all;
  if (list == nullptr) return all;
  for (const Value& value : *list) {
    all.emplace_back(value, fmt::format("{}{}/{}", place_, pointer_part(name), all.size()));
  }
  return all;
}

Problem JsonArguments::bad(const std::string& name, const std::string& detail,
                           const std::string& type) const {
  // Of an element "name/3" is a place already; names of fields have no slash, but for foreign ones.
  const bool element = !object_.contains(name);
  return Problem(422, type, detail).at(place_ + (element ? "/" + name : pointer_part(name)));
}

std::vector<std::string> JsonArguments::names() const {
  std::vector<std::string> all;
  for (const auto& [name, value] : object_.items()) all.push_back(name);
  return all;
}

}  // namespace tusk::server
