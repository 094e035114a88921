#include "data/text_encoding.hpp"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <iconv.h>

#include <tusk/parameters.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

class Utf8Stream : public ByteStream {
 public:
  Utf8Stream(std::unique_ptr<ByteStream> stream, const std::string& encoding, std::string name)
      : stream_(std::move(stream)),
        encoding_(encoding),
        name_(std::move(name)),
        buffer_(256 << 10),
        iconv_(::iconv_open("UTF-8", encoding.c_str())) {
    if (iconv_ == kInvalid) {
      throw ParameterError("encoding", short_text(encoding),
                           "utf-8, latin-1, windows-1252, utf-16 or another that `iconv -l` lists");
    }
  }
  ~Utf8Stream() override { ::iconv_close(iconv_); }

  std::size_t read(std::span<char> into) override {
    while (given_ == decoded_.size()) {
      if (!decode()) return 0;
    }
    const std::size_t count = decoded_.copy(into.data(), into.size(), given_);
    given_ += count;
    return count;
  }

 private:
  // Puts the next text into decoded_. False at the end.
  bool decode() {
    if (ended_) return false;
    if (filled_ == 0 || starved_) {
      const std::size_t count = stream_->read(std::span(buffer_).subspan(filled_));
      if (count == 0 && filled_ > 0) fail("ends within a character");
      filled_ += count;
      ended_ = count == 0;
    }
    given_ = 0;
    decoded_.resize(kDecoded);
    char* in = buffer_.data();
    std::size_t left = filled_;
    char* out = decoded_.data();
    std::size_t room = decoded_.size();
    // At the end without input: some encodings hold a letter back until they see the next.
    const auto result = ended_ ? ::iconv(iconv_, nullptr, nullptr, &out, &room)
                               : ::iconv(iconv_, &in, &left, &out, &room);
    const int error = result == static_cast<std::size_t>(-1) ? errno : 0;
    decoded_.resize(decoded_.size() - room);
    done_ += filled_ - left;
    std::memmove(buffer_.data(), in, left);
    filled_ = left;
    if (error == EILSEQ) {
      fail(fmt::format("has byte 0x{:02x} at offset {}", static_cast<unsigned char>(buffer_[0]),
                       done_));
    }
    starved_ = error == EINVAL;
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(
        {name_, 0, 0}, fmt::format("a text that {}", what),
        fmt::format("text in {}; set {} to another encoding", encoding_, option_name("encoding")));
  }

  inline static const iconv_t kInvalid = reinterpret_cast<iconv_t>(-1);
  static constexpr std::size_t kDecoded = 256 << 10;  // more than any character takes

  std::unique_ptr<ByteStream> stream_;
  std::string encoding_;
  std::string name_;
  std::vector<char> buffer_;  // what is not decoded yet
  std::size_t filled_ = 0;
  std::uint64_t done_ = 0;  // bytes decoded
  bool starved_ = false;    // what is in the buffer is the beginning of a character
  bool ended_ = false;
  std::string decoded_;
  std::size_t given_ = 0;  // of it, that are read
  iconv_t iconv_;
};

}  // namespace

std::string utf16_of(std::string_view head) {
  if (head.starts_with("\xff\xfe")) return "UTF-16LE";
  if (head.starts_with("\xfe\xff")) return "UTF-16BE";
  // ASCII has a zero in every other byte.
  const auto zero = [&](std::size_t at) { return head[at] == '\0'; };
  if (head.size() < 4 || zero(0) == zero(1) || zero(0) != zero(2) || zero(1) != zero(3)) return "";
  return zero(0) ? "UTF-16BE" : "UTF-16LE";
}

bool is_utf16_name(std::string_view encoding) {
  const std::string name = lower_case(encoding);
  return name == "utf-16" || name == "utf16";
}

std::string encoding_name(std::string_view encoding) {
  const std::string name = lower_case(encoding);
  if (name.empty() || name == "utf-8" || name == "utf8") return "";
  if (name == "latin-1") return "LATIN1";
  // As most files that have no byte order mark are.
  if (is_utf16_name(name)) return "UTF-16LE";
  return std::string(encoding);
}

std::unique_ptr<ByteStream> as_utf8(std::unique_ptr<ByteStream> stream, const std::string& encoding,
                                    std::string name) {
  return std::make_unique<Utf8Stream>(std::move(stream), encoding, std::move(name));
}

}  // namespace tusk
