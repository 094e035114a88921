#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/model_output.hpp"

namespace tusk::cli {
namespace {

class RecommendCommand : public Command {
 public:
  std::string name() const override { return "recommend"; }
  std::string summary() const override { return "list the best items that a user has not rated"; }
  std::string examples() const override {
    return "tusk recommend model.safetensors --user 196\n"
           "tusk recommend model.safetensors --user 196 -k 25 --json";
  }

  void declare(CLI::App& app) override {
    app.add_option("MODEL", model_, "model file")->required();
    app.add_option("--user", user_, "the user's id as in the data")->required();
    app.add_option("-k,--count", k_, "how many items")->capture_default_str();
    device_.declare(app);
  }

  int run(Console& console) override {
    const Model model = load_model(model_);
    const auto backend = device_.open(console);
    const auto list = Recommender(*backend, model).recommend(user_, k_);
    if (list.empty()) console.note(fmt::format("user {} has rated every item", user_));
    if (!list.empty() && list.front().evidence == Evidence::global) {
      console.warn("the model knows nothing about users and items: the order means nothing");
    }
    if (!list.empty() && list.front().evidence == Evidence::item_only) {
      console.note("a popular model ranks the same for every user, known or not");
    }
    if (!list.empty()) console.print("{:>4}  {:<6}  {:>8}  title", "rank", "rating", "item");
    for (std::size_t r = 0; r < list.size(); ++r) {
      const Recommendation& row = list[r];
      const std::string item = model.items.id(row.item);
      const std::string title = title_of(model, row.item);
      const auto genres = model.catalogue.genres[static_cast<std::size_t>(row.item)];
      console.event({{"event", "recommendation"},
                     {"user", json_id(model.users, user_)},
                     {"rank", r + 1},
                     {"item", json_id(model.items, item)},
                     {"title", title},
                     {"genres", genres},
                     {"score", json_number(row.score)},
                     {"rating", json_number(row.rating)},
                     {"evidence", to_string(row.evidence)}});
      console.print("{:>4}  {:<6.2f}  {:>8}  {}{}", r + 1, row.rating, item, title,
                    genres.empty() ? "" : fmt::format("  [{}]", genres));
    }
    return exit_done;
  }

 private:
  DeviceOptions device_;
  std::string model_;
  std::string user_;
  int k_ = 10;
};

}  // namespace

std::unique_ptr<Command> make_recommend_command() { return std::make_unique<RecommendCommand>(); }

}  // namespace tusk::cli
