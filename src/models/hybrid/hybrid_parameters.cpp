#include "models/hybrid/hybrid_parameters.hpp"

#include <algorithm>
#include <any>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include <tusk/train_options.hpp>

#include "models/interaction_parameters.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"

namespace tusk {
namespace {

constexpr Index kMostEaseItems = 20'000;  // a table of 1.6 GB
constexpr float kExposureOfLow = 0.6f;

bool uses_mf(const HybridOptions& options) {
  return options.collaborative == Collaborative::mf || options.fused_by() == Fusion::exposure;
}

// Adds the parameters of a part's model, whose options are at `place`. One that another part has,
// too, is of both; with a prefix it has a name of its own, unless it says what counts as an
// interaction.
template <class Options>
void add_part(std::vector<Parameter>& all, Options HybridOptions::*place,
              const std::vector<Parameter>& of_part,
              const std::function<bool(const HybridOptions&)>& is_used,
              const std::string& prefix = "") {
  for (const Parameter& own : of_part) {
    const auto write = [place, own](std::any& options, const ParameterValue& value) {
      Options& part = std::any_cast<HybridOptions&>(options).*place;
      std::any any_part = part;
      own.write(any_part, value);
      part = std::any_cast<Options>(any_part);
    };
    const auto read = [place, own](const std::any& options) {
      return own.read(std::any(std::any_cast<const HybridOptions&>(options).*place));
    };
    const auto known = std::find_if(all.begin(), all.end(), [&](const Parameter& parameter) {
      return parameter.name == own.name;
    });
    const bool renamed =
        known != all.end() && !prefix.empty() && own.group != kInteractionParameters;
    if (known != all.end() && !renamed) {
      known->write = [write, other = known->write](std::any& options, const ParameterValue& value) {
        other(options, value);
        write(options, value);
      };
      known->read = [read, is_used, other = known->read](const std::any& options) {
        const bool of_this = is_used(std::any_cast<const HybridOptions&>(options));
        return of_this ? read(options) : other(options);
      };
      known->idle = nullptr;
      continue;
    }
    Parameter& added = all.emplace_back(own);
    if (renamed) {
      added.name = prefix + "-" + own.name;
      added.aliases.clear();
      added.off.clear();
    }
    added.write = write;
    added.read = read;
    added.idle = [place, own, is_used](const std::any& options) -> std::string {
      const auto& hybrid = std::any_cast<const HybridOptions&>(options);
      if (!is_used(hybrid)) {
        return fmt::format("has no effect with {{collaborative}} {}",
                           to_string(hybrid.collaborative));
      }
      return own.idle ? own.idle(std::any(hybrid.*place)) : "";
    };
    if (own.search) {
      added.search = [place, own](float spread, const std::any& options) {
        return own.search(spread, std::any(std::any_cast<const HybridOptions&>(options).*place));
      };
    }
    if (const auto usual = added.read(HybridOptions())) added.usual = to_string(*usual);
  }
}

std::vector<Parameter> own_parameters() {
  ParameterTable<HybridOptions> table("Hybrid");
  const auto search = [](const char* range) {
    return [range](float, const std::any&) { return std::string(range); };
  };
  table.choose("collaborative", TUSK_OPTION(collaborative),
               std::vector{Collaborative::automatic, Collaborative::item_knn, Collaborative::mf,
                           Collaborative::ease, Collaborative::ials},
               fmt::format("the part that learns from who rated what: item-knn, whose lists are by "
                           "sums over neighbours, mf, ease, ials, or auto: ease for up to {} "
                           "items, ials for more",
                           kMostEaseItems));
  Parameter& fusion = table.choose(
      "fusion", TUSK_OPTION(fusion), std::vector{Fusion::ranks, Fusion::exposure},
      "ranks: reciprocal ranks in the collaborative and the content list are added; exposure: the "
      "collaborative score is multiplied by the chance that the user likes the item, by the rating "
      "that mf predicts");
  fusion.usual = "exposure with ease and ials, ranks with the others and with {implicit}";
  table
      .add("collaborative-weight", TUSK_OPTION(collaborative_weight), from_to(0, 1000),
           "W: an item of rank r in the collaborative list gets W / ({rank-constant} + r)")
      .search = search("0.3..3:log");
  table
      .add("content-weight", TUSK_OPTION(content_weight), from_to(0, 1000),
           "the same of the content list")
      .search = search("0.01..1:log");
  table
      .add("rank-constant", TUSK_OPTION(rank_constant), from_to(0, 1e6),
           "smaller values favour the first ranks")
      .search = search("5..200:log");
  table
      .add("list-depth", TUSK_OPTION(list_depth), from_to(1, 1'000'000),
           "how many items of each part's list are fused")
      .search = search("20..500:log");
  Parameter& middle =
      table.add("preference-middle", TUSK_OPTION(preference_middle), {},
                "m: exposure multiplies by Phi((rating - m) / s)^k, Phi the normal distribution");
  middle.usual = "3.5 on scales that end between 4 and 5, the same place on others";
  table
      .add("preference-spread", TUSK_OPTION(preference_spread), above(0),
           "s, in standard deviations of the ratings")
      .search = search("0.4..1.6");
  table.add("preference-power", TUSK_OPTION(preference_power), from_to(0, 100), "k").search =
      search("0.2..2");
  table.add("collaborative-from", TUSK_OPTION(collaborative_from), from_to(0, 1'000'000),
            "users with fewer ratings get the content list only; users without ratings get popular "
            "items");
  table
      .add("fold-in-below", TUSK_OPTION(fold_in_below), from_to(0, 1'000'000),
           "users with fewer ratings are folded in instead of using their trained factors")
      .idle = [](const std::any& options) -> std::string {
    return uses_mf(std::any_cast<const HybridOptions&>(options)) ? "" : "has no effect without mf";
  };
  std::vector<Parameter> parameters = table.take();
  for (Parameter& parameter : parameters) {
    const auto only_with = [&](Fusion needed) {
      parameter.idle = [needed](const std::any& options) -> std::string {
        if (std::any_cast<const HybridOptions&>(options).fused_by() == needed) return "";
        return fmt::format("has no effect without {{fusion}} {}", to_string(needed));
      };
    };
    const std::string& name = parameter.name;
    if (name.starts_with("preference-")) only_with(Fusion::exposure);
    if (name.ends_with("-weight") || name == "rank-constant") only_with(Fusion::ranks);
  }
  return parameters;
}

}  // namespace

std::string_view to_string(Collaborative collaborative) {
  constexpr std::array<std::string_view, 5> kNames = {
      "auto", ItemKnnOptions::kModel, MfOptions::kModel, EaseOptions::kModel, IalsOptions::kModel};
  return name_of(kNames, collaborative);
}

std::string_view to_string(Fusion fusion) { return fusion == Fusion::ranks ? "ranks" : "exposure"; }

Fusion HybridOptions::fused_by() const {
  const bool of_ratings =
      collaborative == Collaborative::item_knn || collaborative == Collaborative::mf;
  return fusion.value_or(of_ratings ? Fusion::ranks : Fusion::exposure);
}

Collaborative HybridOptions::learner(Index items) const {
  if (collaborative != Collaborative::automatic) return collaborative;
  return items <= kMostEaseItems ? Collaborative::ease : Collaborative::ials;
}

ItemKnnOptions HybridOptions::list_neighbours() {
  ItemKnnOptions options;
  options.similarity = SimilarityMetric::cosine;
  options.centring = Centring::none;
  options.policy = NeighbourPolicy::table;
  options.neighbours = 100;
  return options;
}

EaseOptions HybridOptions::exposing_ease() {
  EaseOptions options;
  options.regularization = 200;
  options.interactions.low_weight = kExposureOfLow;
  return options;
}

IalsOptions HybridOptions::exposing_ials() {
  IalsOptions options;
  options.interactions.low_weight = kExposureOfLow;
  return options;
}

std::vector<Parameter> hybrid_parameters() {
  std::vector<Parameter> all = own_parameters();
  const auto parameters_of = [](std::string_view model) -> const std::vector<Parameter>& {
    return find_algorithm(model).parameters;
  };
  const auto with = [](Collaborative collaborative) {
    return [collaborative](const HybridOptions& options) {
      const bool may_be =
          options.collaborative == Collaborative::automatic &&
          (collaborative == Collaborative::ease || collaborative == Collaborative::ials);
      return options.collaborative == collaborative || may_be;
    };
  };
  const auto always = [](const HybridOptions&) { return true; };
  add_part(all, &HybridOptions::content, parameters_of(ContentOptions::kModel), always);
  add_part(all, &HybridOptions::item_knn, parameters_of(ItemKnnOptions::kModel),
           with(Collaborative::item_knn));
  add_part(all, &HybridOptions::mf, parameters_of(MfOptions::kModel), uses_mf);
  add_part(all, &HybridOptions::ease, parameters_of(EaseOptions::kModel), with(Collaborative::ease),
           std::string(EaseOptions::kModel));
  add_part(all, &HybridOptions::ials, parameters_of(IalsOptions::kModel), with(Collaborative::ials),
           std::string(IalsOptions::kModel));
  add_part(all, &HybridOptions::popular, parameters_of(PopularOptions::kModel), always);
  const auto low_weight = std::find_if(all.begin(), all.end(), [](const Parameter& parameter) {
    return parameter.name == "low-weight";
  });
  low_weight->help = find_algorithm(EaseOptions::kModel).find("low-weight")->help;
  low_weight->usual = fmt::format("{} with ease and ials", kExposureOfLow);
  return all;
}

}  // namespace tusk
