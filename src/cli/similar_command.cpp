#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

std::string list_titles(const Model& model, const std::vector<Index>& items) {
  std::string text;
  for (const Index item : items) {
    text += fmt::format("{}{} (--item {})", text.empty() ? "" : "; ",
                        short_text(title_of(model, item)), short_text(model.items.id(item)));
  }
  return text;
}

class SimilarCommand : public Command {
 public:
  std::string name() const override { return "similar"; }
  std::string summary() const override { return "list the items most like an item"; }
  std::string examples() const override {
    return "tusk similar model.safetensors --title \"Toy Story\"\n"
           "tusk similar model.safetensors --item 1 -k 25 --json";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    by_title_ = app.add_option("--title", title_,
                               "the item's title; case, accents and the year do not matter");
    by_item_ = app.add_option("--item", item_, "or its id as in the data");
    app.add_option("-k,--count", k_, "how many items")->check(whole_number(1, kMostSimilar));
  }

  void check_given(const GivenOptions& given) override {
    const bool title = given.contains(by_title_);
    const bool item = given.contains(by_item_);
    if (title && !item) item_.clear();
    if (item && !title) title_.clear();
  }

  int run(Console& console) override {
    if (title_.empty() == item_.empty()) throw UsageError("one of --title and --item says to what");
    const Model model = model_.load();
    const Index item = item_.empty() ? by_title(model) : by_id(model);
    const auto similar = similar_items(*open_device({"cpu"}), model, item, k_);
    const std::string id = model.items.id(item);
    console.note(fmt::format("like item {}, {}", id, title_of(model, item)));
    if (similar.empty()) console.note("the model has no other item to compare with");
    if (!similar.empty())
      console.print("{:>4}  {:<10}  {:>8}  title", "rank", "similarity", "item");
    for (std::size_t r = 0; r < similar.size(); ++r) {
      const Index other = similar[r].item;
      const auto genres = model.catalogue.genres[static_cast<std::size_t>(other)];
      console.event({{"event", "similar"},
                     {"to", json_id(model.items, id)},
                     {"rank", r + 1},
                     {"item", json_id(model.items, model.items.id(other))},
                     {"title", title_of(model, other)},
                     {"genres", genres},
                     {"similarity", json_number(similar[r].similarity)}});
      console.print("{:>4}  {:<10.4f}  {:>8}  {}{}", r + 1, similar[r].similarity,
                    model.items.id(other), title_of(model, other),
                    genres.empty() ? "" : fmt::format("  [{}]", genres));
    }
    return exit_done;
  }

 private:
  Index by_id(const Model& model) const {
    const auto item = model.items.find(item_);
    if (item) return *item;
    throw InputError(fmt::format("there is no item {} in this model{}", in_quotes(item_),
                                 known_ids_text(model.items, item_)));
  }

  Index by_title(const Model& model) const {
    const TitleSearch search = find_title(model.catalogue, title_);
    if (search.matches.size() == 1) return search.matches.front();
    if (!search.matches.empty()) {
      throw UsageError(fmt::format("{} items have the title {}; say which: {}",
                                   search.matches.size(), in_quotes(title_),
                                   list_titles(model, search.matches)));
    }
    throw InputError(fmt::format(
        "no item has the title {}{}", in_quotes(title_),
        search.near.empty() ? "" : "; did you mean " + list_titles(model, search.near) + "?"));
  }

  ModelOption model_;
  std::string title_;
  std::string item_;
  int k_ = 10;
  const CLI::Option* by_title_ = nullptr;
  const CLI::Option* by_item_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_similar_command() { return std::make_unique<SimilarCommand>(); }

}  // namespace tusk::cli
