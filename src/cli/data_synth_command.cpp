
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/interrupts.hpp"
#include "cli/validators.hpp"

namespace tusk::cli {
namespace {

class DataSynthCommand : public Command {
 public:
  std::string name() const override { return "data synth"; }
  std::string summary() const override {
    return "write a synthetic twin of a well-known data set, with a known error floor";
  }
  std::string examples() const override {
    return "tusk data synth --like ml-100k --out twin\n"
           "tusk data synth --like ml-25m --seed 7 --out twin-25m";
  }

  void declare(CLI::App& app) override {
    app.add_option("--like", like_,
                   fmt::format("which data set: {}", fmt::join(synthetic_names(), ", ")))
        ->required();
    app.add_option("--out", out_, "folder for ratings.csv and movies.csv")->required();
    app.add_option("--seed", seed_, "another seed makes another twin")->check(seed_number());
    app.add_option("--threads", threads_, "0 takes all; the files do not depend on it")
        ->check(whole_number(0, 4096));
  }

  int run(Console& console) override {
    const SyntheticSpec spec = synthetic_spec(like_);
    const SyntheticReport report = write_synthetic(spec, seed_, out_, threads_, {&interrupted});
    console.event({{"event", "result"},
                   {"like", like_},
                   {"out", out_},
                   {"seed", seed_},
                   {"users", spec.users},
                   {"items", spec.items},
                   {"ratings", report.ratings},
                   {"noise_std", spec.noise_std},
                   {"floor_rmse", report.floor_rmse},
                   {"seconds", console.seconds()}});
    console.print("{}: {} users, {} items, {} ratings from {:g} to {:g}, in {:.1f} s", out_,
                  spec.users, spec.items, report.ratings, spec.scale.low, spec.scale.high,
                  console.seconds());
    console.print(
        "noise of standard deviation {:g} before rounding to {:g}; the best possible "
        "predictor would reach RMSE {:.4f}",
        spec.noise_std, spec.step, report.floor_rmse);
    return exit_done;
  }

 private:
  std::string like_;
  std::string out_;
  std::uint64_t seed_ = 1;
  int threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_data_synth_command() { return std::make_unique<DataSynthCommand>(); }

}  // namespace tusk::cli
