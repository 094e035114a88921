#include "models/algorithm.hpp"

#include <tuple>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"
#include "train/fold_model.hpp"
#include "train/search_context.hpp"

namespace tusk {

MfMemory Algorithm::plan(const FitContext&, const TrainOptions& options,
                         std::span<const LabelSet>) const {
  throw UsageError(fmt::format("the memory that training {} model takes cannot be told beforehand",
                               with_article(options.model())));
}

void Algorithm::check_distributed(const TrainOptions& options) const {
  throw ParameterError("distributed", fmt::format("is for mf: {} model is trained by one process",
                                                  with_article(options.model())));
}

bool Algorithm::search(SearchContext& context, std::span<const SearchRun> runs,
                       std::span<const SearchRun>) const {
  const auto& [data, folds] = std::tie(context.data, context.folds);
  for (const SearchRun& run : runs) {
    std::vector<Trial> trials;
    for (const Watch& watch : run.watches) trials.push_back({watch.candidate, {}, 0, {}, {}});
    for (std::size_t f = 0; f < folds.fold_count(); ++f) {
      context.report_progress(0, 0);
      if (context.stopped()) return false;
      const LabelSet part = folds.train(f);
      const Observer observer = context.observer.silent();
      FitResult fitted = std::move(
          fit({context.backend, data, folds.label, observer, true}, run.options, {&part, 1})
              .front());
      const Model model = fold_model(data, folds, f, std::move(fitted));
      const ErrorSums errors = evaluate_part(context.backend, model, data, context.part(f)).all;
      const auto lists = context.judge_lists(f, model, run.watches);
      for (std::size_t t = 0; t < trials.size(); ++t) {
        trials[t].folds.push_back({errors, lists[t]});
      }
    }
    context.add(std::move(trials));
  }
  return true;
}

}  // namespace tusk
