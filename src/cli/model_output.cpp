#include "cli/model_output.hpp"

#include <fmt/format.h>

#include "data/id_dictionary.hpp"

namespace tusk::cli {

std::string title_of(const Model& model, Index item) {
  return item == kNone ? "" : std::string(model.catalogue.title[static_cast<std::size_t>(item)]);
}

}  // namespace tusk::cli
