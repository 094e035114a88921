#include <tusk/personal_ratings.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <tusk/parameters.hpp>
#include <tusk/title_index.hpp>

#include "data/catalogue_builder.hpp"
#include "data/csv_records.hpp"
#include "data/text_file.hpp"
#include "data/time_field.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr const char* kExpected = "a text file of a person's ratings";

struct Site {
  PersonalFormat format;
  std::string_view name;
  RatingScale scale;
  // Names of columns; empty: there is none.
  std::string_view id;
  std::string_view title;
  std::string_view year;
  std::string_view rating;
  std::string_view date;
  std::string_view mark;  // a column that no other export has
};
constexpr std::array<Site, 2> kSites = {{
    {PersonalFormat::imdb, "imdb", {1, 10}, "Const", "Title", "Year", "Your Rating", "Date Rated",
     "Const"},
    {PersonalFormat::letterboxd, "letterboxd", {0.5f, 5}, "", "Name", "Year", "Rating", "Date",
     "Letterboxd URI"},
}};

// The site whose exports have such a header; nullptr if it is none's.
const Site* find_site(std::span<const std::string> header) {
  const auto found = std::find_if(kSites.begin(), kSites.end(), [&](const Site& site) {
    return std::find(header.begin(), header.end(), site.mark) != header.end();
  });
  return found == kSites.end() ? nullptr : &*found;
}

const Site& site_of(PersonalFormat format) {
  return *std::find_if(kSites.begin(), kSites.end(),
                       [&](const Site& site) { return site.format == format; });
}

// The items by what films are known by elsewhere.
class FilmIndex {
 public:
  FilmIndex(const Catalogue& catalogue, std::span<const std::int64_t> ratings_of_items)
      : catalogue_(catalogue), titles_(catalogue, ratings_of_items) {
    for (std::size_t i = 0; i < catalogue.imdb.size(); ++i) {
      if (catalogue.imdb[i] != 0) by_imdb_.emplace(catalogue.imdb[i], static_cast<Index>(i));
    }
  }

  // kNone if no item is that film.
  Index find(std::string_view imdb, std::string_view title, std::int32_t year) const {
    if (imdb.starts_with("tt")) {
      std::int64_t number = 0;
      std::from_chars(imdb.data() + 2, imdb.data() + imdb.size(), number);
      const auto found = by_imdb_.find(number);
      if (found != by_imdb_.end()) return found->second;
    }
    for (const std::int32_t off : {0, 1, -1}) {
      if (year == 0) break;
      const auto named = titles_.named(fmt::format("{} ({})", title, year + off));
      if (!named.empty()) return named.front();
    }
    // Without years one film of the title must be the one.
    const auto named = titles_.named(title);
    const bool sure = named.size() == 1 && (year == 0 || item_year(catalogue_, named.front()) == 0);
    return sure ? named.front() : kNone;
  }

 private:
  const Catalogue& catalogue_;
  TitleIndex titles_;
  std::unordered_map<std::int64_t, Index> by_imdb_;
};

class ExportReader {
 public:
  ExportReader(std::string file, const std::string& text, std::optional<PersonalFormat> format)
      : file_(std::move(file)), records_(text, ",") {
    if (records_.next() && records_.split(fields_)) header_.assign(fields_.begin(), fields_.end());
    site_ = format ? &site_of(*format) : recognised();
    for (const auto name : {site_->id, site_->title, site_->year, site_->rating, site_->date}) {
      columns_.push_back(place(name));
    }
    if (columns_[1] == kNoColumn || columns_[3] == kNoColumn) {
      refuse(fmt::format("the header of an export from {} with {} and {}", site_->name,
                         site_->title, site_->rating));
    }
  }

  const Site& site() const { return *site_; }

  bool next() {
    if (!records_.next()) return false;
    if (!records_.split(fields_) || fields_.size() != header_.size()) {
      refuse(count_text(std::ssize(header_), "field"));
    }
    return true;
  }

  std::int64_t line() const { return records_.line(); }
  std::string id() const { return field(0); }
  std::string title() const { return field(1); }
  std::string year() const { return field(2); }
  std::string rating() const { return field(3); }
  std::string date() const { return field(4); }

  [[noreturn]] void refuse(std::string expected) const {
    throw InputError({file_, records_.line(), 0}, in_quotes(records_.text()), std::move(expected));
  }

 private:
  const Site* recognised() const {
    if (const Site* site = find_site(header_)) return site;
    refuse(
        "the header of an export: Const, Your Rating, ... of IMDb, or Date, Name, Year, Letterboxd "
        "URI, Rating of Letterboxd");
  }

  int place(std::string_view name) const {
    const auto at = std::find(header_.begin(), header_.end(), name);
    return name.empty() || at == header_.end() ? kNoColumn : static_cast<int>(at - header_.begin());
  }

  std::string field(std::size_t column) const {
    const int at = columns_[column];
    return at == kNoColumn ? "" : records_.field(fields_[static_cast<std::size_t>(at)]);
  }

  std::string file_;
  CsvRecords records_;
  Fields fields_;
  std::vector<std::string> header_;
  const Site* site_ = nullptr;
  std::vector<int> columns_;  // id, title, year, rating, date
};

float moved(float rating, const RatingScale& from, const RatingScale& to) {
  return to.low + (rating - from.low) / (from.high - from.low) * (to.high - to.low);
}

}  // namespace

PersonalFormat parse_personal_format(std::string_view text) {
  for (const Site& site : kSites) {
    if (site.name == text) return site.format;
  }
  throw ParameterError("format", short_text(text), "imdb or letterboxd");
}

std::string_view to_string(PersonalFormat format) { return site_of(format).name; }

std::optional<PersonalFormat> recognise_personal_format(const std::filesystem::path& path) {
  const std::string text = read_text(path, kExpected);
  CsvRecords records(text, ",");
  Fields fields;
  if (!records.next() || !records.split(fields)) return std::nullopt;
  const std::vector<std::string> header(fields.begin(), fields.end());
  const Site* site = find_site(header);
  return site == nullptr ? std::nullopt : std::optional(site->format);
}

PersonalRatings read_personal_ratings(const std::filesystem::path& path,
                                      const Catalogue& catalogue,
                                      std::span<const std::int64_t> ratings_of_items,
                                      RatingScale scale,
                                      std::optional<PersonalFormat> format) {
  const std::string text = read_text(path, kExpected);
  ExportReader rows(shown_name(path), text, format);
  const FilmIndex films(catalogue, ratings_of_items);
  std::map<Index, PersonalRating> by_item;
  PersonalRatings personal;
  personal.format = rows.site().format;
  const RatingScale& from = rows.site().scale;
  while (rows.next()) {
    if (rows.rating().empty()) {
      ++personal.unrated;
      continue;
    }
    const auto rating = parse_double(rows.rating());
    if (!rating || !from.contains(static_cast<float>(*rating))) {
      rows.refuse(fmt::format("a rating from {:g} to {:g}", from.low, from.high));
    }
    const std::int32_t year = year_of(rows.year());
    const Index item = films.find(rows.id(), rows.title(), year);
    if (item == kNone) {
      personal.unmatched.push_back({rows.line(), rows.title(), year});
      continue;
    }
    PersonalRating& kept = by_item[item];
    kept = {item, moved(static_cast<float>(*rating), from, scale), kNoTime};
    if (parse_time(rows.date(), kept.timestamp) != TimeField::read) kept.timestamp = kNoTime;
  }
  for (const auto& [item, rating] : by_item) personal.ratings.push_back(rating);
  return personal;
}

}  // namespace tusk
