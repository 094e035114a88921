#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"

namespace tusk::cli {
namespace {

class DataStatsCommand : public Command {
 public:
  std::string name() const override { return "data stats"; }
  std::string summary() const override { return "count and describe the ratings of a data set"; }
  std::string examples() const override {
    return "tusk data stats ml-100k\n"
           "tusk data stats ratings.txt --delimiter ';' --columns reader,book,stars";
  }

  void declare(CLI::App& app) override { data_.declare(app); }

  int run(Console& console) override {
    const Dataset data = data_.load(console);
    const DataStats stats = describe(data);
    console.event(to_json(data, stats));

    const auto row = [&](std::string_view key, const std::string& value) {
      console.print("{:<18}{}", key, value);
    };
    row("source", data.source.string());
    row("users", fmt::format("{}", data.users.size()));
    row("items", fmt::format("{} ({} with a title)", data.items.size(), stats.titles));
    row("ratings", fmt::format("{}", data.size()));
    row("density", fmt::format("{:.4f}%", 100 * stats.density));
    row("scale",
        fmt::format("{}, mean {}, standard deviation {}", scale_text(data.scale),
                    moment_text(stats.mean, data.scale), moment_text(stats.deviation, data.scale)));
    row("duplicates", fmt::format("{}", data.report.duplicates));
    const auto spread = [](const DataStats::Counts& q) {
      return fmt::format("{} .. {}, median {}, mean {:.1f}", q.least, q.most, q.median, q.mean);
    };
    row("ratings per user", spread(stats.by_user));
    row("ratings per item", spread(stats.by_item));
    if (stats.time) {
      const auto date = [](std::time_t time) {
        return fmt::format("{:%Y-%m-%d}", fmt::gmtime(time));
      };
      row("time",
          fmt::format(
              "{} .. {}{}", date(stats.time->first), date(stats.time->second),
              stats.without_time == 0 ? "" : fmt::format(" ({} without one)", stats.without_time)));
    }
    constexpr double kWidest = 50;
    std::int64_t tallest = 0;
    for (const auto& [rating, count] : stats.histogram) tallest = std::max(tallest, count);
    for (const auto& [rating, count] : stats.histogram) {
      const auto length = static_cast<std::size_t>(kWidest * static_cast<double>(count) /
                                                   static_cast<double>(tallest));
      console.print("{:>8}{:>12}  {}", bar_text(rating, data.scale), count,
                    std::string(length, '#'));
    }
    return exit_done;
  }

 private:
  DataOptions data_;
};

}  // namespace

std::unique_ptr<Command> make_data_stats_command() { return std::make_unique<DataStatsCommand>(); }

}  // namespace tusk::cli
