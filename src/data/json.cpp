#include <fmt/format.h>

#include <tusk/json.hpp>

#include "data/id_dictionary.hpp"
#include "support/text.hpp"

namespace tusk {

std::string json_line(const Json& object) {
  return printable_json(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

double json_number(float value) {
  return parse_double(fmt::format("{}", value)).value_or(static_cast<double>(value));
}

Json json_id(const IdMap& ids, std::string_view id) {
  std::int64_t number = 0;
  if (ids.numeric() && parse_canonical(id, number)) return number;
  return id;
}

}  // namespace tusk
