// Reading text files: what a file must be before its lines are looked at, and its lines a part at a
// time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_bytes.hpp"
#include "support/byte_source.hpp"

namespace tusk {

// The text of a whole file without its byte order mark, opened as open_bytes does. Throws
// InputError if the file cannot be read, is empty, or is no text but binary; `expected` says what
// it should be.
std::string read_text(const std::filesystem::path& path, const std::string& expected,
                      const OpenOptions& options = {});

// A text file that is too large to be held in memory.
class TextFile {
 public:
  // Throws as read_text does.
  TextFile(const std::filesystem::path& path, const std::string& expected,
           const OpenOptions& options = {});

  const ByteSource& file() const { return *file_; }
  const std::string& name() const { return name_; }
  // The first lines, whole, without the byte order mark: all of a small file. At least one of them
  // is not blank, unless all lines of the file are.
  std::string_view head() const { return head_; }
  std::uint64_t head_begin() const { return head_begin_; }  // in the file

 private:
  std::unique_ptr<const ByteSource> file_;
  std::string name_;
  std::string head_;
  std::uint64_t head_begin_ = 0;
};

// The lines of a part of a file, in blocks that fit into a processor's cache.
class LineBlocks {
 public:
  // Bytes behind a block that may be read too. Their values are arbitrary.
  static constexpr std::size_t kPadding = 8;

  // The lines whose first bytes are in [begin, end) of the file, given that the first line of all
  // begins at `first`. The file is borrowed.
  LineBlocks(const ByteSource& file, std::uint64_t first, std::uint64_t begin, std::uint64_t end);

  // The next lines with their ends (that of the last line of a file may be missing), valid until
  // the next call; empty when there are no more. Throws as InputFile::read does.
  std::string_view next();

 private:
  void fill();
  std::string_view text() const { return {buffer_.data(), filled_}; }
  // The end of the whole lines in the buffer, of which `searched` bytes have no line end; 0 if
  // there is none.
  std::size_t block_end(std::size_t searched) const;

  const ByteSource& file_;
  const std::uint64_t end_;
  std::vector<char> buffer_;
  std::uint64_t buffer_begin_;  // the place in the file of the buffer's first byte
  std::size_t filled_ = 0;      // bytes in the buffer
  std::size_t used_ = 0;        // of them: those of the last block, and what is to be skipped
  bool in_line_;                // the buffer begins inside a line that begins before `begin`
};

}  // namespace tusk
