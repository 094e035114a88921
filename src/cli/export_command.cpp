#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class ExportCommand : public Command {
 public:
  std::string name() const override { return "export"; }
  std::string summary() const override {
    return "write a model's factors, biases, neighbours and titles as files for other programs";
  }
  std::string examples() const override {
    return "tusk export model.safetensors --to factors\n"
           "tusk export model.safetensors --to arrays --format npy\n"
           "tusk export item-knn.safetensors --to lists --format json --neighbours 50";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    {
      const Heading heading(app, "Where to");
      app.add_option(
             "--to", folder_,
             "folder for the files; it and the folders above it are made if they are not there")
          ->required();
      app.add_option("--format", format_, "csv, npy (arrays of NumPy) or json (JSON lines)")
          ->transform(one_of({"csv", "npy", "json"}));
      app.add_option(
             "--neighbours", options_.neighbours,
             "neighbours of each item, of item-knn, content and hybrid models; 0 writes none")
          ->check(whole_number(0, kMostSimilar));
      app.add_flag("--overwrite", options_.overwrite, "replace files that are there");
      cells_option_ = app.add_flag(
          "--raw-cells", options_.raw_cells,
          "in items.csv, write titles that a spreadsheet takes for formulas as they are, "
          "without a ' in front");
    }
    device_.declare(app);
  }

  void check_given(const GivenOptions& given) override {
    if (given.contains(cells_option_) && format_ != "csv") {
      throw UsageError("--raw-cells has no effect with --format " + format_);
    }
  }

  int run(Console& console) override {
    options_.format = parse_export_format(format_);
    const Model model = model_.load();
    const auto device = device_.open(console, GpuWork::little);
    const auto files = export_model(*device, model, folder_, options_, {&interrupted});
    std::vector<std::string> paths;
    for (const auto& file : files) paths.push_back(file.string());
    console.event({{"event", "result"},
                   {"model", model.algorithm().name},
                   {"format", format_},
                   {"to", folder_},
                   {"files", paths}});
    for (const std::string& path : paths) console.print("saved {}", path);
    return exit_done;
  }

 private:
  ModelOption model_;
  DeviceOptions device_;
  ExportOptions options_;
  std::string folder_;
  std::string format_ = "csv";
  const CLI::Option* cells_option_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace tusk::cli
