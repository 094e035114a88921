#include "serve/export/npy.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <utf8.h>

namespace tusk {
namespace {

void write_header(OutputFolder::File& file, const std::string& type, std::size_t values,
                  std::size_t columns) {
  const std::string shape = columns == 0 ? fmt::format("({},)", values)
                                         : fmt::format("({}, {})", values / columns, columns);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, shape);
  constexpr std::size_t kBefore = 10;  // magic, version, length
  constexpr std::size_t kAlignment = 64;
  header.append(kAlignment - 1 - (kBefore + header.size()) % kAlignment, ' ');
  header += '\n';
  file.write("\x93NUMPY\x01");
  file.write({"\0", 1});
  const char length[] = {static_cast<char>(header.size() % 256),
                         static_cast<char>(header.size() / 256)};
  file.write({length, sizeof(length)});
  file.write(header);
}

template <class T>
void write_values(OutputFolder::File& file, const char* type, std::span<const T> values,
                  std::size_t columns) {
  write_header(file, type, values.size(), columns);
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

}  // namespace

void write_npy(OutputFolder::File& file, std::span<const float> values, std::size_t columns) {
  write_values(file, "<f4", values, columns);
}

void write_npy(OutputFolder::File& file, std::span<const std::int64_t> values) {
  write_values(file, "<i8", values, 0);
}

void write_npy(OutputFolder::File& file, std::span<const std::int32_t> values,
               std::size_t columns) {
  write_values(file, "<i4", values, columns);
}

void write_npy(OutputFolder::File& file, const IdMap& ids) {
  if (ids.numeric()) return write_npy(file, std::span<const std::int64_t>(ids.numbers()));
  std::vector<std::u32string> texts;
  std::size_t longest = 1;
  for (std::size_t i = 0; i < ids.texts().size(); ++i) {
    texts.push_back(utf8::utf8to32(ids.texts()[i]));
    longest = std::max(longest, texts.back().size());
  }
  write_header(file, fmt::format("<U{}", longest), texts.size(), 0);
  for (std::u32string& text : texts) {
    text.resize(longest);
    file.write({reinterpret_cast<const char*>(text.data()), longest * sizeof(char32_t)});
  }
}

}  // namespace tusk
