#include "models/hybrid/hybrid_parameters.hpp"

#include <algorithm>
#include <any>
#include <functional>
#include <string>
#include <utility>

#include <tusk/train_options.hpp>

#include "models/parameter_table.hpp"

namespace tusk {
namespace {

// Adds the parameters of a part's model, whose options are at `place`. One that another part has,
// too, is of both.
template <class Options>
void add_part(std::vector<Parameter>& all, Options HybridOptions::*place,
              const std::vector<Parameter>& of_part,
              const std::function<bool(const HybridOptions&)>& is_used) {
  for (const Parameter& own : of_part) {
    const auto write = [place, own](std::any& options, const ParameterValue& value) {
      Options& part = std::any_cast<HybridOptions&>(options).*place;
      std::any any_part = part;
      own.write(any_part, value);
      part = std::any_cast<Options>(any_part);
    };
    const auto known = std::find_if(all.begin(), all.end(), [&](const Parameter& parameter) {
      return parameter.name == own.name;
    });
    if (known != all.end()) {
      known->write = [write, other = known->write](std::any& options, const ParameterValue& value) {
        other(options, value);
        write(options, value);
      };
      known->idle = nullptr;
      continue;
    }
    Parameter& added = all.emplace_back(own);
    added.write = write;
    added.read = [place, own](const std::any& options) {
      return own.read(std::any(std::any_cast<const HybridOptions&>(options).*place));
    };
    added.idle = [place, own, is_used](const std::any& options) -> std::string {
      const auto& hybrid = std::any_cast<const HybridOptions&>(options);
      if (!is_used(hybrid)) {
        return fmt::format("has no effect with {{collaborative}} {}",
                           to_string(hybrid.collaborative));
      }
      return own.idle ? own.idle(std::any(hybrid.*place)) : "";
    };
    if (const auto usual = added.read(HybridOptions())) added.usual = to_string(*usual);
  }
}

std::vector<Parameter> own_parameters() {
  ParameterTable<HybridOptions> table("Hybrid");
  const auto search = [](const char* range) {
    return [range](float) { return std::string(range); };
  };
  table.choose("collaborative", TUSK_OPTION(collaborative),
               std::vector{Collaborative::item_knn, Collaborative::mf},
               "the part that learns from who rated what: item-knn, whose lists are by sums over "
               "neighbours, or mf");
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
  table.add("collaborative-from", TUSK_OPTION(collaborative_from), from_to(0, 1'000'000),
            "users with fewer ratings get the content list only; users without ratings get popular "
            "items");
  table
      .add("fold-in-below", TUSK_OPTION(fold_in_below), from_to(0, 1'000'000),
           "users with fewer ratings are folded in instead of using their trained factors")
      .idle = [](const std::any& options) -> std::string {
    const auto& hybrid = std::any_cast<const HybridOptions&>(options);
    return hybrid.collaborative == Collaborative::mf ? ""
                                                     : "has no effect without {collaborative} mf";
  };
  return table.take();
}

}  // namespace

std::string_view to_string(Collaborative collaborative) {
  return collaborative == Collaborative::mf ? MfOptions::kModel : ItemKnnOptions::kModel;
}

ItemKnnOptions HybridOptions::list_neighbours() {
  ItemKnnOptions options;
  options.similarity = SimilarityMetric::cosine;
  options.centring = Centring::none;
  options.policy = NeighbourPolicy::table;
  options.neighbours = 100;
  return options;
}

std::vector<Parameter> hybrid_parameters() {
  std::vector<Parameter> all = own_parameters();
  const auto parameters_of = [](std::string_view model) -> const std::vector<Parameter>& {
    return find_algorithm(model).parameters;
  };
  const auto with = [](Collaborative collaborative) {
    return [collaborative](const HybridOptions& options) {
      return options.collaborative == collaborative;
    };
  };
  const auto always = [](const HybridOptions&) { return true; };
  add_part(all, &HybridOptions::content, parameters_of(ContentOptions::kModel), always);
  add_part(all, &HybridOptions::item_knn, parameters_of(ItemKnnOptions::kModel),
           with(Collaborative::item_knn));
  add_part(all, &HybridOptions::mf, parameters_of(MfOptions::kModel), with(Collaborative::mf));
  add_part(all, &HybridOptions::popular, parameters_of(PopularOptions::kModel), always);
  return all;
}

}  // namespace tusk
