
#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/progress.hpp"
#include "cli/result_files.hpp"
#include "cli/results_output.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class EvaluateCommand : public Command {
 public:
  std::string name() const override { return "evaluate"; }
  std::string summary() const override {
    return "measure a saved model on ratings: errors and rankings";
  }
  std::string examples() const override {
    return "tusk evaluate model.safetensors ml-100k\n"
           "tusk evaluate model.safetensors u1.test --ratings all\n"
           "tusk evaluate model.safetensors ml-100k -k 5,10,20 --relevance 5\n"
           "tusk evaluate model.safetensors ml-100k --run lists.run --qrels test.qrels";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    data_.declare(app);
    app.add_option("--ratings", part_,
                   "which ratings of the data: unseen (the model was not trained on), seen, all; "
                   "auto is unseen, or all with a warning where there is none")
        ->transform(one_of({"auto", "unseen", "seen", "all"}));
    other_data_.declare(app);
    ranking_.declare(app, "-k,--top,--k");
    const Heading heading(app, "Ranking metrics");
    app.add_option("--seed", seed_, "of sampled candidates")->check(seed_number());
    results_.declare(app, "--per-user", "write each user's figures to this file (CSV)");
    results_.declare_cells(app, "--per-user");
    results_.declare(app, "--run", "write the lists to this file, as a run of trec_eval");
    results_.declare(app, "--qrels",
                     "write the users' relevant test items to this file, as trec_eval reads them");
    results_.declare_table(app);
    results_.declare_overwrite(app);
    device_.declare(app);
  }

  void check_given(const GivenOptions& given) override { results_.check_given(given); }

  int run(Console& console) override {
    // What is wrong with these is better known before all work.
    if (!ranking_.options(seed_) || part_ == "seen") refuse_files_of_lists();
    results_.open();
    const auto device = device_.open(console, GpuWork::much);
    const Model model = model_.load();
    if (part_ == "seen" && !predicts_ratings(model)) {
      throw UsageError(fmt::format(
          "--ratings seen has nothing to measure: lists are judged by new ratings, and {} model "
          "predicts none",
          with_article(model.algorithm().name)));
    }
    auto ranking_options = ranking_.options(seed_, predicts_ratings(model));
    if (ranking_options) ranking_options->order = ranking_.order().order(model);
    const Dataset data = data_.load(console, device_.threads(), true);
    check_data(console, model, data);
    std::string part = part_ == "auto" ? "unseen" : part_;
    const auto select = [&] { return match_ratings(model, data, parse_part(part)); };
    RatingList ratings = select();
    const bool errors = predicts_ratings(model);
    if (ratings.size() == 0 && part_ == "auto" && errors) {
      console.warn(
          "the model was trained on every rating of this data: these are training errors, "
          "lower than those on new ratings (train with --split to hold some out)");
      part = "seen";
      ratings = select();
    }
    if (part == "all" && errors) warn_of_training_ratings(console, model, data);
    if (errors && data.report.implicit) {
      console.warn("the data are weights and the model predicts ratings: errors say nothing");
    }
    if (ratings.size() == 0) {
      throw InputError(fmt::format("{} has no ratings that the model has {}", data.source.string(),
                                   part == "seen" ? "seen" : "not seen"));
    }
    if (model.scale() != data.scale &&
        !(model.scale().contains(data.scale.low) && model.scale().contains(data.scale.high))) {
      console.warn(
          fmt::format("the data's ratings go from {} to {}, the model's from {} to "
                      "{}: is it the same kind of data?",
                      data.scale.low, data.scale.high, model.scale().low, model.scale().high));
    }
    note_use_of_times(console, model, !ratings.time.empty());
    const RatingMetrics metrics = evaluate(*device, model, ratings);
    if (const auto left_out = data.size() - std::ssize(ratings.rating); left_out > 0) {
      console.note(fmt::format("{} left out: the model was {}trained on them",
                               count_text(left_out, "rating"), part == "seen" ? "not " : ""));
    }
    std::int64_t unknown = 0;
    bool knows_items = false;
    for (std::size_t k = 0; k < ratings.size(); ++k) {
      const bool knows_item = model.knows_item(ratings.item[k]);
      if (!model.knows_user(ratings.user[k]) || !knows_item) ++unknown;
      knows_items |= knows_item;
    }
    if (held_out_users(model) && unknown > 0 && knows_items) {
      console.note(fmt::format(
          "the model was trained on the split {}: {} of {} ratings are of users or items that it "
          "does not know. train and cv judge the lists of such users, who are folded in",
          model.metadata.at("split"), unknown, ratings.size()));
    } else if (2 * unknown > std::ssize(ratings.rating)) {
      console.warn(
          fmt::format("{} of {} ratings are of a user or an item that the model does not "
                      "know: is it the same data?",
                      unknown, ratings.size()));
    }
    std::optional<RankingMetrics> ranking;
    if (ranking_options && part != "seen") {
      ranking_.warn(console, model.scale(), model.of_weights());
      ranking = judge(console, *device, model, data, ratings, *ranking_options);
    } else {
      refuse_files_of_lists();
    }
    Json json = {{"event", "result"}, {"ratings", part}};
    add_metrics(json, metrics);
    json["ranking"] = ranking ? ranking_json(*ranking) : Json();
    json["seconds"] = console.seconds();
    console.event(json);
    console.print("{} ratings of {} ({}):", ratings.size(), data.source.string(), part);
    print_metrics(console, metrics);
    if (ranking && ranking->users == 0 && ranking->relevant_unknown_users > 0) {
      console.print("no ranking: {}, all of users without training ratings, who have no list",
                    count_text(ranking->relevant_unknown_users, "relevant rating"));
    } else if (ranking) {
      print_ranking(console, *ranking);
    }
    results_.write_table(evaluation_table(model.algorithm().name, metrics, ranking));
    results_.commit();
    results_.show(console);
    return exit_done;
  }

 private:
  // Whether training left out users with all their ratings.
  static bool held_out_users(const Model& model) {
    const auto split = model.metadata.find("split");
    return split != model.metadata.end() && split->second.starts_with("users:");
  }

  // Throws UsageError if a file is wanted that holds judged lists.
  void refuse_files_of_lists() const {
    for (const char* file : {"--per-user", "--run", "--qrels"}) {
      if (results_.wanted(file)) {
        throw UsageError(fmt::format("{} has no effect where no lists are judged", file));
      }
    }
  }

  RankingMetrics judge(Console& console, Device& device, const Model& model, const Dataset& data,
                       const RatingList& ratings, const RankingOptions& options) {
    std::optional<ListWriter> run;
    if (results_.wanted("--run")) run.emplace(ListFormat::run, Cells::raw, results_.file("--run"));
    OnJudgedList write_run;
    if (run) {
      write_run = [&](const JudgedList& list) {
        const std::string user = model.users.id(list.user);
        for (std::size_t place = 0; place < list.item.size(); ++place) {
          run->write(model, {user, place + 1, {{list.score[place]}, list.item[place]}});
        }
      };
    }
    const RankingMetrics metrics = judge_ranking(console, [&](const Observer& observer) {
      return evaluate_ranking(device, model, ratings, options, observer, write_run);
    });
    if (run) run->finish();
    if (results_.wanted("--per-user")) {
      results_.file("--per-user").write(user_figures_csv(model, metrics, results_.cells()));
    }
    if (results_.wanted("--qrels")) {
      results_.file("--qrels").write(qrels_text(model, data, ratings, metrics));
    }
    return metrics;
  }

  static void warn_of_training_ratings(const Console& console, const Model& model,
                                       const Dataset& data) {
    const std::size_t seen = match_ratings(model, data, Part::seen).size();
    if (seen == 0) return;
    console.warn(fmt::format(
        "the model was trained on {} of these {}, whose errors are lower than those on new ratings "
        "(--ratings unseen leaves them out)",
        seen, count_text(data.size(), "rating")));
  }

  void check_data(const Console& console, const Model& model, const Dataset& data) const {
    const DataMatch match = match_data(model, data);
    if (!other_data_.is_same(console, match, data) || !match.changed()) return;
    console.note(fmt::format(
        "not the very data that the model was trained on: it has {} of {} sampled training "
        "ratings, {} of them unchanged",
        match.rated, model.rating_sample.size(), match.same_ratings));
  }

  DataOptions data_;
  DeviceOptions device_;
  RankingFlags ranking_;
  ResultFiles results_;
  std::uint64_t seed_ = RankingOptions().seed;
  ModelOption model_;
  std::string part_ = "auto";
  OtherDataFlag other_data_;
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() { return std::make_unique<EvaluateCommand>(); }

}  // namespace tusk::cli
