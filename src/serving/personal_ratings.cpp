#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/parameters.hpp>
#include <tusk/personal_ratings.hpp>
#include <tusk/title_index.hpp>

#include "data/catalogue_builder.hpp"
#include "data/movie_links.hpp"
#include "data/named_csv.hpp"
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
    {PersonalFormat::imdb,
     "imdb",
     {1, 10},
     "Const",
     "Title",
     "Year",
     "Your Rating",
     "Date Rated",
     "Const"},
    {PersonalFormat::letterboxd,
     "letterboxd",
     {0.5f, 5},
     "",
     "Name",
     "Year",
     "Rating",
     "Date",
     "Letterboxd URI"},
}};

// The site whose exports have such a header; nullptr if it is none's.
const Site* find_site(const NamedCsv& rows) {
  const auto found = std::find_if(kSites.begin(), kSites.end(), [&](const Site& site) {
    return rows.column(site.mark) != kNoColumn;
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

  // kNone if no item is that film. `imdb` is 0 where it is not known.
  Index find(std::int64_t imdb, std::string_view title, std::int32_t year) const {
    if (const auto found = by_imdb_.find(imdb); found != by_imdb_.end()) return found->second;
    for (const std::int32_t off : {0, 1, -1}) {
      if (year == 0) break;
      const auto named = this->named(fmt::format("{} ({})", title, year + off), imdb);
      if (!named.empty()) return named.front();
    }
    // Without years one film of the title must be the one.
    const auto named = this->named(title, imdb);
    const bool sure = named.size() == 1 && (year == 0 || item_year(catalogue_, named.front()) == 0);
    return sure ? named.front() : kNone;
  }

 private:
  // Without films that have another id at IMDb.
  std::vector<Index> named(std::string_view title, std::int64_t imdb) const {
    std::vector<Index> named = titles_.named(title);
    std::erase_if(named, [&](Index item) {
      const auto i = static_cast<std::size_t>(item);
      const std::int64_t its = i < catalogue_.imdb.size() ? catalogue_.imdb[i] : 0;
      return imdb != 0 && its != 0 && its != imdb;
    });
    return named;
  }

  const Catalogue& catalogue_;
  TitleIndex titles_;
  std::unordered_map<std::int64_t, Index> by_imdb_;
};

// The rows of an export.
class ExportReader {
 public:
  ExportReader(std::string file, const std::string& text, std::optional<PersonalFormat> format)
      : rows_(std::move(file), text), site_(format ? &site_of(*format) : recognised()) {
    id_ = rows_.column(site_->id);
    title_ = rows_.column(site_->title);
    year_ = rows_.column(site_->year);
    rating_ = rows_.column(site_->rating);
    date_ = rows_.column(site_->date);
    if (title_ == kNoColumn || rating_ == kNoColumn) {
      refuse(fmt::format("the header of an export from {} with {} and {}", site_->name,
                         site_->title, site_->rating));
    }
  }

  const Site& site() const { return *site_; }

  bool next() {
    if (!rows_.next()) return false;
    if (const std::string problem = rows_.problem(); !problem.empty()) refuse(problem);
    return true;
  }

  std::int64_t line() const { return rows_.line(); }
  std::string id() const { return rows_.field(id_); }
  std::string title() const { return rows_.field(title_); }
  std::string year() const { return rows_.field(year_); }
  std::string rating() const { return rows_.field(rating_); }
  std::string date() const { return rows_.field(date_); }

  [[noreturn]] void refuse(std::string expected) const { rows_.refuse(std::move(expected)); }

 private:
  const Site* recognised() const {
    if (const Site* site = find_site(rows_)) return site;
    refuse(
        "the header of an export: Const, Your Rating, ... of IMDb, or Date, Name, Year, Letterboxd "
        "URI, Rating of Letterboxd");
  }

  NamedCsv rows_;
  const Site* site_;
  int id_ = kNoColumn;
  int title_ = kNoColumn;
  int year_ = kNoColumn;
  int rating_ = kNoColumn;
  int date_ = kNoColumn;
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

std::optional<PersonalFormat> recognise_personal_format(const std::filesystem::path& path,
                                                        const std::string& encoding) {
  const std::string text = read_text(path, kExpected, {encoding});
  const Site* site = find_site(NamedCsv(shown_name(path), text));
  return site == nullptr ? std::nullopt : std::optional(site->format);
}

PersonalRatings read_personal_ratings(const std::filesystem::path& path, const Catalogue& catalogue,
                                      std::span<const std::int64_t> ratings_of_items,
                                      RatingScale scale, std::optional<PersonalFormat> format,
                                      const std::string& encoding) {
  const std::string text = read_text(path, kExpected, {encoding});
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
    const Index item = films.find(film_number(rows.id()), rows.title(), year);
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
