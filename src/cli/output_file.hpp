// Files that a command will write at its end.
#pragma once

#include <string>
#include <string_view>

namespace tusk::cli {

// Each throws, before the work and not after it, if `path`, which --out or another `option` gives,
// cannot be written or is there and may not be replaced: a model replaces nothing but a model,
// other results nothing unless `overwrite` says so. Data could be lost otherwise.
void check_output(const std::string& path);
void check_output(const std::string& option, const std::string& path, bool overwrite);

// As AtomicFile.
void write_file(const std::string& path, std::string_view text);

}  // namespace tusk::cli
