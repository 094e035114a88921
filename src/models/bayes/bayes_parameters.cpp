#include <limits>

#include "models/bayes/bayes.hpp"
#include "models/bayes/bayes_draws.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"

namespace tusk {
namespace {

constexpr int kMostBayesFactors = 256;  // the work for a vector grows with their cube
constexpr int kMostChains = 64;

}  // namespace

std::vector<Parameter> bayes_parameters() {
  ParameterTable<BayesOptions> table("Bayesian matrix factorization");
  const auto searched = [](Parameter& parameter, const char* range) {
    parameter.search = [range](float, const std::any&) { return std::string(range); };
  };
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostBayesFactors),
                                 "length of the factor vectors");
  searched(factors, "4..32:log");
  factors.aliases = {"n-factors", "rank"};
  table.choose(
      "link", TUSK_OPTION(link),
      std::vector{RatingLinks::none, RatingLinks::users, RatingLinks::items, RatingLinks::both},
      "whose prior depends on what they have rated or who has rated them: none, users, "
      "items or both");
  table.add("time", TUSK_OPTION(time), {},
            "also draw biases of users on days and of items in periods; errors are then of "
            "predictions that use the time of the rating that is predicted");
  table.add("sweeps", TUSK_OPTION(sweeps), from_to(1, kMostEpochs),
            "passes over all items and users, in each of which every vector is "
            "drawn once");
  table.add("burn-in", TUSK_OPTION(burn_in), from_to(0, kMostEpochs),
            "sweeps at the start of a chain that are not used");
  table.add("chains", TUSK_OPTION(chains), from_to(1, kMostChains),
            "how many times to sample from another start");
  Parameter& draws = table.add("draws", TUSK_OPTION(draws), from_to(0, kMostDraws),
                               "draws that the model keeps, evenly spread over all chains; 0 keeps "
                               "one mean of factors, which "
                               "knows no deviations");
  draws.aliases = {"samples"};
  Parameter& early_stop = table.add(
      "early-stop", TUSK_OPTION(early_stop), from_to(0, std::numeric_limits<int>::max()),
      "sample no more sweeps once the error of the mean of the draws on the inner hold-out has "
      "hardly fallen for so many, and then anew all training ratings for as many; 0 never");
  early_stop.searchable = false;
  Parameter& holdout = table.add("holdout", TUSK_OPTION(holdout), between(0, 1),
                                 "fraction of the training ratings in the inner hold-out");
  holdout.searchable = false;
  holdout.idle = [](const std::any& options) -> std::string {
    return std::any_cast<const BayesOptions&>(options).early_stop > 0
               ? ""
               : "has no effect without {early-stop}";
  };
  return table.take();
}

std::string_view to_string(RatingLinks links) {
  return name_of<RatingLinks, 4>({"none", "users", "items", "both"}, links);
}

}  // namespace tusk
