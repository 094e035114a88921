// The folds that MovieLens 100K comes with.
#pragma once

#include <string>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

// Reads u1.test .. u5.test (`names` "1" .. "5", or "a", "b") beside data.source: the label of a
// rating is the place in `names` of the file that has it, or names.size() if none has. Throws
// InputError if a file is missing, names a rating that the data lacks or that another file has, or
// meets or does not complete its uN.base.
std::vector<Label> official_labels(const Dataset& data, const std::vector<std::string>& names);

}  // namespace tusk
