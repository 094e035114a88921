// Readers of what is known of films: the first byte chooses whose file it is.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>
#include <tusk/personal_ratings.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {
namespace {

constexpr std::string_view kRatings = "userId,movieId,rating\n1,1,3\n1,2,4\n2,3,5\n";
constexpr std::string_view kLinks = "movieId,imdbId,tmdbId\n1,0000001,11\n2,0000002,12\n";
// Others keep their text from one input to the next.
constexpr std::string_view kMetadata =
    "id,title,genres,overview,release_date,vote_count\n11,A,\"[{'id': 1, 'name': "
    "'X'}]\",o,1999-1-2,"
    "7\n";

constexpr std::array<const char*, 6> kFiles = {"movies_metadata.csv", "keywords.csv", "links.csv",
                                               "movie_titles.txt",    "titles.txt",   "export.csv"};

std::filesystem::path write(const char* name, std::string_view text) {
  return input_file(name, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto ratings = write("ratings.csv", kRatings);
  write("links.csv", kLinks);
  write("movies_metadata.csv", kMetadata);
  write("movie_titles.txt", "1,1999,A\n");
  const std::size_t which = *data % kFiles.size();
  const auto file = input_file(kFiles[which], data + 1, size - 1);
  ReadOptions options;
  options.threads = 1;
  if (which == 4) options.titles = file;
  try {
    const Dataset read = read_dataset(ratings, options);
    if (which == 5) {
      const std::vector<std::int64_t> counts(read.catalogue.title.size(), 1);
      read_personal_ratings(file, read.catalogue, counts, read.scale);
    }
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
