#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

std::string describe(const TextPosition& where, const std::string& found,
                     const std::string& expected) {
  std::string text = where.file;
  if (where.line > 0) text += fmt::format(":{}", where.line);
  if (where.column > 0) text += fmt::format(":{}", where.column);
  if (!text.empty()) text += ": ";
  return fmt::format("{}found {}, expected {}", text, found, expected);
}

}  // namespace

InputError::InputError(TextPosition where, std::string found, std::string expected)
    : Error(describe(where, found, expected)),
      where_(std::move(where)),
      found_(std::move(found)),
      expected_(with_option_names(expected, plain_name)) {}

DivergedError::DivergedError(int epoch, const std::string& option, float rate)
    : Error(fmt::format("training diverged in epoch {}: the error grows without bound. Lower {} "
                        "(now {:g}; try {:g})",
                        epoch, option_name(option), rate, rate / 5)),
      epoch_(epoch) {}

}  // namespace tusk
