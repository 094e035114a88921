#include "data/text_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

std::string_view checked_text(std::string_view bytes, const std::string& file,
                              const std::string& expected) {
  std::string_view text = bytes;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto refuse = [&](std::string_view found) {
    throw InputError({file, 0, 0}, std::string(found), expected);
  };
  if (text.empty()) refuse("an empty file");
  if (text.starts_with("PK\x03\x04")) refuse("a zip archive (unpack it first)");
  if (text.starts_with("\x1f\x8b")) refuse("a gzip archive (unpack it first)");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    refuse("UTF-16 text (save it as UTF-8 first)");
  }
  const auto head = text.substr(0, 4096);
  const auto binary = std::find_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (binary != head.end()) {
    refuse(fmt::format("a binary file (byte 0x{:02x} at offset {})",
                       static_cast<unsigned char>(*binary), binary - head.begin()));
  }
  return text;
}

}  // namespace tusk
