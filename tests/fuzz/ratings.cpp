// The ratings reader: the first byte chooses the options.
#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ReadOptions options;
  options.threads = 1;
  options.on_bad = (*data & 1) != 0 ? BadRows::skip : BadRows::error;
  options.on_duplicate = (*data & 2) != 0 ? Duplicates::mean : Duplicates::latest;
  options.implicit = (*data & 4) != 0;
  try {
    const Dataset read = read_dataset(input_file("ratings", data + 1, size - 1), options);
    dataset_hash(read);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
