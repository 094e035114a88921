#include "data/dataset_builder.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "distributed/collectives.hpp"
#include "support/fresh_pages.hpp"
#include "support/huge_pages.hpp"

namespace tusk {
namespace {

using Chunks = std::vector<RatingChunk>;

// Of all processes, of which one at least has ratings.
RatingScale scale_of(const std::vector<float>& ratings, Communicator* processes) {
  std::vector<float> ends;
  if (!ratings.empty()) {
    const auto [low, high] = std::ranges::minmax_element(ratings);
    ends = {*low, *high};
  }
  append_on_first(processes, ends);
  share(processes, 0, ends);
  const auto [low, high] = std::ranges::minmax_element(ends);
  return {*low, *high};
}

// Numbers the ids of all processes together, those of one after another.
void number_with_all(NumberedIds& own, Communicator& processes) {
  IdDictionary all;
  std::vector<std::uint32_t> own_number;  // in `all`
  const auto add = [&](int from, auto id) {
    const std::uint32_t number = all.number(id);
    if (from == processes.rank()) own_number.push_back(number);
  };
  for (int from = 0; from < processes.size(); ++from) {
    std::vector<std::int64_t> numbers;
    TextTable texts;
    if (from == processes.rank()) {
      if (own.map.numeric()) {
        numbers = own.map.numbers();
      } else {
        texts = own.map.texts();
      }
    }
    share(&processes, from, numbers);
    std::vector<char> bytes = texts.bytes();
    std::vector<std::int64_t> offset = texts.offset();
    share(&processes, from, bytes);
    share(&processes, from, offset);
    texts = TextTable(std::move(bytes), std::move(offset));
    // A process has ids of one kind.
    for (const std::int64_t number : numbers) add(from, number);
    for (std::size_t t = 0; t < texts.size(); ++t) add(from, texts[t]);
  }
  const IdDictionary* const dictionary = &all;
  NumberedIds merged = number_ids({&dictionary, 1});
  const std::vector<Index>& index = merged.index.front();
  for (auto& of_dictionary : own.index) {
    for (Index& id : of_dictionary) id = index[own_number[static_cast<std::size_t>(id)]];
  }
  own.map = std::move(merged.map);
}

// Sends each row to the process that has its user: each has users that follow each other, with
// about as many rows as the others'. What a process has then is in the order of the file, too.
void hand_out(Chunks& chunks, bool timed, Index users, Communicator& processes) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(users), 0);
  for (const RatingChunk& chunk : chunks) {
    for (const std::uint32_t user : chunk.user) ++count[user];
  }
  processes.sum(count);
  const std::int64_t rows = std::accumulate(count.begin(), count.end(), std::int64_t{0});
  std::vector<int> owner(count.size());
  std::int64_t before = 0;
  for (std::size_t u = 0; u < count.size(); ++u) {
    // By the middle of its rows.
    owner[u] = static_cast<int>((2 * before + count[u]) * processes.size() / (2 * rows));
    before += count[u];
  }
  Chunks handed(static_cast<std::size_t>(processes.size()));
  const auto hand_out_column = [&](auto values_of, auto column) {
    using Value = std::remove_cvref_t<decltype(values_of(chunks[0])[0])>;
    exchange<Value>(
        processes,
        [&](int to) {
          std::vector<Value> given;
          for (const RatingChunk& chunk : chunks) {
            const auto values = values_of(chunk);
            for (std::size_t row = 0; row < chunk.rows(); ++row) {
              if (owner[chunk.user[row]] == to) given.push_back(values[row]);
            }
          }
          return given;
        },
        [&](int from, std::vector<Value> values) {
          handed[static_cast<std::size_t>(from)].*column = std::move(values);
        });
  };
  hand_out_column([](const RatingChunk& chunk) { return std::span(chunk.item); },
                  &RatingChunk::item);
  hand_out_column([](const RatingChunk& chunk) { return chunk.ratings(); }, &RatingChunk::rating);
  if (timed) {
    hand_out_column([](const RatingChunk& chunk) { return chunk.timestamps(); },
                    &RatingChunk::timestamp);
  }
  hand_out_column([](const RatingChunk& chunk) { return std::span(chunk.user); },
                  &RatingChunk::user);
  chunks = std::move(handed);
}

// Replaces the numbers in a column by indices.
IdMap merge(ParsedRatings& parsed, IdDictionary IdDictionaries::*dictionary,
            std::vector<std::uint32_t> RatingChunk::*column, Communicator* processes,
            ThreadPool& threads) {
  std::vector<const IdDictionary*> all;
  for (const IdDictionaries& ids : parsed.ids) all.push_back(&(ids.*dictionary));
  NumberedIds merged = number_ids(all);
  if (processes != nullptr) number_with_all(merged, *processes);
  threads.parallel_for(std::ssize(parsed.chunks), [&](std::int64_t c, int) {
    RatingChunk& chunk = parsed.chunks[static_cast<std::size_t>(c)];
    const std::vector<Index>& index = merged.index[chunk.ids];
    for (std::uint32_t& id : chunk.*column) id = static_cast<std::uint32_t>(index[id]);
  });
  return std::move(merged.map);
}

