#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/input_options.hpp"
#include "cli/new_user_options.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// Ids of users and items, as given.
struct Pairs {
  std::vector<std::string> user;
  std::vector<std::string> item;
};

// Warns of ids of one kind that a model has no training rating of, once each.
class UnknownIds {
 public:
  UnknownIds(const Console& console, const char* what, const IdMap& ids)
      : console_(console), what_(what), ids_(ids) {}

  void add(const std::string& id) {
    if (!seen_.insert(id).second || std::ssize(seen_) > kMostNamed) return;
    console_.warn(fmt::format("the model has no training rating of {} {}{}", what_, short_text(id),
                              known_ids_text(ids_, id)));
  }

  void warn_of_more() const {
    if (const auto more = std::ssize(seen_) - kMostNamed; more > 0) {
      console_.warn(fmt::format("the model has no training rating of {} more {}s", more, what_));
    }
  }

 private:
  static constexpr std::int64_t kMostNamed = 10;  // further ones are only counted

  const Console& console_;
  const char* what_;
  const IdMap& ids_;
  std::unordered_set<std::string> seen_;
};

class PredictCommand : public Command {
 public:
  std::string name() const override { return "predict"; }
  std::string summary() const override { return "predict ratings, and say what they rest on"; }
  std::string examples() const override {
    return "tusk predict model.safetensors --user 196 --item 242\n"
           "tusk predict model.safetensors --pairs wanted.csv --json\n"
           "tusk predict model.safetensors --ratings mine.csv --item 242\n"
           "tusk predict model.safetensors --user 196 --item 242 --time 1998-04-01\n"
           "tusk predict model.safetensors --like \"Toy Story\" --item 242\n"
           "tusk predict model.safetensors --users-file new-users.csv --pairs wanted.csv";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    one_ = {app.add_option("--user", user_, "the user's id as in the data"),
            app.add_option("--item", item_, "the item's id as in the data")};
    app.add_option("--pairs", pairs_,
                   "instead of both: a file with a user and an item a line, read as ratings are");
    app.add_option("--time", time_,
                   "when the ratings are given, for a model that is trained with --time: seconds "
                   "since 1970 or a date");
    new_user_.declare(app);
    app.add_option("--users-file", new_users_file_,
                   "with --pairs: the users are not of the model but of this file of ratings");
    const Heading heading(app, "Reading pairs and ratings");
    table_.declare(app, "where user,item[,rating] are: names in the header, or numbers from 1");
    device_.declare(app);
  }

  void check_given(const GivenOptions& given) override {
    const bool is_new = new_user_.given();
    if (is_new && !new_users_file_.empty()) {
      throw UsageError("--users-file has no effect beside --ratings and --like");
    }
    if (is_new && !user_.empty()) {
      throw UsageError("--user has no effect beside --ratings and --like");
    }
    new_user_.check();
    if (!time_.empty()) parse_timestamp(time_);
    const bool by_pairs = !pairs_.empty() || !new_users_file_.empty();
    for (const CLI::Option* option : one_) {
      if (by_pairs && given.contains(option)) {
        throw UsageError(option->get_name() + " has no effect beside --pairs");
      }
      if (!by_pairs && option->count() == 0 && !(is_new && option == one_.front())) {
        throw UsageError(option->get_name() + " is required, or --pairs");
      }
    }
    if (!new_users_file_.empty() && pairs_.empty()) {
      throw UsageError("--users-file needs --pairs, with users of that file and items");
    }
    if (is_new && by_pairs) throw UsageError("--pairs has no effect beside --ratings and --like");
  }

  int run(Console& console) override {
    const Pairs pairs = pairs_.empty() ? Pairs{{user_}, {item_}} : read_pairs(console);
    const Model model = model_.load();
    check_predicts_ratings(model);
    if (!time_.empty() && !model.learned().uses_times()) {
      throw UsageError("--time has no effect: the model is not trained with --time");
    }
    if (new_user_.given()) {
      predict_new(console, model, new_user_.load(model, table_.options(), console), {{}, {item_}});
      return exit_done;
    }
    if (!new_users_file_.empty()) {
      const TableOptions table = table_.options();
      predict_new(console, model, new_user_.load_many(new_users_file_, model, table, console),
                  pairs);
      return exit_done;
    }
    const auto device = device_.open(console, GpuWork::little);
    const auto indices = [](const IdMap& ids, const std::vector<std::string>& names) {
      std::vector<Index> index;
      for (const std::string& name : names) index.push_back(ids.find(name).value_or(kNone));
      return index;
    };
    const auto user = indices(model.users, pairs.user);
    const auto item = indices(model.items, pairs.item);
    const auto predictor = model.open(*device);
    const auto time = times(item.size());
    const auto predictions = predictor->predict_at(user, item, time);
    const auto deviations = predictor->deviations_at(user, item, time);
    UnknownIds users(console, "user", model.users);
    UnknownIds items(console, "item", model.items);
    std::size_t unknown = 0;
    for (std::size_t p = 0; p < predictions.size(); ++p) {
      const bool knows_user = model.knows_user(user[p]);
      const bool knows_item = model.knows_item(item[p]);
      if (!knows_user) users.add(pairs.user[p]);
      if (!knows_item) items.add(pairs.item[p]);
      if (!knows_user || !knows_item) ++unknown;
      show(console, model,
           {pairs.user[p], pairs.item[p], item[p], predictions[p], deviation_of(deviations, p)});
    }
    users.warn_of_more();
    items.warn_of_more();
    if (!pairs_.empty() && 2 * unknown > predictions.size()) {
      console.warn(fmt::format(
          "the model has no training rating of the user or the item of {} of {} pairs: is it the "
          "same data?",
          unknown, predictions.size()));
    }
    return exit_done;
  }

