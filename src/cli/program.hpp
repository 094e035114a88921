// The program: finds the command, reads its options, runs it, and turns errors into exit codes.
#pragma once

#include <string>
#include <vector>

namespace tusk::cli {

int run_program(const std::vector<std::string>& arguments);

}  // namespace tusk::cli
