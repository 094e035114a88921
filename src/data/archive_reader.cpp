#include "data/archive_reader.hpp"

#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <locale.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

constexpr std::size_t kPackedBlock = 256 << 10;  // read at a time
constexpr std::size_t kZipBlock = 64 << 10;      // read at each entry

// libarchive gives names of files in the encoding of the locale: in that of C, which programs begin
// with, only those of ASCII.
class Utf8Locale {
 public:
  Utf8Locale() : before_(::uselocale(utf8())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;  // nullptr, which changes nothing, where the system has none
  }

  locale_t before_;
};

}  // namespace

void ArchiveReader::Free::operator()(archive* archive) const { ::archive_read_free(archive); }

ArchiveReader::ArchiveReader(std::unique_ptr<ByteStream> packed, std::string name)
    : packed_(std::move(packed)),
      name_(std::move(name)),
      buffer_(kPackedBlock),
      archive_(::archive_read_new()) {
  ::archive_read_support_filter_zstd(archive_.get());
  ::archive_read_support_filter_bzip2(archive_.get());
  ::archive_read_support_filter_xz(archive_.get());
  ::archive_read_support_format_raw(archive_.get());
  const int opened = ::archive_read_open(archive_.get(), this, nullptr, &read_packed, nullptr);
  rethrow();
  if (opened != ARCHIVE_OK) fail();
  next();
}

ArchiveReader::ArchiveReader(const std::filesystem::path& zip)
    : name_(zip.string()), archive_(::archive_read_new()) {
  ::archive_read_support_format_zip(archive_.get());
  if (::archive_read_open_filename(archive_.get(), zip.c_str(), kZipBlock) != ARCHIVE_OK) fail();
}

bool ArchiveReader::next() {
  const Utf8Locale utf8;
  archive_entry* entry = nullptr;
  const int result = ::archive_read_next_header(archive_.get(), &entry);
  rethrow();
  if (result == ARCHIVE_EOF) return false;
  // A warning is of what is not needed here, such as dates.
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
  ++position_;
  entry_name_.clear();
  if (::archive_entry_filetype(entry) != AE_IFREG) return true;
  const char* const path = ::archive_entry_pathname(entry);
  if (path == nullptr) {
    throw InputError({name_, 0, 0}, "a file in the archive with a name that cannot be read",
                     "names in UTF-8");
  }
  entry_name_ = path;
  return true;
}

std::size_t ArchiveReader::read(std::span<char> into) {
  while (true) {
    const auto count = ::archive_read_data(archive_.get(), into.data(), into.size());
    rethrow();
    if (count >= 0) return static_cast<std::size_t>(count);
    // A warning, too, is of damage: of a wrong checksum.
    if (count != ARCHIVE_RETRY) fail();
  }
}

std::ptrdiff_t ArchiveReader::read_packed(archive*, void* self, const void** buffer) {
  auto& reader = *static_cast<ArchiveReader*>(self);
  try {
    *buffer = reader.buffer_.data();
    return static_cast<std::ptrdiff_t>(reader.packed_->read(reader.buffer_));
  } catch (...) {
    reader.error_ = std::current_exception();
    return -1;
  }
}

void ArchiveReader::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void ArchiveReader::fail() const {
  const char* const why = ::archive_error_string(archive_.get());
  throw InputError({name_, 0, 0},
                   fmt::format("a packed file that cannot be unpacked ({})",
                               why == nullptr ? "no reason is known" : why),
                   "a whole one");
}

}  // namespace tusk
