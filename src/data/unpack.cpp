#include "data/unpack.hpp"

#include <array>
#include <system_error>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <zlib.h>

#include <tusk/error.hpp>

#include "support/input_file.hpp"

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

// What libarchive reads: one entry of a zip archive, or a compressed file that is one entry.
class ArchiveStream : public ByteStream {
 public:
  ArchiveStream(std::unique_ptr<ByteStream> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)), buffer_(kBuffer) {
    ::archive_read_support_filter_zstd(archive_.get());
    ::archive_read_support_filter_bzip2(archive_.get());
    ::archive_read_support_filter_xz(archive_.get());
    ::archive_read_support_format_raw(archive_.get());
    const int opened = ::archive_read_open(archive_.get(), this, nullptr, &read_packed, nullptr);
    rethrow();
    check(opened);
    next();
  }

  ArchiveStream(const std::filesystem::path& path, const std::string& name) : name_(name) {
    ::archive_read_support_format_zip(archive_.get());
    check(::archive_read_open_filename(archive_.get(), path.c_str(), kBuffer));
  }

  // Goes to the next entry. False if there is none.
  bool next() {
    const int result = ::archive_read_next_header(archive_.get(), &entry_);
    rethrow();
    if (result == ARCHIVE_EOF) return false;
    check(result);
    return true;
  }

  // Of this entry; empty for a folder or link.
  std::string entry_name() const {
    if (::archive_entry_filetype(entry_) != AE_IFREG) return "";
    const char* const path = ::archive_entry_pathname(entry_);
    return path == nullptr ? "" : path;
  }

  std::size_t read(std::span<char> into) override {
    while (true) {
      const auto count = ::archive_read_data(archive_.get(), into.data(), into.size());
      rethrow();
      if (count == ARCHIVE_RETRY) continue;
      if (count < 0) check(static_cast<int>(count));
      return count < 0 ? 0 : static_cast<std::size_t>(count);
    }
  }

 private:
  // What is thrown must not pass through libarchive.
  static ::la_ssize_t read_packed(archive*, void* self, const void** buffer) {
    auto& stream = *static_cast<ArchiveStream*>(self);
    try {
      *buffer = stream.buffer_.data();
      return static_cast<::la_ssize_t>(stream.packed_->read(stream.buffer_));
    } catch (...) {
      stream.error_ = std::current_exception();
      return -1;
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

  void check(int result) const {
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
    const char* const why = ::archive_error_string(archive_.get());
    throw InputError({name_, 0, 0},
                     fmt::format("a packed file that cannot be unpacked ({})",
                                 why == nullptr ? "no reason is known" : why),
                     "a whole one");
  }

  struct Free {
    void operator()(archive* archive) const { ::archive_read_free(archive); }
  };

  std::unique_ptr<ByteStream> packed_;
  std::string name_;
  std::vector<char> buffer_;
  std::exception_ptr error_;
  std::unique_ptr<archive, Free> archive_{::archive_read_new()};
  archive_entry* entry_ = nullptr;
};

bool is_made_by_a_system(const std::string& member) {
  return member.starts_with("__MACOSX/") || member.starts_with('.') ||
         member.find("/.") != std::string::npos;
}

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

bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"); }

std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> stream, std::string_view head,
                                         std::string name) {
  if (head.starts_with(kGzip)) {
    return std::make_unique<GzipStream>(std::move(stream), std::move(name));
  }
  return std::make_unique<ArchiveStream>(std::move(stream), std::move(name));
}

std::vector<std::string> zip_members(const std::filesystem::path& archive) {
  ArchiveStream stream(archive, archive.string());
  std::vector<std::string> members;
  while (stream.next()) {
    std::string member = stream.entry_name();
    if (!member.empty() && !is_made_by_a_system(member)) members.push_back(std::move(member));
  }
  return members;
}

std::unique_ptr<ByteStream> zip_member(const std::filesystem::path& archive,
                                       const std::string& member) {
  auto stream = std::make_unique<ArchiveStream>(archive, (archive / member).string());
  while (stream->next()) {
    if (stream->entry_name() == member) return stream;
  }
  throw InputError({archive.string(), 0, 0}, fmt::format("no file {} in the archive", member),
                   "one of that name");
}

ZipPlace zip_place(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) return {};
  for (auto at = path.parent_path(); at.has_relative_path(); at = at.parent_path()) {
    if (!std::filesystem::exists(at, error)) continue;
    if (!is_zip_file(at)) return {};
    return {at, path.lexically_relative(at).generic_string()};
  }
  return {};
}

bool is_zip_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const InputFile file(path);
  std::string head(std::min<std::uint64_t>(kPackedMark, file.size()), '\0');
  file.read(0, head);
  return is_zip(head);
}

}  // namespace tusk
