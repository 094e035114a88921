#include "cli/help_formatter.hpp"

#include <fmt/format.h>

#include "support/text.hpp"

namespace tusk::cli {

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  constexpr std::size_t kNameWidth = 30;
  constexpr std::size_t kTextWidth = 68;
  std::string name = "  " + option->get_name(is_positional, true);
  if (!is_positional && option->get_expected_max() > 0) {
    // Without the allowed values, which the description names.
    const std::string type = option->get_type_name();
    name += " " + type.substr(0, type.find(':'));
  }
  std::string text = option->get_description();
  if (const std::string value = option->get_default_str(); !value.empty()) {
    text += fmt::format(" (default: {})", value);
  }
  std::string out;
  std::string line = name.size() < kNameWidth ? fmt::format("{:<{}}", name, kNameWidth)
                                              : fmt::format("{}\n{:<{}}", name, "", kNameWidth);
  std::size_t used = 0;
  for (const auto word : split_text(text, " ")) {
    if (used > 0 && used + word.size() > kTextWidth) {
      out += line + "\n";
      line.assign(kNameWidth, ' ');
      used = 0;
    }
    if (used > 0) line += ' ';
    line += word;
    used += word.size() + 1;
  }
  return out + line + "\n";
}

}  // namespace tusk::cli
