#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"
#include "cli/item_by_title.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class SimilarCommand : public Command {
 public:
  std::string name() const override { return "similar"; }
  std::string summary() const override { return "list the items most like an item"; }
  std::string examples() const override {
    return "tusk similar model.safetensors --title \"Toy Story\"\n"
           "tusk similar model.safetensors --item 1 -k 25 --json\n"
           "tusk similar model.safetensors --title \"the matrix\" --genre sci-fi --content 0";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    by_title_ = app.add_option("--title", title_,
                               "the item's title; case, accents, punctuation, the article and the "
                               "year do not matter");
    by_item_ = app.add_option("--item", item_, "or its id as in the data");
    app.add_option("-k,--count,--k", k_, "how many items")->check(whole_number(1, kMostSimilar));
    app.add_option("--min-ratings", options_.min_ratings,
                   "only items with at least so many training ratings; 0, for models that use "
                   "content: items without any, too")
        ->check(whole_number(0));
    app.add_option("--genre", options_.genre, "only items of this genre");
    content_option_ =
        app.add_option(
               "--content", options_.content,
               "share of genres, words of titles and years in the similarity, 0 to 1, beside "
               "factors or neighbours (default: 0.5 where the model has genres)")
            ->default_str("")
            ->check(any_number());
    support_option_ =
        app.add_option("--support", options_.support,
                       "S: the similarity of an item with n ratings is multiplied by n / (n + S) "
                       "(default: twice the mean number of ratings of an item)")
            ->default_str("")
            ->check(any_number());
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
    const Index item =
        item_.empty() ? item_by_title(model, index_titles(model), title_, "--item") : by_id(model);
    const auto similar = similar_items(*open_device({"cpu"}), model, item, k_, options(model));
    const std::string id = model.items.id(item);
    console.note(fmt::format("like item {}, {}", id, title_of(model, item)));
    if (similar.empty()) {
      console.note(model.state().items > 1 ? "no other item is like it"
                                           : "the model has no other item to compare with");
    }
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

  SimilarOptions options(const Model& model) const {
    SimilarOptions options = usual_similar_options(model);
    options.min_ratings = options_.min_ratings;
    options.genre = options_.genre;
    if (content_option_->count() > 0) options.content = options_.content;
    if (support_option_->count() > 0) options.support = options_.support;
    return options;
  }

  ModelOption model_;
  std::string title_;
  std::string item_;
  int k_ = 10;
  SimilarOptions options_;
  const CLI::Option* by_title_ = nullptr;
  const CLI::Option* by_item_ = nullptr;
  const CLI::Option* content_option_ = nullptr;
  const CLI::Option* support_option_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_similar_command() { return std::make_unique<SimilarCommand>(); }

}  // namespace tusk::cli
