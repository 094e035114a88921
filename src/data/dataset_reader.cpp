#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/catalogue_reader.hpp"
#include "data/dataset_builder.hpp"
#include "data/find_ratings.hpp"
#include "data/rating_format.hpp"
#include "data/rating_parser.hpp"
#include "data/tags_reader.hpp"
#include "data/text_file.hpp"
#include "distributed/collectives.hpp"
#include "support/checksum.hpp"
#include "support/names.hpp"
#include "support/text.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExpected = "a text file of ratings";

std::int64_t bytes_of(const TextFile& first, std::span<const fs::path> more) {
  auto bytes = static_cast<std::int64_t>(first.file().size());
  for (const fs::path& file : more) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

// Reads and checks the ratings, and leaves out titles.
Dataset read_ratings(const TextFile& text, const MoreFiles& more, const ReadOptions& options,
                     const Observer& observer) {
  const RatingFormat format = recognise_format(text.head(), text.name(), options);
  constexpr std::uint64_t kPiece = 16 << 20;
  const RatingText ratings(text, format, options, kPiece, more);
  const std::int64_t bytes_in_all = bytes_of(text, more.paths);
  Communicator* const processes = options.processes.get();
  // Of several processes each is asked while it parses, and then all stop if one does.
  ThreadPool threads(options.threads,
                     processes == nullptr ? observer.should_stop : std::function<bool()>());
  std::mutex mutex;
  std::int64_t done = 0;
  const std::int64_t own_bytes = bytes_in_all / (processes == nullptr ? 1 : processes->size());
  ParsedRatings parsed = ratings.parse(threads, [&](std::int64_t bytes) {
    if (observer.stops()) throw Interrupted();
    if (!observer.on_progress) return;
    const std::lock_guard lock(mutex);
    done += bytes;
    observer.report(Work::reading, done, std::max(done, own_bytes));
  });
  text.file().check_unchanged();
  BuiltDataset built = build_dataset(std::move(parsed), options, threads);
  Dataset& data = built.data;
  agree(processes, [&] {
    if (!built.duplicate) return;
    const std::string user = data.users.id(built.duplicate->user);
    const std::string item = data.items.id(built.duplicate->item);
    const auto places = ratings.places_of(user, item);
    text.file().check_unchanged();
    const TextPosition& before = places.front();
    throw InputError(
        places.at(1),
        fmt::format("another rating of item {} by user {}, after that on line {}{}",
                    in_quotes(item), in_quotes(user), before.line,
                    before.file == places[1].file ? "" : " of " + before.file),
        fmt::format("one (or say with {} which of them counts)", option_name("on-duplicate")));
  });
  data.report.layout = format.layout();
  data.report.counting_first_row = format.counting_first_row;
  data.report.unrated_value = format.unrated.value_or(0);
  data.report.files = 1 + std::ssize(more.paths);
  return std::move(built.data);
}

}  // namespace

BadRows parse_bad_rows(std::string_view text) {
  return parse_name<BadRows, 2>({"error", "skip"}, text, "what happens to a bad row");
}

Duplicates parse_duplicates(std::string_view text) {
  return parse_name<Duplicates, 5>({"latest", "last", "mean", "sum", "error"}, text,
                                   "which of several ratings counts");
}

Dataset read_dataset(const fs::path& path, const ReadOptions& options, const Observer& observer) {
  if (options.processes && path == "-") {
    throw UsageError("several processes cannot share standard input: give the name of a file");
  }
  const RatingFiles files = find_ratings(path);
  const OpenOptions open = {options.encoding, observer.should_stop, files.archive};
  const TextFile text(files.first, kExpected, open);
  Dataset data;
  try {
    data = read_ratings(text, {files.more, open}, options, observer);
  } catch (const InputError&) {
    text.file().check_unchanged();  // what was found may be no fault of the file's
    throw;
  }
  data.source = files.first;
  TitlesReport& titles = data.report.titles;
  agree(data.processes.get(), [&] {
    if (!is_first(data.processes.get())) {
      data.catalogue = no_titles(data.items);
      return;
    }
    if (!options.titles.empty()) {
      data.catalogue = read_titles(files.folder, data.items, options, open, titles);
    } else if (files.has_folder) {
      data.catalogue = read_catalogue(files.folder, data.items, options, open, titles);
    } else {
      data.catalogue = no_titles(data.items);
    }
    if (files.has_folder) data.catalogue.tags = read_tags(files.folder, data.items, open, titles);
  });
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
  Communicator* const processes = data.processes.get();
  RunningChecksum sum;
  const auto add_count = [&](std::uint64_t count) {
    sum.add(bytes_of(std::span<const std::uint64_t>(&count, 1)));
  };
  const auto add_values = [&](const auto& values) {
    sum.add(bytes_of(std::span<const std::remove_cvref_t<decltype(values[0])>>(values)));
  };
  const auto add_vector = [&](const auto& values) {
    add_count(values.size());
    add_values(values);
  };
  const auto add_ids = [&](const IdMap& ids) {
    if (ids.numeric()) return add_vector(ids.numbers());
    add_vector(ids.texts().bytes());
    add_vector(ids.texts().offset());
  };
  add_ids(data.users);
  add_ids(data.items);
  const auto ratings = static_cast<std::uint64_t>(sum_of_all(processes, data.size()));
  if (processes == nullptr) {
    add_vector(data.offset);
  } else {
    std::vector<std::int64_t> offset = data.offset;
    sum_of_all(processes, offset);
    add_vector(offset);
  }
  const auto add_shared = [&](const auto& values) {
    add_count(ratings);
    in_turn(processes, sum.state(), [&] { add_values(values); });
  };
  add_shared(data.item);
  add_shared(data.rating);
  return sum.digits();
}

}  // namespace tusk
