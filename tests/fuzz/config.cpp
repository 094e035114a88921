// The reader of TOML files with options.
#include <tusk/error.hpp>

#include "cli/settings.hpp"
#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<cli::CommandOptions> all = {
      {"train", {"epochs", "factors", "learning-rate", "model", "quiet", "seed"}},
      {"data stats", {"scale"}},
      {"tune", {"grid", "random"}}};
  try {
    cli::config_settings(input_file("config.toml", data, size).string(), "train", all);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
