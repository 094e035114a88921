#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/rating_round.hpp"
#include "cli/terminal_keys.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr std::string_view kHeader = "userId,movieId,rating";
constexpr std::string_view kUser = "me";

class RateCommand : public Command {
 public:
  std::string name() const override { return "rate"; }
  std::string summary() const override { return "rate well-known items, for a list of your own"; }
  std::string examples() const override {
    return "tusk rate model.safetensors --out mine.csv\n"
           "tusk recommend model.safetensors --ratings mine.csv\n"
           "tusk rate model.safetensors --list\n"
           "tusk rate model.safetensors --out mine.csv --answers answers.txt";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    app.add_option(
        "--out", out_,
        "write the ratings to this .csv file; one that an earlier run wrote is continued");
    app.add_option("--count", count_, "how many items to ask about")
        ->check(whole_number(1, kMostToRate))
        ->capture_default_str();
    app.add_option(
        "--answers", answers_,
        "file of answers instead of keys, one a line: a rating, nothing or - for an item "
        "not seen, b for the item before, q to leave; - is standard input");
    app.add_flag("--list", list_, "only list the items");
  }

  int run(Console& console) override {
    if (list_ != out_.empty()) throw UsageError("either --out or --list says what to do");
    const Model model = model_.load();
    const std::vector<Index> items = items_to_rate(model, count_);
    if (list_) {
      list(console, model, items);
      return exit_done;
    }
    if (model.scale().low == model.scale().high) {
      throw UsageError(fmt::format("all ratings of this model are {:g}: there is nothing to rate",
                                   model.scale().low));
    }
    RatingRound round(items, model.scale(), ratings_before(model));
    if (!round.ratings().empty()) {
      console.note(fmt::format("{} in {} from before",
                               count_text(std::ssize(round.ratings()), "rating"), out_));
    }
    const bool by_keys = answers_.empty() && isatty(STDIN_FILENO) == 1;
    if (by_keys) {
      ask_by_keys(console, model, round);
    } else {
      ask_by_lines(model, round);
    }
    save(model, round);
    console.end_progress_line();
    const auto count = std::ssize(round.ratings());
    console.event({{"event", "result"},
                   {"ratings", count},
                   {"asked", round.place()},
                   {"items", round.size()},
                   {"out", out_}});
    console.print("{} in {}{}", count_text(count, "rating"), out_,
                  round.done() ? "" : "; not finished: run the same command again to continue");
    if (count > 0) {
      console.note(fmt::format("your list: tusk recommend {} --ratings {}",
                               shell_quoted(model_.path()), shell_quoted(out_)));
    }
    return exit_done;
  }

 private:
  static std::string described(const Model& model, Index item) {
    const auto genres = model.catalogue.genres[static_cast<std::size_t>(item)];
    const std::string title = title_of(model, item);
    return fmt::format("{}{}", title.empty() ? "item " + model.items.id(item) : title,
                       genres.empty() ? "" : fmt::format("  [{}]", genres));
  }

  static void list(const Console& console, const Model& model, std::span<const Index> items) {
    for (std::size_t place = 0; place < items.size(); ++place) {
      console.event({{"event", "item"},
                     {"place", place + 1},
                     {"item", json_id(model.items, model.items.id(items[place]))},
                     {"title", title_of(model, items[place])}});
      console.print("{:>4}  {:>8}  {}", place + 1, model.items.id(items[place]),
                    described(model, items[place]));
    }
  }

