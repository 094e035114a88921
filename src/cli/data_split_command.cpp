#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class DataSplitCommand : public Command {
 public:
  std::string name() const override { return "data split"; }
  std::string summary() const override {
    return "write the parts of a split as files, so that other programs use the same rows";
  }
  std::string examples() const override {
    return "tusk data split ml-100k --split random:0.2 --out parts\n"
           "tusk data split ml-100k --folds 5 --seed 7 --out folds --qrels\n"
           "tusk data split ratings.csv.gz --split last:1 --out leave-one-out";
  }

  void declare(CLI::App& app) override {
    data_.declare(app);
    app.add_option(
           "--out", out_,
           "folder for the files; it and the folders above it are made if they are not there")
        ->required();
    split_option_ = app.add_option("--split", split_,
                                   "write train.csv and test.csv; one of random:F, time:F, last:N, "
                                   "kfold:K[:I], official[:I], users:N (and fold-in.csv)");
    folds_option_ = app.add_option("--folds", folds_,
                                   "write train-1.csv, test-1.csv, ...; one of a number of "
                                   "random folds, kfold:K, official, time[:F]");
    fold_in_.declare(app, "--split");
    app.add_option("--seed", seed_, "seed of random splits and folds")->check(seed_number());
    app.add_flag("--qrels", qrels_,
                 "write the test parts' relevant ratings as files of trec_eval, too");
    relevance_option_ = app.add_option("--relevance", options_.relevance,
                                       "the lowest rating that makes an item relevant to --qrels "
                                       "(default: as --relevance of evaluate)")
                            ->check(any_number());
    app.add_flag("--overwrite", options_.overwrite, "replace files that are there");
  }

  // What stands on the command line goes before what a file or the environment says.
  void check_given(const GivenOptions& given) override {
    const bool split = given.contains(split_option_);
    const bool folds = given.contains(folds_option_);
    if (split && !folds) folds_.clear();
    if (folds && !split) split_.clear();
    if (given.contains(relevance_option_) && !qrels_) {
      throw UsageError("--relevance has no effect without --qrels");
    }
  }

  int run(Console& console) override {
    if (split_.empty() == folds_.empty()) {
      throw UsageError("give either --split or --folds");
    }
    const Dataset data = data_.load(console);
    std::string description;
    const auto written =
        folds_.empty() ? write_split(data, description) : write_folds(data, description);
    Json parts = Json::array();
    for (const WrittenPart& part : written) {
      parts.push_back({{"file", part.file.string()}, {"ratings", part.ratings}});
      console.print("saved {}: {}", part.file.string(), count_text(part.ratings, "rating"));
      if (part.relevant == 0) {
        console.warn(fmt::format("{}: no test rating of {:g} or more: the qrels are empty",
                                 part.file.string(),
                                 options_.relevance.value_or(usual_relevance(data.scale))));
      }
    }
    console.event({{"event", "result"}, {"split", description}, {"out", out_}, {"parts", parts}});
    return exit_done;
  }

 private:
  std::vector<WrittenPart> write_split(const Dataset& data, std::string& description) const {
    SplitSpec spec = parse_split(split_);
    fold_in_.set(spec.fraction, spec.kind == SplitSpec::Kind::users);
    if (spec.kind == SplitSpec::Kind::none) throw UsageError("--split none leaves no test part");
    const Partition split = make_split(data, spec, seed_);
    description = split.description;
    std::vector<RatingPart> parts = {{"train", split.train(), false}, {"test", split.test, qrels_}};
    if (split.fold_in.any()) parts.push_back({"fold-in", split.fold_in, false});
    return write_parts(data, split.label, parts, out_, options_, {&interrupted});
  }

  std::vector<WrittenPart> write_folds(const Dataset& data, std::string& description) const {
    const FoldsSpec spec = parse_folds(folds_);
    if (spec.kind == FoldsSpec::Kind::users) {
      throw UsageError("--folds users:N is one split: write it by --split users:N");
    }
    const Partition folds = make_folds(data, spec, seed_);
    description = folds.description;
    std::vector<RatingPart> parts;
    for (std::size_t fold = 0; fold < folds.fold_count(); ++fold) {
      parts.push_back({fmt::format("train-{}", fold + 1), folds.train(fold), false});
      parts.push_back({fmt::format("test-{}", fold + 1), folds.held_out[fold], qrels_});
    }
    return write_parts(data, folds.label, parts, out_, options_, {&interrupted});
  }

  DataOptions data_;
  WritePartsOptions options_;
  FoldInFlag fold_in_;
  std::string out_;
  std::string split_;
  std::string folds_;
  std::uint64_t seed_ = 1;
  bool qrels_ = false;
  const CLI::Option* split_option_ = nullptr;
  const CLI::Option* folds_option_ = nullptr;
  const CLI::Option* relevance_option_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_data_split_command() { return std::make_unique<DataSplitCommand>(); }

}  // namespace tusk::cli
