#include "tests/support/paths.hpp"

namespace tusk::test {

std::filesystem::path source_folder() { return TUSK_SOURCE_DIR; }
std::string tusk_program() { return TUSK_PROGRAM; }

}  // namespace tusk::test
