#include "cli/model_output.hpp"

#include <fmt/format.h>

#include "data/id_dictionary.hpp"

namespace tusk::cli {

Json json_id(const IdMap& ids, std::string_view id) {
  std::int64_t number = 0;
  if (ids.numeric() && parse_canonical(id, number)) return number;
  return id;
}

std::string size_text(std::uintmax_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (number < 1e6) return fmt::format("{:.1f} kB", number / 1e3);
  if (number < 1e9) return fmt::format("{:.1f} MB", number / 1e6);
  return fmt::format("{:.1f} GB", number / 1e9);
}

std::string title_of(const Model& model, Index item) {
  return item == kNone ? "" : std::string(model.catalogue.title[static_cast<std::size_t>(item)]);
}

}  // namespace tusk::cli