// Puts the rows into order of user, those of one user in the order of the file: a counting sort of
// groups of chunks side by side. The chunks, whose users and items are dense by now, are used up.
void sort_by_user(Chunks& chunks, bool timed, Dataset& data, ThreadPool& threads) {
  const auto users = static_cast<std::size_t>(data.users.size());
  const std::int64_t groups = std::min<std::int64_t>(std::ssize(chunks), 2 * threads.threads());
  const auto each_chunk = [&](std::int64_t group, const auto& visit) {
    const auto chunk_at = [&](std::int64_t g) {
      return static_cast<std::size_t>(std::ssize(chunks) * g / groups);
    };
    for (auto c = chunk_at(group); c < chunk_at(group + 1); ++c) visit(chunks[c]);
  };
  // First how many rows each group has of each user, then where the first of them goes.
  std::vector<std::vector<std::int64_t>> place(static_cast<std::size_t>(groups));
  threads.parallel_for(groups, [&](std::int64_t g, int) {
    auto& count = place[static_cast<std::size_t>(g)];
    count.assign(users, 0);
    each_chunk(g, [&](const RatingChunk& chunk) {
      for (const std::uint32_t user : chunk.user) ++count[user];
    });
  });
  data.offset.assign(users + 1, 0);
  std::int64_t next = 0;
  for (std::size_t u = 0; u < users; ++u) {
    for (auto& group : place) next += std::exchange(group[u], next);
    data.offset[u + 1] = next;
  }
  const auto rows = static_cast<std::size_t>(next);
  const auto make_room = [&](auto& column) {
    using Value = std::remove_reference_t<decltype(column[0])>;
    column = vector_in_huge_pages<Value>(rows);
    clear_fresh_pages(column.data(), rows * sizeof(Value), threads);
    column.resize(rows);
  };
  make_room(data.item);
  make_room(data.rating);
  if (timed) make_room(data.timestamp);
  threads.parallel_for(groups, [&](std::int64_t g, int) {
    auto& next_place = place[static_cast<std::size_t>(g)];
    each_chunk(g, [&](RatingChunk& chunk) {
      const auto ratings = chunk.ratings();
      const auto timestamps = chunk.timestamps();
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        const auto at = static_cast<std::size_t>(next_place[chunk.user[row]]++);
        data.item[at] = static_cast<Index>(chunk.item[row]);
        data.rating[at] = ratings[row] + 0.0f;  // -0 becomes 0
        if (timed) data.timestamp[at] = timestamps[row];
      }
      chunk = {};
    });
  });
}

struct Entry {
  Index item = 0;
  std::uint32_t row = 0;  // of the user's, in the order of the file
  std::int64_t timestamp = 0;
  float rating = 0;
};

Duplicates duplicate_rule(const ReadOptions& options) {
  return options.on_duplicate.value_or(options.implicit ? Duplicates::sum : Duplicates::latest);
}

// The one rating that stands for entries of the same user and item, in the order of the file.
Entry merge(std::span<const Entry> same, Duplicates rule) {
  if (rule == Duplicates::last) return same.back();
  // The last of the largest.
  Entry kept = same.front();
  for (const Entry& entry : same) {
    if (entry.timestamp >= kept.timestamp) kept = entry;
  }
  if (rule == Duplicates::mean || rule == Duplicates::sum) {
    // In rising order, so that the order of the file does not change the rounding.
    std::vector<double> ratings;
    for (const Entry& entry : same) ratings.push_back(entry.rating);
    std::sort(ratings.begin(), ratings.end());
    const double sum = std::accumulate(ratings.begin(), ratings.end(), 0.0);
    const auto divisor = rule == Duplicates::mean ? static_cast<double>(ratings.size()) : 1;
    kept.rating = static_cast<float>(sum / divisor);
  }
  return kept;
}

// Sorts the rows of users by item and merges duplicates.
class RowSorter {
 public:
  RowSorter(Dataset& data, Duplicates rule)
      : data_(data), timed_(!data.timestamp.empty()), rule_(rule) {}

