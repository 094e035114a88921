#include "tests/support/packed.hpp"

#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace tusk::test {
namespace {

struct FreeArchive {
  void operator()(archive* archive) const { ::archive_write_free(archive); }
};
using Writer = std::unique_ptr<archive, FreeArchive>;

void check(const Writer& writer, long long result) {
  if (result < ARCHIVE_WARN) throw std::runtime_error(::archive_error_string(writer.get()));
}

// Closes the archive when all is written.
std::string written(const Writer& writer,
                    const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes(1 << 20, '\0');
  for (const auto& [name, text] : files) bytes.resize(bytes.size() + text.size());
  std::size_t used = 0;
  check(writer, ::archive_write_open_memory(writer.get(), bytes.data(), bytes.size(), &used));
  for (const auto& [name, text] : files) {
    archive_entry* const entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<::la_int64_t>(text.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    check(writer, ::archive_write_header(writer.get(), entry));
    ::archive_entry_free(entry);
    check(writer, ::archive_write_data(writer.get(), text.data(), text.size()));
  }
  check(writer, ::archive_write_close(writer.get()));
  bytes.resize(used);
  return bytes;
}

}  // namespace

std::string compressed(const std::string& text, const std::string& how) {
  const Writer writer(::archive_write_new());
  check(writer, ::archive_write_set_format_raw(writer.get()));
  check(writer, ::archive_write_add_filter_by_name(writer.get(), how.c_str()));
  check(writer, ::archive_write_set_bytes_in_last_block(writer.get(), 1));
  return written(writer, {{"text", text}});
}

std::string zipped(const std::vector<std::pair<std::string, std::string>>& files) {
  const Writer writer(::archive_write_new());
  check(writer, ::archive_write_set_format_zip(writer.get()));
  check(writer, ::archive_write_set_bytes_in_last_block(writer.get(), 1));
  return written(writer, files);
}

}  // namespace tusk::test
