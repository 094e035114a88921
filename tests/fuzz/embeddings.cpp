// The reader of files of embeddings.
#include "models/content/embeddings.hpp"

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const IdMap items({1, 2, 3});
  try {
    read_embeddings(input_file("embeddings.safetensors", data, size), items);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