  struct Sorted {
    std::int64_t rows = 0;      // that are left, at the front of the user's place
    Index duplicate = kNone;    // the item of the first
    bool without_time = false;  // whether a row that has a duplicate has no time
  };
  Sorted sort(std::size_t user) {
    const auto first = static_cast<std::size_t>(data_.offset[user]);
    const auto count = static_cast<std::size_t>(data_.offset[user + 1]) - first;
    const auto item = std::span(data_.item).subspan(first, count);
    if (std::adjacent_find(item.begin(), item.end(), std::greater_equal<>()) == item.end()) {
      return {static_cast<std::int64_t>(count), kNone, false};
    }
    // Item and row in one number: they sort as a pair does.
    order_.clear();
    for (std::size_t k = 0; k < count; ++k) {
      order_.push_back(static_cast<std::uint64_t>(item[k]) << 32 | k);
    }
    std::sort(order_.begin(), order_.end());
    entries_.clear();
    for (const std::uint64_t key : order_) {
      const auto row = static_cast<std::uint32_t>(key);
      const std::size_t at = first + row;
      entries_.push_back(
          {static_cast<Index>(key >> 32), row, timed_ ? data_.timestamp[at] : 0, data_.rating[at]});
    }
    Sorted sorted;
    for (auto begin = entries_.begin(); begin != entries_.end();) {
      auto end = begin + 1;
      while (end != entries_.end() && end->item == begin->item) ++end;
      Entry kept = *begin;
      if (end - begin > 1) {
        if (sorted.duplicate == kNone) sorted.duplicate = begin->item;
        sorted.without_time |= !timed_ || std::any_of(begin, end, [](const Entry& entry) {
          return entry.timestamp == kNoTime;
        });
        kept = merge({begin, end}, rule_);
      }
      const std::size_t at = first + static_cast<std::size_t>(sorted.rows++);
      data_.item[at] = kept.item;
      data_.rating[at] = kept.rating;
      if (timed_) data_.timestamp[at] = kept.timestamp;
      begin = end;
    }
    return sorted;
  }

 private:
  Dataset& data_;
  bool timed_;
  Duplicates rule_;
  std::vector<std::uint64_t> order_;
  std::vector<Entry> entries_;
};

// Moves the rows that are left together.
void close_gaps(Dataset& data, const std::vector<std::int64_t>& left) {
  const auto close = [&](auto& column) {
    auto to = column.begin();
    for (std::size_t u = 0; u < left.size(); ++u) {
      to = std::copy_n(column.begin() + data.offset[u], left[u], to);
    }
    column.erase(to, column.end());
  };
  close(data.item);
  close(data.rating);
  if (!data.timestamp.empty()) close(data.timestamp);
  std::partial_sum(left.begin(), left.end(), data.offset.begin() + 1);
}

}  // namespace

BuiltDataset build_dataset(ParsedRatings parsed, const ReadOptions& options, ThreadPool& threads) {
  BuiltDataset built;
  Dataset& data = built.data;
  data.processes = options.processes;
  Communicator* const processes = options.processes.get();
  data.users = merge(parsed, &IdDictionaries::users, &RatingChunk::user, processes, threads);
  data.items = merge(parsed, &IdDictionaries::items, &RatingChunk::item, processes, threads);
  parsed.ids.clear();
  ReadReport& report = data.report;
  report.rows = parsed.rows;
  report.bad_rows = parsed.bad_rows;
  report.first_bad_row = parsed.first_bad_row;
  report.unrated = parsed.unrated;
  report.missing_times = parsed.missing_times;
  report.unreadable_times = parsed.unreadable_times;
  report.first_unreadable_time = parsed.first_unreadable_time;
  report.largest_rounding = parsed.largest_rounding;
  // A chunk may be without rows, and a column of times without a time.
  const auto with_times = std::ranges::count_if(
      parsed.chunks, [](const RatingChunk& chunk) { return !chunk.timestamps().empty(); });
  const bool timed = report.missing_times + report.unreadable_times < report.rows &&
                     sum_of_all(processes, with_times) > 0;
  if (processes != nullptr) hand_out(parsed.chunks, timed, data.users.size(), *processes);
  sort_by_user(parsed.chunks, timed, data, threads);

  constexpr std::int64_t kUsersPerTask = 256;
  const Duplicates rule = duplicate_rule(options);
  report.on_duplicate = rule;
  report.implicit = options.implicit;
  std::vector<std::int64_t> left(data.offset.size() - 1);
  std::vector<RowSorter> sorters(static_cast<std::size_t>(threads.threads()),
                                 RowSorter(data, rule));
  std::vector<Index> duplicate(left.size(), kNone);
  std::atomic<bool> without_time = false;
  threads.parallel_chunks(std::ssize(left), kUsersPerTask, [&](std::int64_t user, int thread) {
    const auto u = static_cast<std::size_t>(user);
    const auto sorted = sorters[static_cast<std::size_t>(thread)].sort(u);
    left[u] = sorted.rows;
    duplicate[u] = sorted.duplicate;
    if (sorted.without_time) without_time = true;
  });
  const auto found =
      std::find_if(duplicate.begin(), duplicate.end(), [](Index item) { return item != kNone; });
  const bool twice = sum_of_all(processes, found != duplicate.end() ? 1 : 0) > 0;
  if (twice && rule == Duplicates::error) {
    if (found != duplicate.end()) {
      built.duplicate = {static_cast<Index>(found - duplicate.begin()), *found};
    }
    return built;
  }
  agree(processes, [&] {
    if (found != duplicate.end() && rule == Duplicates::latest && without_time &&
        report.unreadable_times > 0) {
      throw InputError(fmt::format(
          "{}, to tell which of several ratings of one item by one user is the latest (or say "
          "which counts with {})",
          report.first_unreadable_time, option_name("on-duplicate")));
    }
  });
  if (found != duplicate.end()) close_gaps(data, left);
  report.duplicates = report.rows - sum_of_all(processes, data.size());
  data.scale = options.scale ? *options.scale : scale_of(data.rating, processes);
  return built;
}

}  // namespace tusk
