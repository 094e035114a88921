#include "data/catalogue_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/catalogue_builder.hpp"
#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/movie_links.hpp"
#include "data/movies_dataset.hpp"
#include "data/named_csv.hpp"
#include "data/text_file.hpp"
#include "data/titles_table.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The genres of u.item's 19 flags where u.genre is missing.
constexpr std::array<std::string_view, 19> kGenres = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

// Files of MovieLens and the Netflix Prize.
class CatalogueReader {
 public:
  CatalogueReader(const std::filesystem::path& file, const IdMap& items, const OpenOptions& open,
                  TitlesReport& report)
      : file_(file),
        catalogue_(file, items, report),
        text_(read_text(file, "a text file of titles", open)) {}

  // With a header that names movieId, title and perhaps genres, in any order.
  Catalogue read_csv() {
    NamedCsv csv(file_.string(), text_);
    const int id = csv.column(kItemNames);
    const int title = csv.column(kTitleNames);
    const int genres = csv.column(kGenreNames);
    const int year = csv.first(kYearNames);
    if (id < 0 || title < 0 || genres == kManyColumns) {
      csv.refuse("a header with one movieId, one title and perhaps genres");
    }
    while (csv.next()) {
      if (const std::string problem = csv.problem(); !problem.empty()) {
        catalogue_.bad(csv.line(), csv.text(), problem);
      } else {
        add(csv.field(id), csv.field(title), csv.field(genres), year_of(csv.field(year)));
      }
    }
    return catalogue_.finish();
  }

  // movieId::title::genres.
  Catalogue read_dat() {
    each_line([&](std::string_view line, Fields& fields) {
      fields = split_text(line, "::");
      if (fields.size() != 3) return bad("3 fields between '::': id, title, genres");
      add(fields[0], std::string(fields[1]), fields[2]);
    });
    return catalogue_.finish();
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
    return catalogue_.finish();
  }

  // id,year,title: of the Netflix Prize, whose titles have commas and no quotes.
  Catalogue read_netflix() {
    each_line([&](std::string_view line, Fields& fields) {
      const auto comma = line.find(',');
      const auto second = line.find(',', comma == std::string_view::npos ? comma : comma + 1);
      if (second == std::string_view::npos) return bad("a film's id, year and title");
      fields = {line.substr(0, comma), line.substr(comma + 1, second - comma - 1),
                trimmed(line.substr(second + 1))};
      const auto year = year_of(fields[1]);
      add(fields[0], with_year(std::string(fields[2]), year), "", year);
    });
    return catalogue_.finish();
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

  void bad(std::string expected) { catalogue_.bad(number_, line_, std::move(expected)); }

  void add(std::string_view id, std::string title, std::string_view genres, std::int32_t year = 0) {
    CatalogueRow row;
    row.title = std::move(title);
    row.genres = genres;
    row.year = year;
    catalogue_.add(id, std::move(row));
  }

  std::filesystem::path file_;
  CatalogueBuilder catalogue_;
  std::string text_;
  std::string line_;  // in UTF-8
  std::int64_t number_ = 0;
};

std::vector<std::string> genre_names(const std::filesystem::path& folder, const IdMap& items,
                                     const OpenOptions& open, TitlesReport& report) {
  try {
    TitlesReport ignored;
    if (has_bytes(folder / "u.genre", open)) {
      return CatalogueReader(folder / "u.genre", items, open, ignored).read_genre_names();
    }
  } catch (const InputError& error) {
    report.problems.emplace_back(error.what());
  }
  return {kGenres.begin(), kGenres.end()};
}

MovieLinks links_of(const std::filesystem::path& folder, const IdMap& items,
                    const OpenOptions& open, TitlesReport& report) {
  try {
    return read_movie_links(folder, items, open);
  } catch (const InputError& error) {
    report.problems.emplace_back(error.what());
    return {};
  }
}

// By the file's name, which is known.
Catalogue read_file(const std::filesystem::path& file, const IdMap& items, const MovieLinks& links,
                    const ReadOptions& options, const OpenOptions& open, TitlesReport& report) {
  const std::string name = file.filename().string();
  const auto reader = [&] { return CatalogueReader(file, items, open, report); };
  if (name == "movies.csv") return reader().read_csv();
  if (name == "movies.dat") return reader().read_dat();
  if (name == "u.item") {
    return reader().read_item(genre_names(file.parent_path(), items, open, report));
  }
  if (name == "movies_metadata.csv") {
    return read_movies_metadata(file, items, links, open, report);
  }
  if (name.starts_with("movie_titles.")) return reader().read_netflix();
  return read_titles_table(file, items, options.title_columns, open, report);
}

// The first of the folder's files that can be used, or no titles.
Catalogue first_usable(const std::filesystem::path& folder, const IdMap& items,
                       const MovieLinks& links, const ReadOptions& options, const OpenOptions& open,
                       TitlesReport& report) {
  for (const char* name :
       {"movies.csv", "movies.dat", "u.item", "movies_metadata.csv", "movie_titles.txt",
        "movie_titles.csv", "BX-Books.csv", "BX_Books.csv", "Books.csv"}) {
    TitlesReport of_file;
    try {
      if (!has_bytes(folder / name, open)) continue;
      Catalogue catalogue = read_file(folder / name, items, links, options, open, of_file);
      of_file.problems.insert(of_file.problems.begin(), report.problems.begin(),
                              report.problems.end());
      report = std::move(of_file);
      return catalogue;
    } catch (const InputError& error) {
      report.problems.emplace_back(error.what());
    }
  }
  return no_titles(items);
}

void add_links(MovieLinks links, Catalogue& catalogue) {
  catalogue.imdb = std::move(links.imdb);
  catalogue.tmdb = std::move(links.tmdb);
}

}  // namespace

Catalogue no_titles(const IdMap& items) {
  const auto count = static_cast<std::size_t>(items.size());
  return {TextTable(count), TextTable(count)};
}

Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items,
                         const ReadOptions& options, const OpenOptions& open,
                         TitlesReport& report) {
  MovieLinks links = links_of(folder, items, open, report);
  Catalogue catalogue = first_usable(folder, items, links, options, open, report);
  add_links(std::move(links), catalogue);
  return catalogue;
}

Catalogue read_titles(const std::filesystem::path& folder, const IdMap& items,
                      const ReadOptions& options, const OpenOptions& open, TitlesReport& report) {
  MovieLinks links = links_of(options.titles.parent_path(), items, open, report);
  if (links.file.empty()) links = links_of(folder, items, open, report);
  // What was said of the columns makes any file a table.
  Catalogue catalogue =
      options.title_columns.empty()
          ? read_file(options.titles, items, links, options, open, report)
          : read_titles_table(options.titles, items, options.title_columns, open, report);
  add_links(std::move(links), catalogue);
  return catalogue;
}

}  // namespace tusk
