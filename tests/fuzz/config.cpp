// The reader of TOML files with options.
#include <tusk/error.hpp>

#include "cli/settings.hpp"
#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<cli::CommandOptions> all = {
      {"train",
       {{"epochs", "epochs"},
        {"factors", "factors"},
        {"learning-rate", "learning-rate"},
        {"lr", "learning-rate"},
        {"model", "model"},
        {"quiet", "quiet"},
        {"seed", "seed"}}},
      {"data stats", {{"scale", "scale"}}},
      {"tune", {{"grid", "grid"}, {"random", "random"}}}};
  try {
    cli::config_settings(input_file("config.toml", data, size).string(), "train", all);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