  std::map<Index, float> ratings_before(const Model& model) const {
    std::error_code error;
    if (!std::filesystem::exists(out_, error) || is_empty_round(out_)) return {};
    const Dataset data = read_dataset(out_);
    if (data.users.size() != 1) {
      throw UsageError(fmt::format("{} holds the ratings of {}; name a file of one user's", out_,
                                   count_text(data.users.size(), "user")));
    }
    if (data.users.id(0) != kUser) {
      throw UsageError(
          fmt::format("{} holds the ratings of user {}, not those of an earlier run; "
                      "name another file",
                      out_, short_text(data.users.id(0))));
    }
    if (!data.timestamp.empty()) {
      throw UsageError(fmt::format("{} has times, which would be lost; name another file", out_));
    }
    std::map<Index, float> ratings;
    data.ratings().each([&](Index, std::size_t at) {
      const std::string id = data.items.id(data.item[at]);
      const auto item = model.items.find(id);
      if (!item) {
        throw UsageError(fmt::format("{} has a rating of item {}, which the model does not have",
                                     out_, short_text(id)));
      }
      if (!model.scale().contains(data.rating[at])) {
        throw UsageError(fmt::format("{} has the rating {:g}; the model's go from {:g} to {:g}",
                                     out_, data.rating[at], model.scale().low, model.scale().high));
      }
      ratings[*item] = data.rating[at];
    });
    return ratings;
  }

  // Whether an earlier run ended without a rating.
  static bool is_empty_round(const std::string& path) {
    std::ifstream file(path);
    std::string header;
    return std::getline(file, header) && header == kHeader && file.peek() == EOF;
  }

  void save(const Model& model, const RatingRound& round) const {
    AtomicFile file(out_);
    std::string text = fmt::format("{}\n", kHeader);
    for (const auto& [item, rating] : round.ratings()) {
      text += fmt::format("{},{},{}\n", kUser, csv_field(model.items.id(item)), rating);
    }
    file.write(text);
    file.commit();
  }

  void ask_by_keys(Console& console, const Model& model, RatingRound& round) const {
    keep_results_when_interrupted();
    console.note(
        "rate with a number, or with left, right and enter; down: not seen; up: the item before; "
        "q: leave, to continue another time");
    TerminalKeys keys;
    while (!round.done() && !interrupted()) {
      console.progress_line(fmt::format("{:>3}/{}  < {} >  {}", round.place() + 1, round.size(),
                                        rating_text(round.shown(), model.scale()),
                                        printable(described(model, round.item()))));
      const KeyPress press = keys.next();
      if (press.key == Key::none) continue;
      if (press.key == Key::leave) return;
      if (act(press, model.scale(), round)) save(model, round);
    }
  }

  // Whether an answer was given.
  static bool act(const KeyPress& press, RatingScale scale, RatingRound& round) {
    switch (press.key) {
      case Key::left:
        round.change(-1);
        return false;
      case Key::right:
        round.change(1);
        return false;
      case Key::up:
        round.back();
        return false;
      case Key::down:
        round.skip();
        return true;
      case Key::enter:
        round.rate();
        return true;
      default:
        break;
    }
    return round.answer(answer_of(press.character, scale)) == RatingRound::Answer::taken;
  }

  // What a key answers: a number, or something that is no answer. On a scale to 10 that begins
  // above 0 the key 0 is 10; numbers of wider scales are no single key.
  static std::string answer_of(char key, RatingScale scale) {
    constexpr float kWidest = 10;
    if (key < '0' || key > '9' || scale.high > kWidest) return "?";
    return key == '0' && !scale.contains(0) ? "10" : std::string(1, key);
  }

  void ask_by_lines(const Model& model, RatingRound& round) const {
    std::ifstream file;
    const bool from_file = !answers_.empty() && answers_ != "-";
    if (from_file) file.open(answers_);
    if (from_file && !file) {
      throw InputError({answers_, 0, 0}, "no file that can be read", "a file of answers");
    }
    std::istream& lines = from_file ? static_cast<std::istream&>(file) : std::cin;
    std::string line;
    for (std::int64_t number = 1; !round.done() && std::getline(lines, line); ++number) {
      const auto answer = round.answer(line);
      if (answer == RatingRound::Answer::leave) return;
      if (answer == RatingRound::Answer::wrong) {
        save(model, round);
        throw InputError({from_file ? answers_ : "standard input", number, 0}, in_quotes(line),
                         fmt::format("a rating from {} to {}, nothing, -, b or q",
                                     model.scale().low, model.scale().high));
      }
    }
  }

  ModelOption model_;
  std::string out_;
  std::string answers_;
  int count_ = 50;
  bool list_ = false;
};

}  // namespace

std::unique_ptr<Command> make_rate_command() { return std::make_unique<RateCommand>(); }

}  // namespace tusk::cli
