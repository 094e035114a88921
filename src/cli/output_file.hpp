// A model file that a command will write at its end.
#pragma once

#include <string>

namespace tusk::cli {

// Throws, before the work and not after it, if `path`, which --out gives, cannot be written or is
// there and is something else than a model: data, perhaps.
void check_output(const std::string& path);

}  // namespace tusk::cli
