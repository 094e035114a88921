#include "data/catalogue_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/lines.hpp"
#include "data/rating_format.hpp"
#include "support/mapped_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using Fields = std::vector<std::string_view>;

// The genres of u.item's 19 flags where u.genre is missing.
constexpr std::array<std::string_view, 19> kGenres = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

class CatalogueReader {
 public:
  CatalogueReader(std::filesystem::path file, const IdMap& items, BadRows on_bad)
      : file_(std::move(file)), mapped_(file_), items_(items), on_bad_(on_bad) {
    title_.resize(static_cast<std::size_t>(items.size()));
    genres_.resize(static_cast<std::size_t>(items.size()));
    text_ = to_utf8(without_byte_order_mark(mapped_.bytes()));
  }

  // movieId,title,genres with a header.
  Catalogue read_csv() {
    bool header = true;
    each_line([&](std::string_view line, Fields& fields) {
      if (!split_fields(line, ",", fields)) return bad("quotes closed before the next comma");
      if (std::exchange(header, false)) return;
      if (fields.size() != 3) return bad("3 fields: movieId,title,genres");
      add(fields[0], unescaped(fields[1]), fields[2]);
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
      line_ = line;
      number_ = lines.number();
      row(line, fields);
    }
  }

  void bad(std::string expected) const {
    if (on_bad_ == BadRows::skip) return;
    throw InputError({file_.string(), number_, 0}, in_quotes(line_), std::move(expected));
  }

  void add(std::string_view id, std::string title, std::string_view genres) {
    const auto item = items_.find(trimmed(id));
    if (!item) return;
    const auto i = static_cast<std::size_t>(*item);
    title_[i] = std::move(title);
    genres_[i] = genres == "(no genres listed)" ? "" : genres;
  }

  Catalogue packed() const {
    Catalogue catalogue;
    for (const std::string& title : title_) catalogue.title.push_back(title);
    for (const std::string& genres : genres_) catalogue.genres.push_back(genres);
    return catalogue;
  }

  std::filesystem::path file_;
  MappedFile mapped_;
  const IdMap& items_;
  BadRows on_bad_;
  std::string text_;
  std::vector<std::string> title_;  // by item
  std::vector<std::string> genres_;
  std::string_view line_;
  std::int64_t number_ = 0;
};

}  // namespace

Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items, BadRows on_bad) {
  const auto has = [&](const char* name) { return std::filesystem::exists(folder / name); };
  if (has("movies.csv")) return CatalogueReader(folder / "movies.csv", items, on_bad).read_csv();
  if (has("movies.dat")) return CatalogueReader(folder / "movies.dat", items, on_bad).read_dat();
  if (has("u.item")) {
    std::vector<std::string> genres(kGenres.begin(), kGenres.end());
    if (has("u.genre")) {
      genres = CatalogueReader(folder / "u.genre", items, on_bad).read_genre_names();
    }
    return CatalogueReader(folder / "u.item", items, on_bad).read_item(genres);
  }
  const auto count = static_cast<std::size_t>(items.size());
  return {TextTable(count), TextTable(count)};
}

}  // namespace tusk
