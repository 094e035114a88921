// Where the tests find this build and its source.
#pragma once

#include <filesystem>
#include <string>

namespace tusk::test {

std::filesystem::path source_folder();
std::string tusk_program();

}  // namespace tusk::test
