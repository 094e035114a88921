// Ratings that a person exports from a film site, as ratings of a model's or data set's items.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

enum class PersonalFormat {
  imdb,        // Const,Your Rating,Date Rated,Title,...: 1 .. 10
  letterboxd,  // Date,Name,Year,Letterboxd URI,Rating: 0.5 .. 5
};

// "imdb", "letterboxd". Throws ParameterError.
PersonalFormat parse_personal_format(std::string_view text);
std::string_view to_string(PersonalFormat format);

// The site whose exports have a header such as the file's; nothing if it is none's. `encoding` is
// that of ReadOptions. Throws InputError if the file cannot be read.
std::optional<PersonalFormat> recognise_personal_format(const std::filesystem::path& path,
                                                        const std::string& encoding = {});

struct PersonalRating {
  Index item = 0;
  float rating = 0;  // on the scale asked for
  std::int64_t timestamp = kNoTime;
};

// A film that is no item.
struct UnmatchedFilm {
  std::int64_t line = 0;  // of the file, from 1
  std::string title;
  std::int32_t year = 0;  // 0: not given
};

struct PersonalRatings {
  PersonalFormat format = PersonalFormat::imdb;
  std::vector<PersonalRating> ratings;   // by item, ascending, each once: the last in the file
  std::vector<UnmatchedFilm> unmatched;  // in the order of the file
  std::int64_t unrated = 0;              // rows without a rating
};

// Reads such an export. Films are items by catalogue.imdb where both have an id of IMDb, else by
// title and year as TitleIndex finds them, without items that have another id; a year may differ by
// one if no film of the year itself has the title, and of several with the title that with the most
// ratings is taken. Ratings are moved from the site's scale to `scale` linearly. `format`: unset,
// it is recognised by the header. `encoding` is that of ReadOptions; without it a field that is not
// UTF-8 is Latin-1. Throws InputError if the file is no such export or a row of it cannot be read.
PersonalRatings read_personal_ratings(const std::filesystem::path& path, const Catalogue& catalogue,
                                      std::span<const std::int64_t> ratings_of_items,
                                      RatingScale scale,
                                      std::optional<PersonalFormat> format = std::nullopt,
                                      const std::string& encoding = {});

}  // namespace tusk
