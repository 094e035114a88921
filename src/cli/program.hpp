// The program: finds the command, reads its options, runs it, and turns errors into exit codes.
#pragma once

#include <string>
#include <vector>

#include "cli/settings.hpp"

namespace tusk::cli {

// What a config file may say.
std::vector<CommandOptions> command_options();

int run_program(const std::vector<std::string>& arguments);

}  // namespace tusk::cli
