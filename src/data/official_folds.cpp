#include "data/official_folds.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The place of a rating in `data`, or nullopt if it has none of that item by that user.
std::optional<std::size_t> find_rating(const Dataset& data, std::string_view user_id,
                                       std::string_view item_id) {
  const auto user = data.users.find(user_id);
  const Index item = data.items.find(item_id).value_or(kNone);
  if (!user || item == kNone) return std::nullopt;
  const auto row = data.ratings().row(*user);
  const auto at = std::lower_bound(row.begin(), row.end(), item);
  if (at == row.end() || *at != item) return std::nullopt;
  return static_cast<std::size_t>(&*at - data.item.data());
}

// Calls visit(place of the rating in `data`, line) for every row of a fold file.
template <class Visit>
void each_rating(const Dataset& data, const std::filesystem::path& file, const Visit& visit) {
  if (!std::filesystem::exists(file)) {
    throw InputError({file.string(), 0, 0}, "no such file",
                     "the official folds of MovieLens 100K beside its u.data");
  }
  const std::string text = read_text(file, "a part of the official folds");
  Lines lines(text);
  std::string_view line;
  Fields fields;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    const bool row = split_fields(line, "\t", fields) && fields.size() >= 3;
    const auto rating = row ? find_rating(data, fields[0], fields[1]) : std::nullopt;
    if (!rating) {
      throw InputError({file.string(), lines.number(), 1}, in_quotes(line),
                       fmt::format("a rating that {} has too", data.source.filename().string()));
    }
    visit(*rating, lines.number());
  }
}

}  // namespace

std::vector<Label> official_labels(const Dataset& data, const std::vector<std::string>& names) {
  const auto folder = data.source.parent_path();
  const auto none = static_cast<Label>(names.size());
  std::vector<Label> label(data.rating.size(), none);
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto fold = static_cast<Label>(n);
    const auto test = folder / fmt::format("u{}.test", names[n]);
    const auto base = folder / fmt::format("u{}.base", names[n]);
    std::vector<bool> seen(label.size(), false);
    const auto see = [&](const std::filesystem::path& file, std::size_t rating, std::int64_t line) {
      if (seen[rating]) {
        throw InputError({file.string(), line, 1}, "a rating for the second time",
                         fmt::format("each once, in u{0}.base or in u{0}.test", names[n]));
      }
      seen[rating] = true;
    };
    each_rating(data, test, [&](std::size_t rating, std::int64_t line) {
      see(test, rating, line);
      if (label[rating] != none) {
        throw InputError({test.string(), line, 1}, "a rating that another test part has",
                         "test parts that do not meet");
      }
      label[rating] = fold;
    });
    each_rating(data, base,
                [&](std::size_t rating, std::int64_t line) { see(base, rating, line); });
    const auto count = std::count(seen.begin(), seen.end(), true);
    if (count != static_cast<std::ptrdiff_t>(label.size())) {
      throw InputError({base.string(), 0, 0},
                       fmt::format("{} ratings together with the test part", count),
                       fmt::format("all {} of {}", label.size(), data.source.filename().string()));
    }
  }
  return label;
}

}  // namespace tusk
