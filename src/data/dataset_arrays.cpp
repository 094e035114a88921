// Ratings in memory into a Dataset.
#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/dataset_builder.hpp"
#include "data/id_dictionary.hpp"
#include "data/rating_parser.hpp"
#include "support/huge_pages.hpp"
#include "support/text.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

std::size_t size_of(const IdColumn& ids) {
  return std::visit([](const auto& column) { return column.size(); }, ids);
}

std::string text_of(const IdColumn& ids, std::size_t row) {
  return std::visit([&](const auto& column) { return fmt::format("{}", column[row]); }, ids);
}

InputError bad_row(std::size_t row, std::string found, std::string expected) {
  return InputError({fmt::format("row {}", row), 0, 0}, std::move(found), std::move(expected));
}

class ArrayReader {
 public:
  ArrayReader(const IdColumn& users, const IdColumn& items, std::span<const float> ratings,
              std::span<const std::int64_t> timestamps, const ReadOptions& options)
      : users_(users), items_(items), ratings_(ratings), times_(timestamps), options_(options) {
    if (size_of(users) != ratings.size() || size_of(items) != ratings.size() ||
        (!timestamps.empty() && timestamps.size() != ratings.size())) {
      throw UsageError(fmt::format("{} users, {} items, {} ratings and {} timestamps do not match",
                                   size_of(users), size_of(items), ratings.size(),
                                   timestamps.size()));
    }
    if (options.processes) throw UsageError("several processes share a file, not arrays");
    if (ratings.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw InputError(fmt::format("{} ratings; at most 4294967295 can be used", ratings.size()));
    }
  }

  Dataset read() {
    ThreadPool threads(options_.threads);
    // Rows one after another: a part for each thread, with dictionaries of its own.
    constexpr std::size_t kLeastRows = 1 << 15;
    const std::size_t parts = std::clamp<std::size_t>(ratings_.size() / kLeastRows, 1,
                                                      static_cast<std::size_t>(threads.threads()));
    std::vector<Part> all(parts);
    ParsedRatings parsed;
    parsed.ids.resize(parts);
    parsed.chunks.resize(parts);
    threads.parallel_for(std::ssize(all), [&](std::int64_t number, int) {
      const auto p = static_cast<std::size_t>(number);
      parsed.chunks[p].ids = p;
      all[p] = read_rows(ratings_.size() * p / parts, ratings_.size() * (p + 1) / parts,
                         parsed.ids[p], parsed.chunks[p]);
    });
    for (std::size_t p = 0; p < parts; ++p) {
      if (all[p].first_bad && options_.on_bad == BadRows::error) throw *all[p].first_bad;
      if (all[p].first_bad && parsed.bad_rows == 0) parsed.first_bad_row = all[p].first_bad->what();
      parsed.bad_rows += all[p].bad_rows;
      parsed.missing_times += all[p].missing_times;
      parsed.rows += std::ssize(parsed.chunks[p].user);
    }
    if (parsed.rows == 0) {
      throw InputError("there are no ratings to use" +
                       (parsed.bad_rows == 0 ? ""
                                             : fmt::format(": {} skipped; the first: {}",
                                                           count_text(parsed.bad_rows, "bad row"),
                                                           parsed.first_bad_row)));
    }
    auto [data, duplicate] = build_dataset(std::move(parsed), options_, threads);
    if (duplicate) refuse(data, *duplicate);
    data.catalogue = {TextTable(static_cast<std::size_t>(data.items.size())),
                      TextTable(static_cast<std::size_t>(data.items.size()))};
    return std::move(data);
  }

 private:
  // What rows one after another have beside those that can be used.
  struct Part {
    std::int64_t bad_rows = 0;
    std::optional<InputError> first_bad;
    std::int64_t missing_times = 0;
  };