 private:
  // `pairs` without users: the items of the only user.
  void predict_new(Console& console, const Model& model, const NewUsers& users,
                   const Pairs& pairs) const {
    const auto device = device_.open(console, GpuWork::little);
    std::unordered_map<std::string, Index> row_of;
    for (Index row = 0; row < users.users(); ++row) {
      row_of.emplace(users.id[static_cast<std::size_t>(row)], row);
    }
    UnknownIds unknown(console, "item", model.items);
    std::vector<Index> row;
    std::vector<Index> item;
    for (std::size_t p = 0; p < pairs.item.size(); ++p) {
      const auto found = pairs.user.empty() ? row_of.begin() : row_of.find(pairs.user[p]);
      if (found == row_of.end()) {
        throw InputError({pairs_, 0, 0}, "user " + in_quotes(pairs.user[p]),
                         "users of " + new_users_file_);
      }
      row.push_back(found->second);
      item.push_back(model.items.find(pairs.item[p]).value_or(kNone));
      if (!model.knows_item(item.back())) unknown.add(pairs.item[p]);
    }
    const CsrView ratings = users.ratings();
    const auto opened = model.open(*device);
    const auto predictor = opened->fold_in(ratings);
    const auto time = times(item.size());
    const auto predictions = predictor->predict_at(row, item, time);
    const auto deviations = predictor->deviations_at(row, item, time);
    for (std::size_t p = 0; p < predictions.size(); ++p) {
      show(console, model,
           {users.id[static_cast<std::size_t>(row[p])], pairs.item[p], item[p], predictions[p],
            deviation_of(deviations, p)},
           std::ssize(ratings.row(row[p])));
    }
    unknown.warn_of_more();
  }

  // Of so many pairs.
  std::vector<std::int64_t> times(std::size_t pairs) const {
    return std::vector(pairs, time_.empty() ? kNoTime : parse_timestamp(time_));
  }

  struct Shown {
    const std::string& user;
    const std::string& item;
    Index index;
    const Prediction& prediction;
    std::optional<float> deviation;
  };

  // Of pair p, if the model knows deviations.
  static std::optional<float> deviation_of(const std::vector<float>& deviations, std::size_t p) {
    return deviations.empty() ? std::nullopt : std::optional(deviations[p]);
  }

  // `folded_from`: the ratings of a user who was not trained.
  static void show(const Console& console, const Model& model, const Shown& shown,
                   std::int64_t folded_from = 0) {
    const std::string title = title_of(model, shown.index);
    Json json = {{"event", "prediction"},
                 {"user", json_id(model.users, shown.user)},
                 {"item", json_id(model.items, shown.item)},
                 {"title", title},
                 {"rating", json_number(shown.prediction.rating)},
                 {"evidence", to_string(shown.prediction.evidence)}};
    if (shown.deviation) json["deviation"] = json_number(*shown.deviation);
    if (folded_from > 0) json["folded_from"] = folded_from;
    console.event(json);
    console.print(
        "user {}, item {}{}: {}{} (evidence: {})", shown.user, shown.item,
        title.empty() ? "" : ", " + title, rating_text(shown.prediction.rating, model.scale()),
        shown.deviation ? fmt::format(" +- {}", rating_text(*shown.deviation, model.scale())) : "",
        to_string(shown.prediction.evidence));
  }

  Pairs read_pairs(const Console& console) const {
    TableOptions options = table_.options();
    // What a file of settings says of ratings names more columns.
    if (options.columns.size() > 2) options.columns.resize(2);
    IdTable table = read_id_table(pairs_, IdRows::pairs, options);
    note_layout(console, table);
    return {std::move(table.column[0]), std::move(table.column[1])};
  }

  DeviceOptions device_;
  TableFlags table_;
  ModelOption model_;
  NewUserOptions new_user_;
  std::string user_;
  std::string item_;
  std::string pairs_;
  std::string time_;
  std::string new_users_file_;
  std::array<const CLI::Option*, 2> one_ = {};
};

}  // namespace

std::unique_ptr<Command> make_predict_command() { return std::make_unique<PredictCommand>(); }

}  // namespace tusk::cli
