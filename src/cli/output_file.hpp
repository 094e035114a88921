// A file that a command will write at its end.
#pragma once

#include <filesystem>
#include <string>

namespace tusk::cli {

// Throws, before the work and not after it, if `path`, which --out gives, cannot be written or is
// `input`, which the command reads.
void check_output(const std::string& path, const std::filesystem::path& input);

}  // namespace tusk::cli
