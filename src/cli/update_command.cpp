#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/input_options.hpp"
#include "cli/result_files.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class UpdateCommand : public Command {
 public:
  std::string name() const override { return "update"; }
  std::string summary() const override {
    return "add new ratings, users and items to a model without training it again";
  }
  std::string examples() const override {
    return "tusk update model.safetensors new-ratings.csv --out newer.safetensors";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    data_.declare(app);
    other_data_.declare(app);
    results_.declare(app, "--out", "write the new model to this file (.safetensors)",
                     ResultFiles::Kind::model);
    results_.declare_overwrite(app);
    app.add_option("--epochs", options_.epochs,
                   "of a model with factors: epochs over the new ratings when they have joined")
        ->check(whole_number(0, kMostEpochs));
    device_.declare(app);
  }

  int run(Console& console) override {
    results_.open();
    if (!results_.wanted("--out")) throw UsageError("--out FILE says where to save the new model");
    const auto device = device_.open(console, GpuWork::little);
    const Model model = model_.load();
    const Dataset data = data_.load(console, device_.threads(), true);
    other_data_.is_same(console, match_data(model, data), data);
    UpdateReport report;
    const Model updated = update_model(*device, model, data, options_, &report);
    write_model(updated, results_.file("--out"));
    results_.commit();
    console.event({{"event", "result"},
                   {"model", updated.algorithm().name},
                   {"ratings", report.ratings},
                   {"repeated", report.repeated},
                   {"new_users", report.new_users},
                   {"new_items", report.new_items},
                   {"changed_users", report.changed_users},
                   {"epochs", options_.epochs},
                   {"seconds", console.seconds()},
                   {"out", results_.path("--out")}});
    console.print("{} joined: {} and {} are new, {} changed, in {:.1f} s",
                  count_text(report.ratings, "rating"), count_text(report.new_users, "user"),
                  count_text(report.new_items, "item"), count_text(report.changed_users, "user"),
                  console.seconds());
    if (report.repeated > 0) {
      console.note(fmt::format("{} by users of items that they had rated before {}",
                               count_text(report.repeated, "rating"),
                               model.ratings().value.empty() ? "left out" : "replaced"));
    }
    console.print("saved {}", results_.path("--out"));
    return exit_done;
  }

 private:
  ModelOption model_;
  OtherDataFlag other_data_;
  DataOptions data_;
  ResultFiles results_;
  DeviceOptions device_;
  UpdateOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_update_command() { return std::make_unique<UpdateCommand>(); }

}  // namespace tusk::cli
