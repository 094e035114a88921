// Files that a command will write at its end.
#pragma once

#include <string>

namespace tusk::cli {

// Each throws, before the work and not after it, if `path`, which --out gives, cannot be written or
// is there and may not be replaced: a model replaces nothing but a model, a table of results
// nothing unless `overwrite` says so. Data could be lost otherwise.
void check_output(const std::string& path);
void check_table_output(const std::string& path, bool overwrite);

}  // namespace tusk::cli
