#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>
#include <tusk/synthetic.hpp>

#include "support/thread_pool.hpp"
#include "synthetic/planted_model.hpp"
#include "synthetic/titles.hpp"

namespace tusk {
namespace {

void append(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, end);
}

// "3.5": ratings are whole or half.
void append_rating(std::string& out, float rating) {
  const auto tenths = std::lround(rating * 10);
  append(out, tenths / 10);
  out += '.';
  append(out, tenths % 10);
}

// The rows of a range of users and what they add to the report.
struct Chunk {
  std::string text;
  std::int64_t ratings = 0;
  double variance = 0;
};

void write_users(const PlantedModel& model, Index begin, Index end, PlantedModel::Scratch& scratch,
                 Chunk& chunk) {
  std::vector<PlantedModel::Rating> ratings;
  chunk = {};
  for (Index user = begin; user < end; ++user) {
    model.rate(user, scratch, ratings);
    for (const auto& rating : ratings) {
      append(chunk.text, user + 1);
      chunk.text += ',';
      append(chunk.text, rating.item + 1);
      chunk.text += ',';
      append_rating(chunk.text, rating.value);
      chunk.text += ',';
      append(chunk.text, rating.timestamp);
      chunk.text += '\n';
      chunk.variance += rating.variance;
    }
    chunk.ratings += static_cast<std::int64_t>(ratings.size());
  }
}

SyntheticReport write_ratings(const SyntheticSpec& spec, const PlantedModel& model,
                              AtomicFile& file, ThreadPool& pool) {
  constexpr std::int64_t kUsersPerChunk = 256;
  std::vector<PlantedModel::Scratch> scratch(static_cast<std::size_t>(pool.threads()));
  std::vector<Chunk> chunks(static_cast<std::size_t>(pool.threads()) * 8);
  file.write("userId,movieId,rating,timestamp\n");
  SyntheticReport report;
  double variance = 0;
  const std::int64_t count = chunk_count(spec.users, kUsersPerChunk);
  const auto batch = static_cast<std::int64_t>(chunks.size());
  for (std::int64_t first = 0; first < count; first += batch) {
    const std::int64_t now = std::min(batch, count - first);
    pool.parallel_for(now, [&](std::int64_t c, int thread) {
      const std::int64_t begin = (first + c) * kUsersPerChunk;
      const std::int64_t end = std::min<std::int64_t>(begin + kUsersPerChunk, spec.users);
      write_users(model, static_cast<Index>(begin), static_cast<Index>(end),
                  scratch[static_cast<std::size_t>(thread)], chunks[static_cast<std::size_t>(c)]);
    });
    for (std::int64_t c = 0; c < now; ++c) {
      const Chunk& chunk = chunks[static_cast<std::size_t>(c)];
      file.write(chunk.text);
      report.ratings += chunk.ratings;
      variance += chunk.variance;
    }
  }
  report.floor_rmse = std::sqrt(variance / static_cast<double>(report.ratings));
  return report;
}

void write_movies(const SyntheticSpec& spec, const PlantedModel& model, AtomicFile& file) {
  std::string text = "movieId,title,genres\n";
  for (Index item = 0; item < spec.items; ++item) {
    const std::string title = made_up_title(item);
    const bool quote = title.find(',') != std::string::npos;
    text += fmt::format("{},{}{}{},{}\n", item + 1, quote ? "\"" : "", title, quote ? "\"" : "",
                        made_up_genres(model.item_factors(item)));
  }
  file.write(text);
}

// Throws UsageError if the folder has such files already.
void check_vacant(const std::filesystem::path& folder) {
  for (const char* name : {"ratings.csv", "movies.csv"}) {
    std::error_code error;
    if (!std::filesystem::exists(folder / name, error)) continue;
    throw UsageError(
        fmt::format("{} has a {} already; name another folder", folder.string(), name));
  }
}

// The folder for the files, which is removed again if it was made here and nothing came of it.
class OutputFolder {
 public:
  explicit OutputFolder(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    made_ = std::filesystem::create_directories(path, error);
    if (error) throw Error(fmt::format("{}: cannot be made: {}", path.string(), error.message()));
  }
  ~OutputFolder() {
    std::error_code error;
    if (made_) std::filesystem::remove(path_, error);  // which a folder with files is not
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  std::filesystem::path path_;
  bool made_ = false;
};

}  // namespace

SyntheticReport write_synthetic(const SyntheticSpec& spec, std::uint64_t seed,
                                const std::filesystem::path& folder, int threads,
                                const Observer& observer) {
  check_vacant(folder);
  // The model first, for it takes a while, and an end within that leaves no folder.
  ThreadPool pool(threads, observer.should_stop);
  const PlantedModel model(spec, seed);
  pool.check_stop();
  const OutputFolder output(folder);
  AtomicFile ratings(folder / "ratings.csv", AtomicFile::Existing::keep);
  AtomicFile movies(folder / "movies.csv", AtomicFile::Existing::keep);
  write_movies(spec, model, movies);
  const SyntheticReport report = write_ratings(spec, model, ratings, pool);
  pool.check_stop();
  const std::array<AtomicFile*, 2> files = {&movies, &ratings};
  commit(files);
  return report;
}

}  // namespace tusk
