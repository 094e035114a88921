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

CLI::Validator memory_size() {
  const auto convert = [](std::string& text) -> std::string {
    const std::string given = text;
    try {
      // CLI11 takes -1 for a very large number.
      const bool number = !given.empty() && '0' <= given[0] && given[0] <= '9';
      if (number && CLI::AsSizeValue(false)(text).empty()) return "";
    } catch (const CLI::ValidationError&) {
    }
    return given + " is not a size such as 512M";
  };
  return CLI::Validator(convert, "SIZE");
}

}  // namespace tusk::cli
