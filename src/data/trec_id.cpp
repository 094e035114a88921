#include "data/trec_id.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

void check_trec_id(std::string_view id) {
  if (id.find_first_of(" \t\n\v\f\r") == std::string_view::npos) return;
  throw InputError(fmt::format(
      "the id {} has blanks, which separate the columns of files for trec_eval", in_quotes(id)));
}

}  // namespace tusk
