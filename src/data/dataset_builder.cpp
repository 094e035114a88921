#include "data/dataset_builder.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

struct Entry {
  Index item = 0;
  std::uint32_t row = 0;  // in the file
  std::int64_t timestamp = 0;
  float rating = 0;
};

// The one rating that stands for entries of the same user and item.
Entry merge(std::span<const Entry> same, Duplicates rule) {
  const auto by_row = [](const Entry& a, const Entry& b) { return a.row < b.row; };
  const auto by_time = [](const Entry& a, const Entry& b) {
    return a.timestamp != b.timestamp ? a.timestamp < b.timestamp : a.row < b.row;
  };
  if (rule == Duplicates::last) return *std::max_element(same.begin(), same.end(), by_row);
  Entry kept = *std::max_element(same.begin(), same.end(), by_time);
  if (rule == Duplicates::mean) {
    // In rising order, so that the order of the file does not change the rounding.
    std::vector<double> ratings;
    for (const Entry& entry : same) ratings.push_back(entry.rating);
    std::sort(ratings.begin(), ratings.end());
    kept.rating = static_cast<float>(std::accumulate(ratings.begin(), ratings.end(), 0.0) /
                                     static_cast<double>(ratings.size()));
  }
  return kept;
}

// The rows of the table in order of user: a counting sort.
std::vector<std::uint32_t> rows_by_user(const std::vector<Index>& user,
                                        std::vector<std::int64_t>& offset) {
  for (const Index u : user) ++offset[static_cast<std::size_t>(u) + 1];
  std::partial_sum(offset.begin(), offset.end(), offset.begin());
  std::vector<std::int64_t> next(offset.begin(), offset.end() - 1);
  std::vector<std::uint32_t> order(user.size());
  for (std::size_t row = 0; row < user.size(); ++row) {
    order[static_cast<std::size_t>(next[static_cast<std::size_t>(user[row])]++)] =
        static_cast<std::uint32_t>(row);
  }
  return order;
}

}  // namespace

Dataset build_dataset(RatingTable table, const ReadOptions& options, const std::string& file) {
  Dataset data;
  data.report.rows = static_cast<std::int64_t>(table.rows());
  data.report.bad_rows = table.bad_rows;
  data.report.first_bad_row = table.first_bad_row;
  auto [users, user] = table.user.take_dense();
  auto [items, item] = table.item.take_dense();
  data.users = std::move(users);
  data.items = std::move(items);

  const auto user_count = static_cast<std::size_t>(data.users.size());
  std::vector<std::int64_t> row_offset(user_count + 1, 0);
  const std::vector<std::uint32_t> order = rows_by_user(user, row_offset);
  user = {};

  const bool timed = !table.timestamp.empty();
  data.offset.assign(user_count + 1, 0);
  data.item.reserve(table.rows());
  data.rating.reserve(table.rows());
  if (timed) data.timestamp.reserve(table.rows());
  std::vector<Entry> entries;
  for (std::size_t u = 0; u < user_count; ++u) {
    entries.clear();
    for (std::int64_t k = row_offset[u]; k < row_offset[u + 1]; ++k) {
      const std::uint32_t row = order[static_cast<std::size_t>(k)];
      entries.push_back({item[row], row, timed ? table.timestamp[row] : 0, table.rating[row]});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.item != b.item ? a.item < b.item : a.row < b.row;
    });
    for (auto first = entries.begin(); first != entries.end();) {
      const auto last =
          std::find_if(first, entries.end(), [&](const Entry& e) { return e.item != first->item; });
      if (last - first > 1) {
        if (options.on_duplicate == Duplicates::error) {
          throw InputError(
              {file, table.lines.of((first + 1)->row), 0},
              fmt::format("another rating of item {} by user {}, after that on line {}",
                          in_quotes(data.items.id(first->item)),
                          in_quotes(data.users.id(static_cast<Index>(u))),
                          table.lines.of(first->row)),
              "one (or say with --on-duplicate which of them counts)");
        }
        data.report.duplicates += last - first - 1;
      }
      const Entry kept = last - first == 1 ? *first : merge({first, last}, options.on_duplicate);
      data.item.push_back(kept.item);
      data.rating.push_back(kept.rating);
      if (timed) data.timestamp.push_back(kept.timestamp);
      first = last;
    }
    data.offset[u + 1] = static_cast<std::int64_t>(data.item.size());
  }
  if (options.scale) {
    data.scale = *options.scale;
  } else {
    const auto [low, high] = std::minmax_element(data.rating.begin(), data.rating.end());
    data.scale = {*low, *high};
  }
  return data;
}

}  // namespace tusk
