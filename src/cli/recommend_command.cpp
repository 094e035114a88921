#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
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
      shard_option_ =
          app.add_option("--shard", shard_,
                         "only part i of n of the users, i/n; the outputs of all parts, "
                         "one after another, are the output of one run");
    }
    {
      const Heading heading(app, "What");
      app.add_option("-k,--count", k_, "how many items")
          ->check(whole_number(1, kMostRecommendations));
      exclude_ = app.add_flag("--exclude-seen", exclude_seen_,
                              "leave out what the user has rated in training (the default)");
      include_ =
          app.add_flag("--include-seen", include_seen_, "leave it in, at its predicted rating");
      app.add_option("--candidates", candidates_file_, "only items whose ids this file lists");
      app.add_option("--min-ratings", filter_.min_ratings,
                     "only items with at least so many training ratings")
          ->check(whole_number(1));
      app.add_option("--genre", filter_.genre, "only items of this genre");
      order_.declare(app);
      app.add_option("--on-unknown", on_unknown_,
                     "an id in a file that the model has no training rating of is an error or is "
                     "skipped and counted: error, skip")
          ->check(one_of({"error", "skip"}));
    }
    {
      const Heading heading(app, "Reading files of ids");
      table_.declare(app, "where user,item are: names in the header, or numbers from 1");
    }
    {
      const Heading heading(app, "Where to");
      results_.declare(app, "--out", "write a table to this file: .tsv, .csv or .jsonl");
      results_.declare_overwrite(app);
      results_.declare_cells(app);
      app.add_option("--memory", memory_,
                     "memory to use beside the model, such as 512M; results do not depend on it")
          ->transform(memory_size())
          ->default_str("512M");
    }
    device_.declare(app);
  }

  // What stands on the command line goes before what a file or the environment says.
  void check_given(const GivenOptions& given) override {
    const auto is_given = [&](const CLI::Option* option) { return given.contains(option); };
    if (is_given(exclude_) && is_given(include_)) {
      throw UsageError("--exclude-seen and --include-seen contradict each other");
    }
    if (is_given(exclude_)) include_seen_ = false;
    if (is_given(one_) || is_given(some_) || is_given(all_)) {
      if (!is_given(one_)) user_.clear();
      if (!is_given(some_)) users_file_.clear();
      if (!is_given(all_)) all_users_ = false;
    }
    if (is_given(shard_option_) && !user_.empty()) {
      throw UsageError("--shard divides many users; it has no effect with --user");
    }
  }

  int run(Console& console) override {
    if ((user_.empty() ? 0 : 1) + (users_file_.empty() ? 0 : 1) + (all_users_ ? 1 : 0) != 1) {
      throw UsageError("one of --user, --users and --all says for whom");
    }
    const Shard shard = parse_shard(shard_);
    std::optional<ListWriter> table;
    if (results_.wanted("--out")) {
      const ListFormat format = list_format(results_.path("--out"));
      results_.open();
      table.emplace(format, results_.cells(), results_.file("--out"));
    }
    const Model model = model_.load();
    const auto backend = device_.open(console, user_.empty() ? GpuWork::much : GpuWork::little);
    const Recommender recommender(*backend, model, options(model, console));
    if (!user_.empty()) {
      const auto list = recommender.recommend(user_, k_);
      if (table || !list.empty()) add_header(console, table);
      add(console, model, table, user_, list);
    } else {
      const std::vector<Index> users = find_users(model, console);
      add_all(console, model, table, recommender, users, shard);
    }
    console.end_progress_line();
    if (lists_without_items_ > 0) {
      console.note(fmt::format("{} rated every item that may be recommended",
                               user_.empty() ? count_text(lists_without_items_, "user") + " have"
                                             : "user " + user_ + " has"));
    }
    if (recommender.order().by != RankBy::rating || recommender.order().prior.strength > 0) {
      console.note("lists are " + to_string(recommender.order()) + ", not by the ratings shown");
    }
    note_ties(console, recommender.tied_lists(), lists_,
              "of equal scores the item with more training ratings comes first, then the id");
    if (meaningless_) {
      console.warn("the model knows nothing about users and items: the order means nothing");
    }
    if (model.algorithm().capabilities.one_list_for_all) {
      console.note("this model ranks the same for every user, known or not");
    }
    if (table) {
      table->finish();
      results_.commit();
      report(console, recommender);
    }
    return exit_done;
  }

 private:
  // Where a list has its ids: in the column that --columns names first, for users, or second, for
  // items; the only one that it names counts for both.
  std::vector<Index> read_list(const std::string& file, IdRows rows, const Model& model,
                               const Console& console) const {
    TableOptions options = table_.options();
    if (!options.columns.empty()) {
      const std::size_t place = rows == IdRows::users ? 0 : options.columns.size() - 1;
      options.columns = {options.columns[std::min<std::size_t>(place, 1)]};
    }
    const IdTable table = read_id_table(file, rows, options);
    note_layout(console, table);
    IdList list = find_ids(table, model, on_unknown_ == "skip");
    if (list.skipped > 0) {
      console.warn(fmt::format("{} skipped; the first: {}", count_text(list.skipped, "id"),
                               list.first_skipped));
    }
    if (list.repeated > 0) {
      console.warn(fmt::format("{}: {} already listed and left out; the first: {}", file,
                               count_text(list.repeated, "id"), list.first_repeated));
    }
    return std::move(list.index);
  }

  RecommendOptions options(const Model& model, Console& console) const {
    RecommendOptions options{filter_, exclude_seen_ && !include_seen_, order_.order()};
    if (!candidates_file_.empty()) {
      options.candidates.items = read_list(candidates_file_, IdRows::items, model, console);
    }
    return options;
  }

  std::vector<Index> find_users(const Model& model, Console& console) const {
    if (!users_file_.empty()) {
      return read_list(users_file_, IdRows::users, model, console);
    }
    std::vector<Index> users = known_users(model);
    if (const Index without = model.state().users - static_cast<Index>(users.size()); without > 0) {
      console.note(
          fmt::format("{} without training ratings: no list", count_text(without, "user")));
    }
    return users;
  }

  void add_all(Console& console, const Model& model, std::optional<ListWriter>& table,
               const Recommender& recommender, std::span<const Index> all, const Shard& shard) {
    const auto users = shard.take(all);
    bool headed = shard.number != 1;
    const auto head = [&] {
      if (!std::exchange(headed, true)) add_header(console, table);
    };
    WorkProgress progress(console, "recommending");
    ListHooks hooks;
    hooks.should_stop = &interrupted;
    hooks.on_batch = [&](std::int64_t done) { progress.on_users(done, std::ssize(users)); };
    hooks.on_list = [&](Index user, std::span<const Recommendation> list) {
      head();
      add(console, model, table, model.users.id(user), list);
    };
    recommender.for_each_list(users, k_, memory_, hooks);
    head();
  }

  void add_header(const Console& console, std::optional<ListWriter>& table) const {
    if (table) {
      table->write_header();
    } else {
      console.print("{}{:>4}  {:<6}  {:>8}  title", user_.empty() ? "    user  " : "", "rank",
                    "rating", "item");
    }
  }

  void add(const Console& console, const Model& model, std::optional<ListWriter>& table,
           const std::string& user, std::span<const Recommendation> list) {
    ++lists_;
    rows_ += std::ssize(list);
    if (list.empty()) ++lists_without_items_;
    for (std::size_t r = 0; r < list.size(); ++r) {
      meaningless_ = meaningless_ || list[r].evidence == Evidence::global;
      const RecommendationRow row{user, r + 1, list[r]};
      if (table) {
        table->write(model, row);
      } else if (console.json()) {
        console.event(to_json(model, row));
      } else {
        print(console, model, row);
      }
    }
  }

  void print(const Console& console, const Model& model, const RecommendationRow& row) const {
    const Index item = row.recommendation.item;
    const auto genres = model.catalogue.genres[static_cast<std::size_t>(item)];
    console.print("{}{:>4}  {:<6}  {:>8}  {}{}",
                  user_.empty() ? fmt::format("{:>8}  ", row.user) : "", row.rank,
                  rating_text(row.recommendation.rating, model.scale()), model.items.id(item),
                  title_of(model, item), genres.empty() ? "" : fmt::format("  [{}]", genres));
  }

  void report(const Console& console, const Recommender& recommender) const {
    console.event({{"event", "result"},
                   {"users", lists_},
                   {"tied_users", recommender.tied_lists()},
                   {"recommendations", rows_},
                   {"candidates", recommender.candidates().size()},
                   {"rank_by", to_string(recommender.order().by)},
                   {"support_prior", to_string(recommender.order().prior)},
                   {"shard", shard_},
                   {"out", results_.path("--out")},
                   {"seconds", console.seconds()}});
    console.print("saved {}: {} for {}, of {}, in {:.1f} s", results_.path("--out"),
                  count_text(rows_, "recommendation"), count_text(lists_, "user"),
                  count_text(std::ssize(recommender.candidates()), "candidate"), console.seconds());
  }

  DeviceOptions device_;
  ResultFiles results_;
  CandidateFilter filter_;
  ListOrderFlags order_;
  TableFlags table_;
  ModelOption model_;
  std::string user_;
  std::string users_file_;
  std::string candidates_file_;
  std::string shard_ = "1/1";
  std::string on_unknown_ = "error";
  bool all_users_ = false;
  bool exclude_seen_ = true;
  bool include_seen_ = false;
  int k_ = 10;
  std::uint64_t memory_ = std::uint64_t{512} << 20;
  const CLI::Option* one_ = nullptr;
  const CLI::Option* some_ = nullptr;
  const CLI::Option* all_ = nullptr;
  const CLI::Option* shard_option_ = nullptr;
  const CLI::Option* exclude_ = nullptr;
  const CLI::Option* include_ = nullptr;

  std::int64_t lists_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t lists_without_items_ = 0;
  bool meaningless_ = false;
};

}  // namespace

std::unique_ptr<Command> make_recommend_command() { return std::make_unique<RecommendCommand>(); }

}  // namespace tusk::cli
