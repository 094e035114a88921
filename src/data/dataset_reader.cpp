#include <array>
#include <memory>
#include <mutex>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/catalogue_reader.hpp"
#include "data/dataset_builder.hpp"
#include "data/rating_format.hpp"
#include "data/rating_parser.hpp"
#include "data/tags_reader.hpp"
#include "data/text_file.hpp"
#include "support/checksum.hpp"
#include "support/names.hpp"
#include "support/text.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kRatingFiles = {"ratings.csv", "u.data", "ratings.dat"};

fs::path find_rating_file(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw InputError({path.string(), 0, 0}, "no such file or folder",
                     "a file of ratings or a folder that has one");
  }
  if (!fs::is_directory(status)) return path;
  for (const char* name : kRatingFiles) {
    // One that is there but cannot be reached is opened too, which says why.
    if (fs::exists(fs::status(path / name, error))) return path / name;
  }
  throw InputError({path.string(), 0, 0}, "a folder without a file of ratings",
                   fmt::format("one of {} in it", fmt::join(kRatingFiles, ", ")));
}

// Reads and checks the ratings, and leaves out titles.
Dataset read_ratings(const TextFile& text, const ReadOptions& options, const ReadHooks& hooks) {
  const RatingFormat format = recognise_format(text.head(), text.name(), options);
  const RatingText ratings(text, format, options);
  ThreadPool threads(options.threads, hooks.should_stop);
  std::mutex mutex;
  std::int64_t done = 0;
  ParsedRatings parsed = ratings.parse(threads, [&](std::int64_t bytes) {
    threads.check_stop();
    if (!hooks.on_progress) return;
    const std::lock_guard lock(mutex);
    done += bytes;
    hooks.on_progress(done, static_cast<std::int64_t>(text.file().size()));
  });
  text.file().check_unchanged();
  auto [data, duplicate] = build_dataset(std::move(parsed), options, threads);
  if (duplicate) {
    const std::string user = data.users.id(duplicate->user);
    const std::string item = data.items.id(duplicate->item);
    const auto lines = ratings.lines_of(user, item);
    text.file().check_unchanged();
    throw InputError(
        {text.name(), lines.at(1), 0},
        fmt::format("another rating of item {} by user {}, after that on line {}", in_quotes(item),
                    in_quotes(user), lines[0]),
        fmt::format("one (or say with {} which of them counts)", option_name("on-duplicate")));
  }
  data.report.layout = format.layout();
  data.report.counting_first_row = format.counting_first_row;
  return std::move(data);
}

}  // namespace

BadRows parse_bad_rows(std::string_view text) {
  return parse_name<BadRows, 2>({"error", "skip"}, text, "what happens to a bad row");
}

Duplicates parse_duplicates(std::string_view text) {
  return parse_name<Duplicates, 4>({"latest", "last", "mean", "error"}, text,
                                   "which of several ratings counts");
}

Dataset read_dataset(const fs::path& path, const ReadOptions& options, const ReadHooks& hooks) {
  const fs::path source = find_rating_file(path);
  const TextFile text(source, "a text file of ratings");
  Dataset data;
  try {
    data = read_ratings(text, options, hooks);
  } catch (const InputError&) {
    text.file().check_unchanged();  // what was found may be no fault of the file's
    throw;
  }
  data.source = source;
  data.catalogue = read_catalogue(source.parent_path(), data.items, data.report.titles);
  data.catalogue.tags = read_tags(source.parent_path(), data.items, data.report.titles);
  return data;
}

namespace {

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string labels_hash(std::span<const Label> label) { return checksum(bytes_of(label)); }

std::string dataset_hash(const Dataset& data) {
  RunningChecksum sum;
  const auto add_vector = [&](const auto& values) {
    const std::uint64_t count = values.size();
    sum.add(bytes_of(std::span<const std::uint64_t>(&count, 1)));
    sum.add(bytes_of(std::span<const std::remove_cvref_t<decltype(values[0])>>(values)));
  };
  const auto add_ids = [&](const IdMap& ids) {
    if (ids.numeric()) return add_vector(ids.numbers());
    add_vector(ids.texts().bytes());
    add_vector(ids.texts().offset());
  };
  add_ids(data.users);
  add_ids(data.items);
  add_vector(data.offset);
  add_vector(data.item);
  add_vector(data.rating);
  return sum.digits();
}

}  // namespace tusk
