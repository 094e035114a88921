#include "data/unpack.hpp"

#include <array>
#include <new>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include <tusk/error.hpp>

#include "data/archive_reader.hpp"

namespace tusk {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

constexpr std::string_view kGzip = "\x1f\x8b";

// zlib verifies the checksum of gzip files, which libarchive does not.
class GzipStream : public ByteStream {
 public:
  GzipStream(std::unique_ptr<ByteStream> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)), buffer_(kBuffer) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (::inflateInit2(&inflate_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipStream() override { ::inflateEnd(&inflate_); }

  std::size_t read(std::span<char> into) override {
    inflate_.next_out = reinterpret_cast<Bytef*>(into.data());
    inflate_.avail_out = static_cast<uInt>(into.size());
    while (!done_ && inflate_.avail_out == into.size()) {
      if (inflate_.avail_in == 0) refill();
      if (between_members_) {
        // Files may be joined; zeros that fill a block of a tape are none.
        done_ = inflate_.avail_in == 0 || *inflate_.next_in != 0x1f;
        if (done_) break;
        ::inflateReset(&inflate_);
        between_members_ = false;
      }
      if (inflate_.avail_in == 0) {
        throw InputError({name_, 0, 0}, "a gzip file that ends too early (cut off?)",
                         "a whole one");
      }
      const int result = ::inflate(&inflate_, Z_NO_FLUSH);
      between_members_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        throw InputError({name_, 0, 0},
                         fmt::format("a damaged gzip file ({})",
                                     inflate_.msg == nullptr ? "zlib" : inflate_.msg),
                         "a whole one");
      }
    }
    return into.size() - inflate_.avail_out;
  }

 private:
  void refill() {
    inflate_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    inflate_.avail_in = static_cast<uInt>(packed_->read(buffer_));
  }

  std::unique_ptr<ByteStream> packed_;
  std::string name_;
  std::vector<char> buffer_;
  z_stream inflate_ = {};
  bool between_members_ = false;
  bool done_ = false;
};

}  // namespace

bool is_compressed(std::string_view head) {
  constexpr std::array<std::string_view, 4> kMarks = {kGzip, "(\xb5/\xfd", "BZh",
                                                      "\xfd"
                                                      "7zXZ"};
  for (const std::string_view mark : kMarks) {
    if (head.starts_with(mark)) return true;
  }
  return false;
}

std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> stream, std::string_view head,
                                         std::string name) {
  if (head.starts_with(kGzip)) {
    return std::make_unique<GzipStream>(std::move(stream), std::move(name));
  }
  return std::make_unique<ArchiveReader>(std::move(stream), std::move(name));
}

}  // namespace tusk
