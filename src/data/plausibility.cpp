#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/plausibility.hpp>

#include "data/id_forms.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using FindingKind = Finding::Kind;

std::string columns_remedy() {
  return fmt::format("say with {} where user, item and rating are", option_name("columns"));
}

// Fewer ratings than this show no pattern.
constexpr std::int64_t kFewestToJudge = 5;

// A value among the ratings and how many have it.
struct Level {
  float value = 0;
  std::int64_t count = 0;
};

// The values of the ratings, or of a sample of evenly spaced blocks of them, in rising order.
std::vector<float> sorted_sample(const std::vector<float>& rating) {
  constexpr std::size_t kBlocks = 64;
  constexpr std::size_t kBlock = 2048;
  std::vector<float> sample;
  if (rating.size() <= 2 * kBlocks * kBlock) {
    sample = rating;
  } else {
    sample.reserve(kBlocks * kBlock);
    for (std::size_t b = 0; b < kBlocks; ++b) {
      const auto at = static_cast<std::ptrdiff_t>((rating.size() - kBlock) / (kBlocks - 1) * b);
      sample.insert(sample.end(), rating.begin() + at, rating.begin() + at + kBlock);
    }
  }
  std::sort(sample.begin(), sample.end());
  return sample;
}

std::vector<Level> levels_of(const std::vector<float>& sorted) {
  std::vector<Level> levels;
  for (const float value : sorted) {
    if (levels.empty() || levels.back().value != value) levels.push_back({value, 0});
    ++levels.back().count;
  }
  return levels;
}

class Check {
 public:
  explicit Check(const Dataset& data)
      : data_(data),
        report_(data.report),
        sample_(sorted_sample(data.rating)),
        levels_(levels_of(sample_)) {}

  std::vector<Finding> all(const PlausibilityOptions& options) {
    if (data_.size() == 0) return {};
    if (!options.for_testing) one_rating_each();
    // Weights are any numbers, and are summed where they come again.
    if (report_.implicit) {
      times_as_weights();
    } else {
      not_ratings();
    }
    rounded();
    counting_header();
    if (!report_.implicit) {
      duplicates();
      far_value();
    }
    titles_do_not_join();
    ids_alike();
    return std::move(findings_);
  }

 private:
  void add(FindingKind kind, std::string found, std::string remedy) {
    findings_.push_back({kind, std::move(found), std::move(remedy)});
  }

  void one_rating_each() {
    if (data_.size() < kFewestToJudge) return;
    const bool users = data_.users.size() == data_.size();
    if (!users && data_.items.size() != data_.size()) return;
    add(FindingKind::one_rating_each,
        fmt::format("every {0} has one rating: is the column of {0}s one of row numbers or times?",
                    users ? "user" : "item"),
        columns_remedy());
  }

  void not_ratings() {
    if (data_.size() < kFewestToJudge) return;
    const double low = sample_.front();
    const double high = sample_.back();
    const auto within = [&](double least, double most) { return least <= low && high <= most; };
    const bool whole = std::all_of(levels_.begin(), levels_.end(), [](const Level& level) {
      return level.value == std::floor(level.value);
    });
    const auto distinct = std::ssize(levels_);
    const auto count = std::ssize(sample_);
    const char* looks = nullptr;
    if (whole && are_times(low, high)) {
      looks = "times";
    } else if (whole && distinct > 1 && within(19'000'101, 21'001'231) && are_dates()) {
      looks = "dates";
    } else if (whole && distinct > 4 && within(1900, 2100)) {
      looks = "years";
    } else if (whole && distinct == count && count >= 12 &&
               high - low < 2 * static_cast<double>(data_.size())) {
      looks = "row numbers";
    } else if (whole && ((distinct > 500 && distinct > count / 4) ||
                         (distinct > 20 && (equal_for_each_item() || equal_for_each_user())))) {
      looks = "ids";
    }
    if (looks == nullptr) return;
    add(FindingKind::not_ratings,
        fmt::format("the ratings, {} .. {}, look like {}", data_.scale.low, data_.scale.high,
                    looks),
        columns_remedy());
  }

  // Times of rows of one user and item are summed, so that the largest may be more than a time.
  void times_as_weights() {
    if (data_.size() < kFewestToJudge) return;
    const double low = sample_.front();
    const double middle = sample_[sample_.size() / 2];
    if (!are_times(low, middle)) return;
    add(FindingKind::not_ratings,
        fmt::format("the weights, {} .. {}, look like times", data_.scale.low, data_.scale.high),
        fmt::format("if so, say {0} user,item,,time with the names or the numbers of the columns, "
                    "such as {0} 1,2,,3",
                    option_name("columns")));
  }

  // Seconds or milliseconds since 1970, of the years from 1979 to 2103.
  static bool are_times(double low, double high) {
    const auto within = [&](double least, double most) { return least <= low && high <= most; };
    return within(3e8, 4.2e9) || within(3e11, 4.2e12);
  }

