// The reader of files of ids: the first byte chooses what they are of.
#include <tusk/error.hpp>
#include <tusk/id_table.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const IdRows rows = (*data & 1) != 0 ? IdRows::pairs : IdRows::users;
  try {
    read_id_table(input_file("ids", data + 1, size - 1), rows, {});
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
