#include "cli/program.hpp"
#include "support/descriptor.hpp"

int main(int argc, char** argv) {
  tusk::open_standard_descriptors();
  return tusk::cli::run_program({argv + 1, argv + argc});
}
