#include "cli/new_user_options.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/tusk.hpp>

#include "cli/interrupts.hpp"
#include "cli/item_by_title.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

void note_unknown(const NewUsers& users, const Console& console) {
  if (users.unknown == 0) return;
  console.warn(fmt::format("{} of items without training ratings in the model left out: {}{}",
                           count_text(users.unknown, "rating"),
                           fmt::join(users.unknown_items, ", "),
                           users.unknown > std::ssize(users.unknown_items) ? ", ..." : ""));
}

// Tells of the films of an export that are no item: of the first on the screen, of all as JSON.
void note_unmatched(const PersonalRatings& ratings, const Console& console) {
  constexpr std::size_t kMostListed = 10;
  const auto& films = ratings.unmatched;
  if (films.empty()) return;
  std::vector<std::string> listed;
  for (const UnmatchedFilm& film : films) {
    console.event({{"event", "unmatched"},
                   {"line", film.line},
                   {"title", film.title},
                   {"year", film.year == 0 ? Json() : Json(film.year)}});
    if (listed.size() == kMostListed) continue;
    listed.push_back(short_text(film.title) +
                     (film.year == 0 ? "" : fmt::format(" ({})", film.year)));
  }
  console.warn(fmt::format("the model has no item for {}: {}{}",
                           count_text(std::ssize(films), "film"), fmt::join(listed, "; "),
                           films.size() > kMostListed ? "; ..." : ""));
}

NewUsers match(const Dataset& data, const Model& model, const Console& console) {
  console.note(
      fmt::format("read {}: {}", data.source.filename().string(), to_string(data.report.layout)));
  NewUsers users = match_new_users(model, data);
  note_unknown(users, console);
  return users;
}

NewUsers load_export(const std::string& file, PersonalFormat format, const Model& model,
                     const TableOptions& table, Console& console) {
  const PersonalRatings ratings = read_personal_ratings(
      file, model.catalogue, model.ratings_of_items(), model.scale(), format, table.encoding);
  console.note(fmt::format(
      "{}: an export of {}, {} found{}", file, to_string(ratings.format),
      count_text(std::ssize(ratings.ratings), "rating"),
      ratings.unrated > 0 ? fmt::format(", {} without a rating left out", ratings.unrated) : ""));
  note_unmatched(ratings, console);
  NewUsers user = new_user_of(model, ratings);
  note_unknown(user, console);
  if (user.item.empty()) {
    throw InputError({file, 0, 0}, "no rating of an item that the model knows",
                     "titles or ids at IMDb as in the model's training data");
  }
  return user;
}

}  // namespace

void NewUserOptions::declare(CLI::App& app) {
  declared_ = {
      app.add_option("--ratings", ratings_,
                     "somebody who was not trained: a file of one user's ratings, read as the data "
                     "of training is, with or without a column of users, or an export of IMDb or "
                     "Letterboxd"),
      app.add_option("--format", format_,
                     "--ratings is an export of this site: imdb, letterboxd (default: as its "
                     "header says)")
          ->transform(one_of({"imdb", "letterboxd"})),
      app.add_flag("--implicit", implicit_,
                   "the ratings are weights above 0, such as counts; a file without them, of "
                   "clicks, has weights of 1"),
      app.add_option("--like", liked_,
                     "or by titles, with the highest rating each; can be given again")
          ->allow_extra_args(false),
      app.add_option("--dislike", disliked_, "the same with the lowest rating")
          ->allow_extra_args(false)};
}

bool NewUserOptions::among(const std::set<const CLI::Option*>& given) const {
  return std::any_of(declared_.begin(), declared_.end(),
                     [&](const CLI::Option* option) { return given.contains(option); });
}

void NewUserOptions::clear() {
  ratings_.clear();
  format_.clear();
  implicit_ = false;
  liked_.clear();
  disliked_.clear();
}

void NewUserOptions::check() const {
  if (!format_.empty() && ratings_.empty()) {
    throw UsageError("--format has no effect without --ratings");
  }
  if (!ratings_.empty() && !(liked_.empty() && disliked_.empty())) {
    throw UsageError("--like and --dislike have no effect beside --ratings");
  }
}

NewUsers NewUserOptions::load(const Model& model, const TableOptions& table,
                              Console& console) const {
  NewUsers user;
  if (ratings_.empty()) {
    const TitleIndex index = index_titles(model);
    const auto items = [&](const char* what, const std::vector<std::string>& titles) {
      std::vector<Index> found;
      std::vector<std::string> names;
      for (const std::string& title : titles) {
        found.push_back(likely_item(model, index, title, console));
        names.push_back(short_text(title_of(model, found.back())));
      }
      if (!names.empty()) console.note(fmt::format("{}: {}", what, fmt::join(names, "; ")));
      return found;
    };
    user = user_who_likes(model, items("likes", liked_), items("dislikes", disliked_));
  } else {
    user = load_one(model, table, console);
  }
  console.note(fmt::format("folded in from {}: the user was not trained",
                           count_text(std::ssize(user.item), "rating")));
  return user;
}

NewUsers NewUserOptions::load_one(const Model& model, const TableOptions& table,
                                  Console& console) const {
  std::optional<PersonalFormat> site;
  if (!format_.empty()) {
    site = parse_personal_format(format_);
  } else if (ratings_ != "-") {  // standard input is read once
    site = recognise_personal_format(ratings_, table.encoding);
  }
  if (site) return load_export(ratings_, *site, model, table, console);
  std::optional<Dataset> own;
  if (ratings_ != "-") own = read_own_ratings(ratings_, read_options(table));
  NewUsers user = own ? match(*own, model, console) : load_many(ratings_, model, table, console);
  if (user.users() != 1) {
    throw InputError({ratings_, 0, 0}, fmt::format("ratings of {} users", user.users()),
                     "those of one (--users-file is for many)");
  }
  return user;
}

ReadOptions NewUserOptions::read_options(const TableOptions& table) const {
  ReadOptions options;
  options.delimiter = table.delimiter;
  options.columns = table.columns;
  options.header = table.header;
  options.encoding = table.encoding;
  options.implicit = implicit_;
  return options;
}

NewUsers NewUserOptions::load_many(const std::string& file, const Model& model,
                                   const TableOptions& table, Console& console) const {
  return match(read_dataset(file, read_options(table), {&interrupted}), model, console);
}

}  // namespace tusk::cli
