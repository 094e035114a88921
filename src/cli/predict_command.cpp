#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/model_option.hpp"
#include "cli/model_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// Unknown pairs beyond so many are only counted.
constexpr std::size_t kMostNamed = 10;

// Ids of users and items, as given.
struct Pairs {
  std::vector<std::string> user;
  std::vector<std::string> item;
};

// A user and an item a line, with a comma or a tab between them; what follows is left out.
Pairs read_pairs(const std::string& path) {
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) {
    throw InputError(fmt::format("{} cannot be read", path));
  }
  Pairs pairs;
  std::int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    const bool tabs = line.find('\t') != std::string::npos;
    const auto fields = split_text(line, tabs ? "\t" : ",");
    if (fields.size() < 2) {
      throw InputError({path, number, 0}, in_quotes(line), "a user and an item, USER,ITEM");
    }
    pairs.user.emplace_back(trimmed(fields[0]));
    pairs.item.emplace_back(trimmed(fields[1]));
  }
  return pairs;
}

class PredictCommand : public Command {
 public:
  std::string name() const override { return "predict"; }
  std::string summary() const override { return "predict ratings, and say what they rest on"; }
  std::string examples() const override {
    return "tusk predict model.safetensors --user 196 --item 242\n"
           "tusk predict model.safetensors --pairs wanted.csv --json";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    one_ = {app.add_option("--user", user_, "the user's id as in the data"),
            app.add_option("--item", item_, "the item's id as in the data")};
    many_ =
        app.add_option("--pairs", pairs_,
                       "instead of both: a file with a user and an item a line, with a comma or "
                       "a tab between them");
    device_.declare(app);
  }

  void check_given(const GivenOptions& given) override {
    for (const CLI::Option* option : one_) {
      if (given.contains(many_) && given.contains(option)) {
        throw UsageError(option->get_name() + " has no effect beside --pairs");
      }
      if (pairs_.empty() && option->count() == 0) {
        throw UsageError(option->get_name() + " is required, or --pairs");
      }
    }
  }

  int run(Console& console) override {
    const Pairs pairs = pairs_.empty() ? Pairs{{user_}, {item_}} : read_pairs(pairs_);
    const Model model = model_.load();
    const auto backend = device_.open(console, GpuWork::little);
    const auto indices = [](const IdMap& ids, const std::vector<std::string>& names) {
      std::vector<Index> index;
      for (const std::string& name : names) index.push_back(ids.find(name).value_or(kNone));
      return index;
    };
    const auto user = indices(model.users, pairs.user);
    const auto item = indices(model.items, pairs.item);
    const auto predictions = predict(*backend, model, user, item);
    std::size_t unknown = 0;
    for (std::size_t p = 0; p < predictions.size(); ++p) {
      const bool knows_user = model.knows_user(user[p]);
      const bool knows_item = model.knows_item(item[p]);
      if (!knows_user || !knows_item) ++unknown;
      if (!knows_user && unknown <= kMostNamed) warn_unknown(console, "user", pairs.user[p]);
      if (!knows_item && unknown <= kMostNamed) warn_unknown(console, "item", pairs.item[p]);
      const std::string title = title_of(model, item[p]);
      const Prediction& prediction = predictions[p];
      console.event({{"event", "prediction"},
                     {"user", json_id(model.users, pairs.user[p])},
                     {"item", json_id(model.items, pairs.item[p])},
                     {"title", title},
                     {"rating", json_number(prediction.rating)},
                     {"evidence", to_string(prediction.evidence)}});
      console.print("user {}, item {}{}: {:.2f} (evidence: {})", pairs.user[p], pairs.item[p],
                    title.empty() ? "" : ", " + title, prediction.rating,
                    to_string(prediction.evidence));
    }
    const bool most = !pairs_.empty() && 2 * unknown > predictions.size();
    if (most || unknown > kMostNamed) {
      console.warn(fmt::format(
          "the model has no training rating of the user or the item of {} of {} pairs{}", unknown,
          predictions.size(), most ? ": is it the same data?" : ""));
    }
    return exit_done;
  }

 private:
  static void warn_unknown(const Console& console, const char* what, const std::string& id) {
    console.warn(fmt::format("the model has no training rating of {} {}", what, short_text(id)));
  }

  DeviceOptions device_;
  ModelOption model_;
  std::string user_;
  std::string item_;
  std::string pairs_;
  std::array<const CLI::Option*, 2> one_ = {};
  const CLI::Option* many_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_predict_command() { return std::make_unique<PredictCommand>(); }

}  // namespace tusk::cli
