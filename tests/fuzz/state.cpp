// The reader of the file that a search is resumed from.
#include <tusk/error.hpp>

#include "experiments/search_state.hpp"
#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    SearchState state(input_file("state.jsonl", data, size), {{"model", "mf"}});
    state.known(0);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
