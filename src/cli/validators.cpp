#include "cli/validators.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace tusk::cli {

CLI::Validator whole_number() {
  const auto check = [](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size();
    return good ? "" : text + " is not a whole number from 0 to 18446744073709551615";
  };
  return CLI::Validator(check, "N");
}

}  // namespace tusk::cli
