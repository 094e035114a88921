#include "data/catalogue_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The genres of u.item's 19 flags where u.genre is missing.
constexpr std::array<std::string_view, 19> kGenres = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

constexpr std::array<std::string_view, 4> kTitleNames = {"title", "titles", "name", "movietitle"};
constexpr std::array<std::string_view, 2> kGenreNames = {"genres", "genre"};

constexpr std::size_t kMostUnknownIds = 1000;

class CatalogueReader {
 public:
  CatalogueReader(std::filesystem::path file, const IdMap& items, TitlesReport& report)
      : file_(std::move(file)),
        items_(items),
        report_(report),
        text_(read_text(file_, "a text file of titles")) {
    title_.resize(static_cast<std::size_t>(items.size()));
    genres_.resize(static_cast<std::size_t>(items.size()));
  }

  // With a header that names movieId, title and perhaps genres, in any order.
  Catalogue read_csv() {
    std::size_t columns = 0;  // not known before the header
    int id = 0;
    int title = 0;
    int genres = 0;
    each_line([&](std::string_view line, Fields& fields) {
      if (!split_fields(line, ",", fields)) return bad("quotes closed before the next comma");
      if (columns == 0) {
        columns = fields.size();
        id = find_column(fields, kItemNames);
        title = find_column(fields, kTitleNames);
        genres = find_column(fields, kGenreNames);
        if (id < 0 || title < 0 || genres == kManyColumns) {
          refuse("a header with one movieId, one title and perhaps genres");
        }
        return;
      }
      if (fields.size() != columns) return bad(fmt::format("{} fields", columns));
      const auto field = [&](int c) {
        return c < 0 ? std::string() : field_text(line, fields[static_cast<std::size_t>(c)]);
      };
      add(field(id), field(title), field(genres));
    });
    return packed();
  }

  // movieId::title::genres.
  Catalogue read_dat() {
    each_line([&](std::string_view line, Fields& fields) {
      fields = split_text(line, "::");
      if (fields.size() != 3) return bad("3 fields between '::': id, title, genres");
      add(fields[0], std::string(fields[1]), fields[2]);
    });
    return packed();
  }

  // id|title|release date|video release date|URL|a flag a genre.
  Catalogue read_item(const std::vector<std::string>& genre_names) {
    each_line([&](std::string_view line, Fields& fields) {
      fields = split_text(line, "|");
      if (fields.size() < 5)
        return bad("fields between '|': id, title, two dates, URL, genre flags");
      std::string genres;
      for (std::size_t g = 0; g < genre_names.size() && g + 5 < fields.size(); ++g) {
        if (fields[g + 5] != "1" || genre_names[g] == "unknown") continue;
        if (!genres.empty()) genres += '|';
        genres += genre_names[g];
      }
      add(fields[0], std::string(fields[1]), genres);
    });
    return packed();
  }

  std::vector<std::string> read_genre_names() {
    std::vector<std::string> names;
    each_line([&](std::string_view line, Fields& fields) {
      fields = split_text(line, "|");
      names.emplace_back(fields[0]);
    });
    return names;
  }

 private:
  template <class Row>
  void each_line(const Row& row) {
    Lines lines(text_);
    std::string_view line;
    Fields fields;
    while (lines.next(line)) {
      if (trimmed(line).empty()) continue;
      line_ = to_utf8(line);
      number_ = lines.number();
      row(std::string_view(line_), fields);
    }
  }

  InputError error(std::string expected) const {
    return {{file_.string(), number_, 0}, in_quotes(line_), std::move(expected)};
  }

  [[noreturn]] void refuse(std::string expected) const { throw error(std::move(expected)); }

  void bad(std::string expected) {
    if (report_.bad_rows++ == 0) report_.first_bad_row = error(std::move(expected)).what();
  }

  void add(std::string_view id, std::string title, std::string_view genres) {
    ++report_.rows;
    const auto item = items_.find(trimmed(id));
    if (!item) {
      if (report_.unknown_ids.size() < kMostUnknownIds)
        report_.unknown_ids.emplace_back(trimmed(id));
      return;
    }
    const auto i = static_cast<std::size_t>(*item);
    title_[i] = std::move(title);
    genres_[i] = genres == "(no genres listed)" ? "" : genres;
  }

  // Throws InputError if no row was good.
  Catalogue packed() const {
    if (report_.rows == 0) {
      throw InputError({file_.string(), 0, 0},
                       report_.bad_rows > 0
                           ? "no good row; the first bad one: " + report_.first_bad_row
                           : "no row",
                       "rows of id, title and genres");
    }
    report_.file = file_;
    report_.matched = std::count_if(title_.begin(), title_.end(),
                                    [](const std::string& title) { return !title.empty(); });
    Catalogue catalogue;
    for (const std::string& title : title_) catalogue.title.push_back(title);
    for (const std::string& genres : genres_) catalogue.genres.push_back(genres);
    return catalogue;
  }

  std::filesystem::path file_;
  const IdMap& items_;
  TitlesReport& report_;
  std::string text_;
  std::vector<std::string> title_;  // by item
  std::vector<std::string> genres_;
  std::string line_;  // in UTF-8
  std::int64_t number_ = 0;
};

Catalogue no_titles(const IdMap& items) {
  const auto count = static_cast<std::size_t>(items.size());
  return {TextTable(count), TextTable(count)};
}

// Whether the folder has such a file, be it one that cannot be opened or a link to nowhere.
bool has(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(file, error));
}

std::vector<std::string> genre_names(const std::filesystem::path& folder, const IdMap& items,
                                     TitlesReport& report) {
  try {
    TitlesReport ignored;
    if (has(folder / "u.genre")) {
      return CatalogueReader(folder / "u.genre", items, ignored).read_genre_names();
    }
  } catch (const InputError& error) {
    report.problems.emplace_back(error.what());
  }
  return {kGenres.begin(), kGenres.end()};
}

}  // namespace

Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items,
                         TitlesReport& report) {
  for (const char* name : {"movies.csv", "movies.dat", "u.item"}) {
    const auto file = folder / name;
    if (!has(file)) continue;
    TitlesReport of_file;
    try {
      CatalogueReader reader(file, items, of_file);
      Catalogue catalogue = name == std::string_view("movies.csv") ? reader.read_csv()
                            : name == std::string_view("movies.dat")
                                ? reader.read_dat()
                                : reader.read_item(genre_names(folder, items, report));
      of_file.problems = std::move(report.problems);
      report = std::move(of_file);
      return catalogue;
    } catch (const InputError& error) {
      report.problems.emplace_back(error.what());
    }
  }
  return no_titles(items);
}

}  // namespace tusk
