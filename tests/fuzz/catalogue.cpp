// The reader of titles and genres: the first byte chooses whose layout.
#include <array>
#include <string>
#include <string_view>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {
namespace {

struct Layout {
  const char* ratings;  // names of files
  const char* titles;
  std::string_view rows;
};

constexpr std::array<Layout, 3> kLayouts = {{
    {"ratings.csv", "movies.csv", "userId,movieId,rating\n1,1,3\n1,2,4\n2,3,5\n"},
    {"u.data", "u.item", "1\t1\t3\t1\n1\t2\t4\t1\n2\t3\t5\t1\n"},
    {"ratings.dat", "movies.dat", "1::1::3::1\n1::2::4::1\n2::3::5::1\n"},
}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Layout& layout = kLayouts[*data % kLayouts.size()];
  const auto ratings =
      input_file(layout.ratings, reinterpret_cast<const std::uint8_t*>(layout.rows.data()),
                 layout.rows.size());
  input_file(layout.titles, data + 1, size - 1);
  ReadOptions options;
  options.threads = 1;
  options.on_bad = (*data & 0x80) != 0 ? BadRows::skip : BadRows::error;
  try {
    read_dataset(ratings, options);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
