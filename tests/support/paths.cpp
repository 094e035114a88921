#include "tests/support/paths.hpp"

namespace tusk::test {

std::filesystem::path source_folder() { return TUSK_SOURCE_DIR; }
std::string tusk_program() { return TUSK_PROGRAM; }
std::string faulty_io_library() { return TUSK_FAULTY_IO; }

}  // namespace tusk::test
