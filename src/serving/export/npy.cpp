#include "serving/export/npy.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

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

}  // namespace

void write_npy(OutputFolder::File& file, std::span<const float> values, std::size_t columns) {
  write_header(file, "<f4", values.size(), columns);
  write_npy_values(file, values);
}

void begin_npy_floats(OutputFolder::File& file, std::size_t rows, std::size_t columns) {
  write_header(file, "<f4", rows * columns, columns);
}

void begin_npy_integers(OutputFolder::File& file, std::size_t rows, std::size_t columns) {
  write_header(file, "<i4", rows * columns, columns);
}

void write_npy(OutputFolder::File& file, const IdMap& ids) {
  if (ids.numeric()) {
    write_header(file, "<i8", ids.numbers().size(), 0);
    return write_npy_values(file, std::span(ids.numbers()));
  }
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