  bool equal_for_each_user() const {
    if (data_.size() < 2 * std::int64_t{data_.users.size()}) return false;
    for (std::size_t u = 0; u + 1 < data_.offset.size(); ++u) {
      const auto begin = data_.rating.begin() + data_.offset[u];
      const auto end = data_.rating.begin() + data_.offset[u + 1];
      if (std::adjacent_find(begin, end, std::not_equal_to<>()) != end) return false;
    }
    return true;
  }

  bool equal_for_each_item() const {
    if (data_.size() < 2 * std::int64_t{data_.items.size()}) return false;
    std::vector<std::optional<float>> first(static_cast<std::size_t>(data_.items.size()));
    for (std::size_t at = 0; at < data_.rating.size(); ++at) {
      auto& of_item = first[static_cast<std::size_t>(data_.item[at])];
      if (!of_item) of_item = data_.rating[at];
      if (*of_item != data_.rating[at]) return false;
    }
    return true;
  }

  // Numbers such as 20050901. Singles hold them to the next even number.
  bool are_dates() const {
    return std::all_of(levels_.begin(), levels_.end(), [](const Level& level) {
      const auto number = static_cast<int>(level.value);
      const int month = number / 100 % 100;
      return month >= 1 && month <= 12 && number % 100 <= 32;
    });
  }

  void counting_header() {
    if (!report_.counting_first_row) return;
    const auto user = data_.users.find("0");
    if (!user) return;
    const bool alone = data_.ratings().row(*user).size() == 1 && data_.size() >= kFewestToJudge;
    // Its time, 3, where all others are times.
    constexpr std::int64_t kLeastTime = 1'000'000;
    const bool odd_time =
        !data_.timestamp.empty() && data_.size() >= kFewestToJudge &&
        std::count_if(data_.timestamp.begin(), data_.timestamp.end(),
                      [](std::int64_t time) { return time < kLeastTime && time != kNoTime; }) == 1;
    if (!alone && !odd_time) return;
    std::string names = "0";
    for (std::size_t c = 1; c < report_.layout.columns.size(); ++c) names += fmt::format(",{}", c);
    add(FindingKind::counting_header,
        fmt::format("the first row, {}, which counts as a rating, looks like a header of column "
                    "numbers",
                    names),
        fmt::format("if it is one, say {} yes {} {}", option_name("header"), option_name("columns"),
                    names));
  }

  void duplicates() {
    const double share =
        static_cast<double>(report_.duplicates) / static_cast<double>(report_.rows);
    if (!(share > 0.05)) return;
    add(FindingKind::duplicates,
        fmt::format("{:.0f}% of the rows ({} of {}) rate an item that the same user rated in "
                    "another row: are these the columns of users and items?",
                    100 * share, report_.duplicates, report_.rows),
        fmt::format("{}, or with {} which of several ratings counts", columns_remedy(),
                    option_name("on-duplicate")));
  }

  // The lowest or the highest value, if many ratings have it and it lies apart from all others.
  void far_value() {
    if (levels_.size() < 3) return;
    const std::span all(levels_);
    if (is_low_code(all)) return add_far(all.front(), all[1].value, all.back().value);
    std::vector<Level> mirrored(levels_.rbegin(), levels_.rend());
    for (Level& level : mirrored) level.value = -level.value;
    if (is_far(mirrored)) add_far(all.back(), all.front().value, all[all.size() - 2].value);
  }

  bool frequent(const Level& level) const {
    return level.count >= 3 && 100 * level.count >= std::ssize(sample_);
  }

  // Whether the first level is far below the others for their spread.
  bool is_far(std::span<const Level> levels) const {
    if (!frequent(levels.front())) return false;
    const auto [gap, step, spread] = distances(levels);
    // Two values say less of a scale than three.
    return gap > (levels.size() > 3 ? 3 : 10) * step && gap >= 0.5f * spread;
  }

  bool is_low_code(std::span<const Level> levels) const {
    if (!frequent(levels.front())) return false;
    if (is_far(levels)) return true;
    const Level& lowest = levels.front();
    const auto others = levels.subspan(1);
    const auto [gap, step, spread] = distances(levels);
    // -1 below 1 .. 10, or below 0 .. 5, and not the scale -2 .. 2 or -1 .. 1.
    if (lowest.value < 0 && others.front().value >= 0) return gap > step || others.size() >= 5;
    if (lowest.value != 0 || others.size() < 3) return false;
    if (others.size() == 3) return gap >= 3 * step;
    // 0 below 1 .. 10, so often or so far off that it is no rating of theirs.
    const std::int64_t most =
        std::max_element(others.begin(), others.end(), [](const Level& a, const Level& b) {
          return a.count < b.count;
        })->count;
    return gap >= 2 * step ||
           (5 * lowest.count >= std::ssize(sample_) && 2 * lowest.count > 3 * most);
  }

