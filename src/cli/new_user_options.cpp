#include "cli/new_user_options.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/tusk.hpp>

#include "cli/interrupts.hpp"
#include "cli/item_by_title.hpp"
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

}  // namespace

void NewUserOptions::declare(CLI::App& app) {
  declared_ = {
      app.add_option("--ratings", ratings_,
                     "somebody who was not trained: a file of one user's ratings, read as the data "
                     "of training is"),
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
  liked_.clear();
  disliked_.clear();
}

NewUsers NewUserOptions::load(const Model& model, Console& console) const {
  NewUsers user;
  if (ratings_.empty()) {
    const TitleIndex index = index_titles(model);
    const auto items = [&](const std::vector<std::string>& titles) {
      std::vector<Index> found;
      for (const std::string& title : titles) {
        found.push_back(likely_item(model, index, title, console));
      }
      return found;
    };
    user = user_who_likes(model, items(liked_), items(disliked_));
  } else {
    if (!liked_.empty() || !disliked_.empty()) {
      throw UsageError("--like and --dislike have no effect beside --ratings");
    }
    user = load_new_users(ratings_, model, console);
    if (user.users() != 1) {
      throw InputError({ratings_, 0, 0}, fmt::format("ratings of {} users", user.users()),
                       "those of one (--users-file lists for many)");
    }
  }
  console.note(fmt::format("folded in from {}: the user was not trained",
                           count_text(std::ssize(user.item), "rating")));
  return user;
}

NewUsers load_new_users(const std::string& file, const Model& model, Console& console) {
  const Dataset data = read_dataset(file, {}, {{}, &interrupted});
  console.note(
      fmt::format("read {}: {}", data.source.filename().string(), to_string(data.report.layout)));
  NewUsers users = match_new_users(model, data);
  note_unknown(users, console);
  return users;
}

}  // namespace tusk::cli
