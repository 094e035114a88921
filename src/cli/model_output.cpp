#include "cli/model_output.hpp"

#include <fmt/format.h>

#include "data/id_dictionary.hpp"

namespace tusk::cli {

Json json_id(const IdMap& ids, std::string_view id) {
  std::int64_t number = 0;
  if (ids.numeric() && parse_canonical(id, number)) return number;
  return id;
}

std::string title_of(const Model& model, Index item) {
  return item == kNone ? "" : std::string(model.catalogue.title[static_cast<std::size_t>(item)]);
}

}  // namespace tusk::cli
