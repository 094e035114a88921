#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/model_output.hpp"

namespace tusk::cli {
namespace {

class PredictCommand : public Command {
 public:
  std::string name() const override { return "predict"; }
  std::string summary() const override { return "predict one rating, and say what it rests on"; }
  std::string examples() const override {
    return "tusk predict model.safetensors --user 196 --item 242";
  }

  void declare(CLI::App& app) override {
    app.add_option("MODEL", model_, "model file")->required();
    app.add_option("--user", user_, "the user's id as in the data")->required();
    app.add_option("--item", item_, "the item's id as in the data")->required();
  }

  int run(Console& console) override {
    const Model model = load_model(model_);
    const Index user = model.users.find(user_).value_or(kNone);
    const Index item = model.items.find(item_).value_or(kNone);
    const Prediction prediction = model.predict(user, item);
    const auto warn_unknown = [&](bool known, const char* what, const std::string& id) {
      if (known) return;
      console.warn(fmt::format("the model has no training rating of {} {}", what, id));
    };
    warn_unknown(model.knows_user(user), "user", user_);
    warn_unknown(model.knows_item(item), "item", item_);
    const std::string title = title_of(model, item);
    console.event({{"event", "prediction"},
                   {"user", json_id(model.users, user_)},
                   {"item", json_id(model.items, item_)},
                   {"title", title},
                   {"rating", json_number(prediction.rating)},
                   {"evidence", to_string(prediction.evidence)}});
    console.print("user {}, item {}{}: {:.2f} (evidence: {})", user_, item_,
                  title.empty() ? "" : ", " + title, prediction.rating,
                  to_string(prediction.evidence));
    return exit_done;
  }

 private:
  std::string model_;
  std::string user_;
  std::string item_;
};

}  // namespace

std::unique_ptr<Command> make_predict_command() { return std::make_unique<PredictCommand>(); }

}  // namespace tusk::cli
