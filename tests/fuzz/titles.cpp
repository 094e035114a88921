// Finding titles: the input is a title, and what is asked for.
#include <string_view>
#include <vector>

#include <tusk/title_index.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Catalogue catalogue;
  for (const std::string_view title :
       {std::string_view("Matrix, The (1999)"), std::string_view("8\xC2\xBD (8 1/2) (1963)"),
        std::string_view("Star Wars: Episode IV - A New Hope (1977)"), text}) {
    catalogue.title.push_back(title);
    catalogue.genres.push_back("");
  }
  const std::vector<std::int64_t> ratings(catalogue.title.size(), 1);
  const TitleIndex index(catalogue, ratings);
  index.find(text);
  index.named(text);
  return 0;
}

}  // namespace tusk::test
