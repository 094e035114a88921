// Decoding text: the first byte chooses the encoding, the second how many bytes come and are taken
// at a time, which must make no difference.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tusk/error.hpp>

#include "data/text_encoding.hpp"
#include "tests/fuzz/input_file.hpp"

namespace tusk::test {
namespace {

constexpr std::array<const char*, 7> kEncodings = {
    "UTF-16LE", "UTF-16BE", "LATIN1", "WINDOWS-1252", "WINDOWS-1258", "SHIFT_JIS", "GB18030"};

class Pieces : public ByteStream {
 public:
  Pieces(std::string_view text, std::size_t most) : text_(text), most_(most) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t count = text_.copy(into.data(), std::min(into.size(), most_));
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  std::size_t most_;
};

// Nothing if it cannot be decoded.
std::optional<std::string> decoded(std::string_view text, const char* encoding, std::size_t come,
                                   std::size_t taken) {
  const auto stream = as_utf8(std::make_unique<Pieces>(text, come), encoding, "fuzz");
  std::string all;
  std::string block(taken, '\0');
  try {
    while (const std::size_t count = read_fully(*stream, block)) all.append(block, 0, count);
  } catch (const InputError&) {
    return std::nullopt;
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const char* const encoding = kEncodings[data[0] % kEncodings.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  constexpr std::size_t kAll = 1 << 16;
  const std::size_t come = 1 + data[1] % 16U;
  const std::size_t taken = 1 + data[1] / 16U;
  if (decoded(text, encoding, come, taken) != decoded(text, encoding, kAll, kAll)) std::abort();
  return 0;
}

}  // namespace tusk::test
