#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/list_output.hpp"
#include "cli/new_user_options.hpp"
#include "cli/progress.hpp"
#include "cli/result_files.hpp"
#include "cli/results_output.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class RecommendCommand : public Command {
 public:
  std::string name() const override { return "recommend"; }
  std::string summary() const override { return "list the best items for a user, or for all"; }
  std::string examples() const override {
    return "tusk recommend model.safetensors --user 196\n"
           "tusk recommend model.safetensors --user 196 -k 25 --genre comedy --json\n"
           "tusk recommend model.safetensors --user 196 --support-prior 300\n"
           "tusk recommend model.safetensors --like \"Toy Story\" --like Heat --explain\n"
           "tusk recommend model.safetensors --ratings mine.csv --from 1990 --to 1999\n"
           "tusk recommend content.safetensors --query \"dark space thriller\"\n"
           "tusk recommend model.safetensors --all --min-ratings 20 --out recs.tsv\n"
           "tusk recommend model.safetensors --users ids.txt --shard 2/8 --out recs-2.csv";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    {
      const Heading heading(app, "For whom");
      one_ = app.add_option("--user", user_, "a user's id as in the data");
      some_ = app.add_option("--users", users_file_, "file of users' ids, one a line");
      all_ = app.add_flag("--all", all_users_, "every user with training ratings");
      new_user_.declare(app);
      many_new_ = app.add_option("--users-file", new_users_file_,
                                 "many users who were not trained: a file of their ratings");
      query_option_ = app.add_option(
          "--query", query_, "nobody: words that items are to be like, of models of content");
      shard_option_ =
          app.add_option("--shard", shard_,
                         "only part i of n of the users, i/n; the outputs of all parts, "
                         "one after another, are the output of one run");
    }
    {
      const Heading heading(app, "What");
      app.add_option("-k,--count,--k", k_, "how many items")
          ->check(whole_number(1, kMostRecommendations));
      exclude_ = app.add_flag("--exclude-seen", exclude_seen_,
                              "leave out what the user has rated in training (the default)");
      include_ =
          app.add_flag("--include-seen", include_seen_, "leave it in, at its predicted rating");
      app.add_option("--candidates", candidates_file_, "only items whose ids this file lists");
      app.add_option("--min-ratings", filter_.min_ratings,
                     "only items with at least so many training ratings; 0, for models that use "
                     "content: items without any, too")
          ->check(whole_number(0));
      app.add_option("--genre", filter_.genres,
                     "only items of this genre; given again, of one of these")
          ->allow_extra_args(false);
      app.add_option("--exclude-genre", filter_.excluded_genres,
                     "no item of this genre; can be given again")
          ->allow_extra_args(false);
      app.add_option("--from", from_year_, "only items released in this year or later")
          ->check(whole_number(1, 9999));
      app.add_option("--to", to_year_, "only items released in this year or earlier")
          ->check(whole_number(1, 9999));
      app.add_option("--exclude", excluded_file_, "no item whose id this file lists");
      app.add_option("--diversity", diversity_,
                     "0 to 1: the more, the less alike the items of a list are");
      app.add_flag("--explain", explain_,
                   "show which of the user's ratings add most to the score of each item");
      order_.declare(app);
      unknown_option_ =
          app.add_option(
                 "--on-unknown", on_unknown_,
                 "what happens to an id without training ratings: error; skip, in files; popular, "
                 "the most popular items, for users (default: popular with --users, else error)")
              ->transform(one_of({"error", "skip", "popular"}));
    }
    {
      const Heading heading(app, "Reading files of ids and ratings");
      table_.declare(app, "where user,item[,rating] are: names in the header, or numbers from 1");
    }
    {
      const Heading heading(app, "Where to");
      results_.declare(app, "--out",
                       "write a table to this file: .tsv, .csv, .jsonl or .run (a run of TREC)");
      results_.declare_overwrite(app);
      results_.declare_cells(app, "--out");
      memory_option_ =
          app.add_option(
                 "--memory", memory_,
                 "memory to use beside the model, such as 512M; results do not depend on it")
              ->transform(memory_size())
              ->default_str("512M");
    }
    device_.declare(app);
  }

  // What stands on the command line goes before what a file or the environment says.
  void check_given(const GivenOptions& given) override {
    const auto is_given = [&](const CLI::Option* option) { return given.contains(option); };
    results_.check_given(given);
    if (is_given(exclude_) && is_given(include_)) {
      throw UsageError("--exclude-seen and --include-seen contradict each other");
    }
    if (is_given(exclude_)) include_seen_ = false;
    const bool new_user = new_user_.among(given);
    if (is_given(one_) || is_given(some_) || is_given(all_) || is_given(many_new_) || new_user ||
        is_given(query_option_)) {
      if (!is_given(one_)) user_.clear();
      if (!is_given(some_)) users_file_.clear();
      if (!is_given(all_)) all_users_ = false;
      if (!is_given(many_new_)) new_users_file_.clear();
      if (!new_user) new_user_.clear();
      if (!is_given(query_option_)) query_.clear();
    }
    new_user_.check();
    for (const CLI::Option* option : {shard_option_, memory_option_}) {
      if (!is_given(option) || !users_file_.empty() || all_users_) continue;
      throw UsageError(option->get_name() + " has no effect without --users or --all");
    }
    const bool concerned = on_unknown_ == "popular" ? !user_.empty() : !candidates_file_.empty();
    if (is_given(unknown_option_) && on_unknown_ != "error" && users_file_.empty() && !concerned) {
      throw UsageError(fmt::format("--on-unknown {} has no effect without --users or {}",
                                   on_unknown_, on_unknown_ == "skip" ? "--candidates" : "--user"));
    }
  }

  int run(Console& console) override {
    const std::array<bool, 6> given = {!user_.empty(),  !users_file_.empty(),
                                       all_users_,      new_user_.given(),
                                       !query_.empty(), !new_users_file_.empty()};
    if (std::count(given.begin(), given.end(), true) != 1) {
      throw UsageError(
          "give exactly one of --user, --users, --all, --ratings, --like or --dislike, "
          "--users-file and --query");
    }
    const Shard shard = parse_shard(shard_);
    std::optional<ListWriter> table;
    if (results_.wanted("--out")) {
      const ListFormat format = list_format(results_.path("--out"));
      if (explain_ && format != ListFormat::jsonl) {
        throw UsageError(
            "--explain has no column in a table: write .jsonl, or leave out --out to read it here");
      }
      results_.open();
      table.emplace(format, results_.cells(), results_.file("--out"));
      // Programs that judge runs of TREC sort by score, which is not the order of diverse lists.
      if (diversity_ > 0) table->score_by_rank();
    }
    const Model model = model_.load();
    const bool one = !user_.empty() || !query_.empty() || new_user_.given();
    const auto device = device_.open(console, one ? GpuWork::little : GpuWork::much);
    const Recommender recommender(*device, model, options(model, console));
    ListOutput output(console, model, table, !one);
    if (!user_.empty()) {
      add_one(output, recommender, model);
    } else if (!query_.empty()) {
      const auto list = recommender.recommend_for_text(query_, k_);
      if (table || !list.empty()) output.add_header();
      output.add("query", list);
    } else if (new_user_.given()) {
      add_new(console, output, recommender, new_user_.load(model, table_.options(), console));
    } else if (!new_users_file_.empty()) {
      add_new(console, output, recommender,
              new_user_.load_many(new_users_file_, model, table_.options(), console));
    } else {
      add_all(console, output, recommender, model, shard);
    }
    console.end_progress_line();
    note(console, output, recommender, model);
    if (table) {
      table->finish();
      results_.commit();
      report(console, output, recommender, model);
    }
    return exit_done;
  }

 private:
  RecommendOptions options(const Model& model, Console& console) const {
    constexpr int kReasons = 3;
    RecommendOptions options{filter_, exclude_seen_ && !include_seen_, order_.order(model),
                             static_cast<float>(diversity_), explain_ ? kReasons : 0};
    CandidateFilter& filter = options.candidates;
    if (from_year_ && to_year_ && *from_year_ > *to_year_) {
      throw UsageError(fmt::format("--from {} is later than --to {}", *from_year_, *to_year_));
    }
    filter.from_year = from_year_;
    filter.to_year = to_year_;
    const OnUnknown unknown = on_unknown_ == "skip" ? OnUnknown::skip : OnUnknown::error;
    if (!candidates_file_.empty()) {
      filter.items =
          read_id_list(candidates_file_, IdRows::items, table_, unknown, model, console).index;
    }
    if (!excluded_file_.empty()) {
      filter.excluded_items =
          read_id_list(excluded_file_, IdRows::items, table_, OnUnknown::keep, model, console)
              .index;
      if (const auto unknown_ids = std::erase(filter.excluded_items, kNone); unknown_ids > 0) {
        console.warn(
            fmt::format("{} of {} has no training ratings in the model, so excludes nothing",
                        count_text(static_cast<std::int64_t>(unknown_ids), "id"), excluded_file_));
      }
    }
    return options;
  }

  IdList find_users(const Model& model, Console& console) const {
    if (!users_file_.empty()) {
      const OnUnknown unknown = on_unknown_ == "skip"    ? OnUnknown::skip
                                : on_unknown_ == "error" ? OnUnknown::error
                                                         : OnUnknown::keep;
      return read_id_list(users_file_, IdRows::users, table_, unknown, model, console);
    }
    IdList users;
    users.index = known_users(model);
    if (const auto without = model.state().users - std::ssize(users.index); without > 0) {
      console.note(
          fmt::format("{} without training ratings: no list", count_text(without, "user")));
    }
    return users;
  }

  void add_one(ListOutput& output, const Recommender& recommender, const Model& model) const {
    const auto index = model.users.find(user_);
    const bool known = index && model.knows_user(*index);
    std::vector<Recommendation> list;
    if (!known && on_unknown_ == "popular") {
      list = recommender.popular(k_);
    } else {
      try {
        list = recommender.recommend(user_, k_);
      } catch (const InputError& error) {
        throw InputError(std::string(error.what()) +
                         "; --on-unknown popular lists what everybody likes, and --ratings or "
                         "--like what a new user may");
      }
    }
    if (results_.wanted("--out") || !list.empty()) output.add_header();
    output.add(user_, list);
  }

  void add_new(Console& console, ListOutput& output, const Recommender& recommender,
               const NewUsers& users) const {
    const CsrView all = users.ratings();
    output.add_header();
    WorkProgress progress(console, Work::lists);
    const auto add = [&](Index user, std::span<const Recommendation> list) {
      output.add(users.id[static_cast<std::size_t>(user)], list, std::ssize(all.row(user)));
    };
    recommender.for_each_new_list(all, k_, memory_, add, progress.observer());
  }

  void add_all(Console& console, ListOutput& output, const Recommender& recommender,
               const Model& model, const Shard& shard) const {
    const IdList list = find_users(model, console);
    const auto users = shard.take(list.index);
    // Unknown ids, in the order of the file.
    auto unknown = list.unknown.begin() + std::count(list.index.data(), users.data(), kNone);
    bool headed = shard.number != 1;
    const auto head = [&] {
      if (!std::exchange(headed, true)) output.add_header();
    };
    WorkProgress progress(console, Work::lists);
    const auto add = [&](Index user, std::span<const Recommendation> of_user) {
      head();
      output.add(user == kNone ? *unknown++ : model.users.id(user), of_user);
    };
    recommender.for_each_list(users, k_, memory_, add, progress.observer());
    head();
  }

  std::string why_empty(std::int64_t lists) const {
    if (!query_.empty()) return "no item that may be recommended has to do with the query";
    std::string who = count_text(lists, "user") + (lists == 1 ? " has" : " have");
    if (!user_.empty()) who = "user " + user_ + " has";
    if (new_user_.given()) who = "the new user has";
    return who + " rated every item that may be recommended";
  }

  void note(Console& console, const ListOutput& output, const Recommender& recommender,
            const Model& model) const {
    if (output.empty_lists() > 0) {
      console.note(why_empty(output.empty_lists()));
    }
    note_order(console, output, recommender, model);
    if (explain_ && output.rows() > 0 && output.explained_rows() == 0) {
      console.note("no reasons: the scores of these items have no terms of single ratings");
    }
    if (diversity_ > 0) console.note("lists are by score and by how unlike their items are");
    note_ties(console, recommender.tied_lists(), output.lists(),
              "of equal scores the item with more training ratings comes first, then the id");
    if (!model.state().biased && model.state().factors == 0 && output.global_lists() > 0 &&
        model.ratings().value.empty()) {
      console.warn("the model knows nothing about users and items: the order means nothing");
    } else if (output.global_lists() > 0) {
      console.note(fmt::format("{} with a list of what everybody likes: nothing is known of them",
                               count_text(output.global_lists(), "user")));
    }
    if (model.algorithm().capabilities.one_list_for_all) {
      console.note("this model ranks the same for every user, known or not");
    }
  }

  // What lists are ordered by. A list of popular items has an order of its own, and only models
  // that make it themselves draw its scores towards a prior.
  void note_order(Console& console, const ListOutput& output, const Recommender& recommender,
                  const Model& model) const {
    const Capabilities& can = model.algorithm().capabilities;
    const ListOrder& order = recommender.order();
    const char* const instead = predicts_ratings(model) ? ", not by the ratings shown" : "";
    const bool popular_alone = output.global_lists() > 0 && output.global_lists() == output.lists();
    const bool by_model = !popular_alone || can.one_list_for_all || can.serves_unknown_users;
    if (by_model && (order.by != RankBy::rating || order.prior.strength > 0 || order.risk != 0)) {
      console.note(
          fmt::format("lists are {}{}", order_text(rank_by_text(order.by, model), order), instead));
    }
    if (!can.order.empty() && query_.empty() && !popular_alone) {
      console.note(fmt::format("lists are ordered {}{}", can.order, instead));
    }
  }

  void report(const Console& console, const ListOutput& output, const Recommender& recommender,
              const Model& model) const {
    console.event({{"event", "result"},
                   {"users", output.lists()},
                   {"tied_users", recommender.tied_lists()},
                   {"recommendations", output.rows()},
                   {"candidates", recommender.candidates().size()},
                   {"rank_by", rank_by_text(recommender.order().by, model)},
                   {"support_prior", to_string(recommender.order().prior)},
                   {"risk", json_number(recommender.order().risk)},
                   {"shard", shard_},
                   {"out", results_.path("--out")},
                   {"seconds", console.seconds()}});
    console.print("saved {}: {} for {}, of {}, in {:.1f} s", results_.path("--out"),
                  count_text(output.rows(), "recommendation"), count_text(output.lists(), "user"),
                  count_text(std::ssize(recommender.candidates()), "candidate"), console.seconds());
  }

  DeviceOptions device_;
  ResultFiles results_;
  CandidateFilter filter_;
  ListOrderFlags order_;
  TableFlags table_;
  ModelOption model_;
  std::string user_;
  std::string query_;
  std::string users_file_;
  std::string candidates_file_;
  std::string shard_ = "1/1";
  std::string new_users_file_;
  std::string excluded_file_;
  std::string on_unknown_;
  NewUserOptions new_user_;
  std::optional<int> from_year_;
  std::optional<int> to_year_;
  double diversity_ = 0;
  bool explain_ = false;
  bool all_users_ = false;
  bool exclude_seen_ = true;
  bool include_seen_ = false;
  int k_ = 10;
  std::uint64_t memory_ = std::uint64_t{512} << 20;
  const CLI::Option* one_ = nullptr;
  const CLI::Option* some_ = nullptr;
  const CLI::Option* all_ = nullptr;
  const CLI::Option* query_option_ = nullptr;
  const CLI::Option* many_new_ = nullptr;
  const CLI::Option* shard_option_ = nullptr;
  const CLI::Option* memory_option_ = nullptr;
  const CLI::Option* unknown_option_ = nullptr;
  const CLI::Option* exclude_ = nullptr;
  const CLI::Option* include_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_recommend_command() { return std::make_unique<RecommendCommand>(); }

}  // namespace tusk::cli
