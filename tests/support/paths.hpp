// Where the tests find this build and its source.
#pragma once

#include <filesystem>
#include <string>

namespace tusk::test {

std::filesystem::path source_folder();
std::string tusk_program();
std::string faulty_io_library();  // see faulty_io.cpp

}  // namespace tusk::test
