#include <cmath>

#include "models/ials/ials.hpp"
#include "models/interaction_parameters.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"

namespace tusk {
namespace {

// Up to so many factors `auto` solves exactly: it then costs no more than a few steps.
constexpr int kMostExactFactors = 16;

AlsMethod method_of(const IalsOptions& options) {
  const bool exact = options.solver == AlsSolver::automatic ? options.factors <= kMostExactFactors
                                                            : options.solver == AlsSolver::cholesky;
  return exact ? AlsMethod::cholesky : AlsMethod::conjugate_gradient;
}

std::string idle_when_exact(const std::any& options) {
  const auto& own = std::any_cast<const IalsOptions&>(options);
  return method_of(own) == AlsMethod::cholesky ? "has no effect with {solver} cholesky" : "";
}

}  // namespace

std::vector<Parameter> ials_parameters() {
  ParameterTable<IalsOptions> table("Implicit alternating least squares");
  const auto searched = [](Parameter& parameter, const char* range) {
    parameter.search = [range](float, const std::any&) { return std::string(range); };
  };
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostFactors),
                                 "length of the factor vectors");
  searched(factors, "64..256:log");
  factors.aliases = {"n-factors", "rank"};
  Parameter& epochs = table.add("epochs", TUSK_OPTION(epochs), from_to(1, kMostEpochs),
                                "passes over all items and users");
  searched(epochs, "4..16:log");
  epochs.aliases = {"n-epochs", "iterations"};
  Parameter& unobserved =
      table.add("unobserved-weight", TUSK_OPTION(unobserved_weight), from_to(0, 1000),
                "a0: weight of the squared score of every pair of a user and an item");
  searched(unobserved, "0.05..1:log");
  unobserved.aliases = {"alpha0"};
  Parameter& regularization =
      table.add("regularization", TUSK_OPTION(regularization), above(0), "of the factors");
  searched(regularization, "0.05..1:log");
  regularization.aliases = {"reg"};
  Parameter& exponent = table.add(
      "frequency-exponent", TUSK_OPTION(frequency_exponent), from_to(0, 2),
      "nu: rows with interactions of weight n are regularized by regularization times (n + a0 N) "
      "^ nu, with N rows on the other side; 0 regularizes all alike");
  searched(exponent, "0..1");
  table
      .add("init-std", TUSK_OPTION(init_std), above(0),
           "standard deviation of the initial factors of users")
      .usual = "0.1 over the square root of {factors}";
  table.choose("solver", TUSK_OPTION(solver),
               std::vector{AlsSolver::automatic, AlsSolver::cholesky, AlsSolver::cg},
               "cholesky (exact), cg (conjugate gradient from the factors of the last epoch) or "
               "auto: cg, but cholesky for 16 factors or fewer");
  Parameter& steps = table.add("cg-steps", TUSK_OPTION(cg_steps), from_to(1, 100),
                               "steps of conjugate gradient for a row in an epoch");
  steps.idle = idle_when_exact;
  add_interaction_parameters(table, TUSK_OPTION(interactions));
  return table.take();
}

AlsParams als_params(const IalsOptions& options, std::uint64_t seed) {
  AlsParams params;
  params.factors = options.factors;
  params.unobserved_weight = options.unobserved_weight;
  params.regularization = options.regularization;
  params.frequency_exponent = options.frequency_exponent;
  params.init_std =
      options.init_std.value_or(0.1f / std::sqrt(static_cast<float>(options.factors)));
  params.method = method_of(options);
  params.cg_steps = options.cg_steps;
  params.seed = seed;
  return params;
}

std::string_view to_string(AlsSolver solver) {
  return name_of<AlsSolver, 3>({"auto", "cholesky", "cg"}, solver);
}

}  // namespace tusk
