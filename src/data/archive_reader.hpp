// Reading by libarchive.
#pragma once

#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/byte_stream.hpp"

struct archive;
struct archive_entry;

namespace tusk {

// The entries of a zip archive, one after another, or the one of a compressed file. Used by one
// thread at a time. Everything throws InputError, which names the file.
class ArchiveReader : public ByteStream {
 public:
  // A file compressed by zstd, bzip2 or xz.
  ArchiveReader(std::unique_ptr<ByteStream> packed, std::string name);
  // A zip archive.
  explicit ArchiveReader(const std::filesystem::path& zip);
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // Goes to the next entry. False if there is none.
  bool next();
  // How often it did: the number of the next entry, from 0.
  std::size_t position() const { return position_; }
  // Of the entry as the archive has it; empty for a folder or link.
  const std::string& entry_name() const { return entry_name_; }
  // The next bytes of the entry.
  std::size_t read(std::span<char> into) override;

  // What messages call it.
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  // What is thrown must not pass through libarchive.
  static std::ptrdiff_t read_packed(archive*, void* self, const void** buffer);
  void rethrow() const;
  [[noreturn]] void fail() const;

  struct Free {
    void operator()(archive* archive) const;
  };

  std::unique_ptr<ByteStream> packed_;
  std::string name_;
  std::vector<char> buffer_;
  std::exception_ptr error_;
  std::unique_ptr<archive, Free> archive_;
  std::size_t position_ = 0;
  std::string entry_name_;
};

}  // namespace tusk
