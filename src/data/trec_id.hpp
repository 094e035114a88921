// Ids in files for trec_eval: qrels and runs.
#pragma once

#include <string_view>

namespace tusk {

// Throws InputError if an id has blanks (those of isspace), which separate the columns.
void check_trec_id(std::string_view id);

}  // namespace tusk