  struct Distances {
    float gap = 0;     // from the first level to the second
    float step = 0;    // the widest between any two others that are neighbours
    float spread = 0;  // of the others
  };
  static Distances distances(std::span<const Level> levels) {
    Distances found{levels[1].value - levels[0].value, 0, levels.back().value - levels[1].value};
    for (std::size_t l = 2; l < levels.size(); ++l) {
      found.step = std::max(found.step, levels[l].value - levels[l - 1].value);
    }
    return found;
  }

  void add_far(const Level& level, float low, float high) {
    add(FindingKind::far_value,
        fmt::format(
            "{:.0f}% of the ratings are {}, and the others lie from {} to {}: does it stand "
            "for \"not rated\"?",
            100.0 * static_cast<double>(level.count) / static_cast<double>(sample_.size()),
            level.value, low, high),
        fmt::format("if so, leave it out with {}={}:{} {} skip", option_name("scale"), low, high,
                    option_name("on-bad")));
  }

  void rounded() {
    const double spread = static_cast<double>(data_.scale.high) - data_.scale.low;
    // Where all are one number in single precision, ratings that differ by whole numbers were
    // meant.
    if (report_.largest_rounding < (spread > 0 ? 1e-3 * spread : 0.1)) return;
    if (!findings_.empty() && findings_.back().kind == FindingKind::not_ratings) return;
    add(FindingKind::rounded,
        fmt::format(
            "ratings are kept in single precision, which changes some by {:g} on a scale of "
            "{} .. {}: different ones may have become equal",
            report_.largest_rounding, data_.scale.low, data_.scale.high),
        fmt::format("subtract what all have in common from the ratings, or check with {} that they "
                    "are ratings",
                    option_name("columns")));
  }

  void titles_do_not_join() {
    const TitlesReport& titles = report_.titles;
    const auto possible = std::min<std::int64_t>(titles.rows, data_.items.size());
    if (titles.file.empty() || 2 * titles.matched >= possible) return;
    const std::string file = titles.file.filename().string();
    std::string found = fmt::format(
        "{} has titles of {} of the {} items", file,
        titles.matched == 0 ? "none" : fmt::format("{}", titles.matched), data_.items.size());
    const auto& texts = data_.catalogue.title;
    std::size_t without = 0;
    while (without < texts.size() && !texts[without].empty()) ++without;
    if (!titles.unknown_ids.empty() && without < texts.size()) {
      found += fmt::format(": ids there are such as {}, in the ratings such as {}",
                           in_quotes(titles.unknown_ids.front()),
                           in_quotes(data_.items.id(static_cast<Index>(without))));
    }
    const auto pair = alike_title();
    add(FindingKind::titles_do_not_join, std::move(found),
        pair
            ? fmt::format("write ids alike in both files: {} and {} would match",
                          in_quotes(pair->first), in_quotes(pair->second))
            : fmt::format("put the titles of these items beside the ratings, or check with {} that "
                          "the items are items",
                          option_name("columns")));
  }

  // An id of a title and one of an item that differ only in how they are written.
  std::optional<std::pair<std::string, std::string>> alike_title() const {
    std::unordered_map<std::string, std::string> titles;
    for (const std::string& id : report_.titles.unknown_ids) titles.emplace(loose_form(id), id);
    for (Index item = 0; item < data_.items.size(); ++item) {
      const std::string id = data_.items.id(item);
      if (const auto found = titles.find(loose_form(id)); found != titles.end()) {
        return std::pair(found->second, id);
      }
    }
    return std::nullopt;
  }

  void ids_alike() {
    if (!ids_alike(data_.users, "user")) ids_alike(data_.items, "item");
  }

  bool ids_alike(const IdMap& ids, const char* what) {
    if (ids.numeric()) return false;
    std::unordered_map<std::string, Index> forms;
    std::int64_t count = 0;
    std::pair<Index, Index> first;
    for (Index i = 0; i < ids.size(); ++i) {
      const auto [at, is_new] =
          forms.emplace(number_form(ids.texts()[static_cast<std::size_t>(i)]), i);
      if (is_new) continue;
      if (count++ == 0) first = {at->second, i};
    }
    // Ids of mixed kinds may meet by chance.
    if (100 * count < ids.size() || count == 0) return false;
    add(FindingKind::ids_alike,
        fmt::format("{} of {}s' ids differ only in how they are written, such as {} and {}, and "
                    "count as different",
                    count_text(count, "pair"), what, in_quotes(ids.id(first.first)),
                    in_quotes(ids.id(first.second))),
        "write each id in one way");
    return true;
  }

  const Dataset& data_;
  const ReadReport& report_;
  std::vector<float> sample_;  // rising
  std::vector<Level> levels_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_plausibility(const Dataset& data, const PlausibilityOptions& options) {
  return Check(data).all(options);
}

std::string_view to_string(Finding::Kind kind) {
  constexpr std::array<std::string_view, 8> kNames = {
      "one_rating_each", "not_ratings", "counting_header",    "duplicates",
      "far_value",       "rounded",     "titles_do_not_join", "ids_alike"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace tusk