  // Ratings and times are borrowed where all rows can be used. Ends at the first bad row, if that
  // is an error.
  Part read_rows(std::size_t begin, std::size_t end, IdDictionaries& ids,
                 RatingChunk& chunk) const {
    Part part;
    chunk.user = vector_in_huge_pages<std::uint32_t>(end - begin);
    chunk.item = vector_in_huge_pages<std::uint32_t>(end - begin);
    const bool timed = !times_.empty();
    for (std::size_t row = begin; row < end; ++row) {
      if (auto bad = problem(row)) {
        if (options_.on_bad == BadRows::error) {
          part.first_bad = std::move(bad);
          return part;
        }
        if (part.bad_rows++ > 0) continue;
        part.first_bad = std::move(bad);
        const auto used = static_cast<std::ptrdiff_t>(row - begin);
        const auto first = static_cast<std::ptrdiff_t>(begin);
        chunk.rating.assign(ratings_.begin() + first, ratings_.begin() + first + used);
        if (timed) chunk.timestamp.assign(times_.begin() + first, times_.begin() + first + used);
        continue;
      }
      chunk.user.push_back(number(ids.users, users_, row));
      chunk.item.push_back(number(ids.items, items_, row));
      if (part.bad_rows > 0) chunk.rating.push_back(ratings_[row]);
      if (!timed) continue;
      if (part.bad_rows > 0) chunk.timestamp.push_back(times_[row]);
      if (times_[row] == kNoTime) ++part.missing_times;
    }
    if (part.bad_rows > 0) return part;
    chunk.borrowed_rating = ratings_.subspan(begin, end - begin);
    if (timed) chunk.borrowed_timestamp = times_.subspan(begin, end - begin);
    return part;
  }

  static std::uint32_t number(IdDictionary& dictionary, const IdColumn& ids, std::size_t row) {
    return std::visit([&](const auto& column) { return dictionary.number(column[row]); }, ids);
  }

  // What makes a row unusable.
  std::optional<InputError> problem(std::size_t row) const {
    if (auto bad = bad_id(users_, "user", row)) return bad;
    if (auto bad = bad_id(items_, "item", row)) return bad;
    if (is_rating(ratings_[row], options_)) return std::nullopt;
    return bad_row(row, fmt::format("rating {}", ratings_[row]), expected_rating(options_));
  }

  static std::optional<InputError> bad_id(const IdColumn& ids, const char* name, std::size_t row) {
    const auto* const texts = std::get_if<std::span<const std::string>>(&ids);
    if (texts == nullptr) return std::nullopt;
    const std::string& id = (*texts)[row];
    std::string expected = expected_id(id);
    if (expected.empty()) return std::nullopt;
    return bad_row(row, fmt::format("{} {}", name, in_quotes(id)), std::move(expected));
  }

  [[noreturn]] void refuse(const Dataset& data, const DuplicatePair& pair) const {
    const std::string user = data.users.id(pair.user);
    const std::string item = data.items.id(pair.item);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; rows.size() < 2; ++row) {
      if (text_of(users_, row) != user || text_of(items_, row) != item) continue;
      if (!problem(row)) rows.push_back(row);
    }
    throw bad_row(
        rows[1],
        fmt::format("another rating of item {} by user {}, after that in row {}", in_quotes(item),
                    in_quotes(user), rows[0]),
        fmt::format("one (or say with {} which of them counts)", option_name("on-duplicate")));
  }

  const IdColumn& users_;
  const IdColumn& items_;
  std::span<const float> ratings_;
  std::span<const std::int64_t> times_;
  const ReadOptions& options_;
};

}  // namespace

Dataset Dataset::from_arrays(const IdColumn& users, const IdColumn& items,
                             std::span<const float> ratings,
                             std::span<const std::int64_t> timestamps) {
  return from_arrays(users, items, ratings, timestamps, {});
}

Dataset Dataset::from_arrays(const IdColumn& users, const IdColumn& items,
                             std::span<const float> ratings,
                             std::span<const std::int64_t> timestamps, const ReadOptions& options) {
  return ArrayReader(users, items, ratings, timestamps, options).read();
}

}  // namespace tusk
