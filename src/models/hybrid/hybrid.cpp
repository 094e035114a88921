#include "models/hybrid/hybrid.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/hybrid/hybrid_parameters.hpp"
#include "models/hybrid/hybrid_state.hpp"
#include "models/metadata_options.hpp"

namespace tusk {
namespace {

class Hybrid : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {
        std::string(HybridOptions::kModel),
        "lists of several models fused, popular items for unknown users",
        {},
        {.compares_items = true,
         .uses_gpu = true,
         .uses_content = true,
         .has_parts = true,
         .serves_unknown_users = true,
         .order = "by the lists of the parts of the model, fused"},
        hybrid_parameters()};
    return info;
  }
  std::any defaults() const override { return HybridOptions(); }

  void check(const TrainOptions& options) const override {
    const auto& own = options.as<HybridOptions>();
    for (const TrainOptions& part : hybrid_parts(own, options.seed)) part.check();
    if (own.collaborative == Collaborative::automatic) TrainOptions(own.ials).check();
    if (own.fused_by() == Fusion::exposure) {
      if (own.collaborative != Collaborative::mf) return;
      throw ParameterError("fusion", "exposure", "ranks where {collaborative} is mf");
    }
    if (own.collaborative_weight + own.content_weight > 0) return;
    throw ParameterError("content-weight", fmt::format("and {} are both 0; one must be above 0",
                                                       option_name("collaborative-weight")));
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_hybrid(reader, base, seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    HybridOptions own = options.as<HybridOptions>();
    own.collaborative = own.learner(context.data.items.size());
    // Weights do not say what is liked.
    if (context.data.report.implicit && !own.fusion) own.fusion = Fusion::ranks;
    if (context.data.report.implicit && own.fused_by() == Fusion::exposure) {
      throw ParameterError("fusion", "exposure",
                           "ranks for weights, which do not say what is liked");
    }
    const TrainOptions used = own;
    std::vector<std::vector<FitResult>> fits;  // by part, then by entry of `train`
    // Without content there is the collaborative list, if it counts.
    const bool needs_content = own.fused_by() == Fusion::ranks && own.collaborative_weight == 0;
    for (const TrainOptions& part : hybrid_parts(own, options.seed)) {
      const auto place = static_cast<HybridPart>(fits.size());
      fits.push_back(fit_part(context, part, place, needs_content, train));
    }
    std::vector<FitResult> results;
    for (std::size_t t = 0; t < train.size(); ++t) {
      // How training went is told of the part that may have epochs.
      FitResult& result = results.emplace_back();
      const bool by_ranks = own.fused_by() == Fusion::ranks;
      static_cast<FitSummary&>(result) = (by_ranks ? fits.front() : fits.back())[t];
      HybridState::Parts parts;
      for (std::size_t p = 0; p < fits.size(); ++p) {
        parts.push_back({std::string(kHybridParts[p]), std::move(fits[p][t].state),
                         std::move(fits[p][t].metadata)});
      }
      result.state = std::make_shared<HybridState>(std::move(parts), own);
      add_metadata(used, result.metadata);
    }
    return results;
  }

 private:
  static std::vector<FitResult> fit_part(const FitContext& whole, const TrainOptions& options,
                                         HybridPart part, bool needs_content,
                                         std::span<const LabelSet> train) {
    // Measuring, too, folds in users with few ratings.
    FitContext context{whole.backend, whole.data, whole.label, whole.observer};
    context.needs_content = needs_content;
    if (whole.earlier == nullptr) return options.implementation().fit(context, options, train);
    const auto& state = static_cast<const HybridState&>(whole.earlier->state);
    const EarlierModel earlier{*state.part(part).state, whole.earlier->item};
    context.earlier = &earlier;
    return options.implementation().fit(context, options, train);
  }
};

}  // namespace

const Algorithm& hybrid_algorithm() {
  static const Hybrid algorithm;
  return algorithm;
}

}  // namespace tusk
