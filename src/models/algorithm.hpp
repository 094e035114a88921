// A kind of model: what it can do, its parameters, and how it is trained. Each is registered by one
// line in registry.cpp; nothing outside its folder asks for it by name.
#pragma once

#include <any>
#include <optional>
#include <span>
#include <vector>

#include <tusk/train.hpp>

#include "backend/backend.hpp"

namespace tusk {

class SafetensorsReader;
class SearchContext;
struct SearchRun;

// A model of the same options and fewer ratings.
struct EarlierModel {
  const ModelState& state;
  std::span<const Index> item;  // where each of its items is in the data
};

// What models are trained on. Everything is borrowed.
struct FitContext {
  Backend& backend;
  const Dataset& data;
  std::span<const Label> label;
  const Observer& observer;
  // Whether the models are measured and forgotten: what only serving needs is left out.
  bool measured_only = false;
  // Whether items of which nothing is known but ratings are an error to a model of their content.
  bool needs_content = true;
  // Training takes from it what does not depend on the ratings, which the data may lack.
  const EarlierModel* earlier = nullptr;
  FitExtras extras = {};
};

class Algorithm {
 public:
  virtual ~Algorithm() = default;

  virtual const AlgorithmInfo& info() const = 0;
  virtual std::any defaults() const = 0;

  // What ranges alone do not say. Throws ParameterError.
  virtual void check(const TrainOptions&) const {}

  // Throws ParameterError if several processes do not train by such options. By default they do
  // not.
  virtual void check_distributed(const TrainOptions& options) const;

  // The state that a file holds, which has been checked but for what is the model's own: base and
  // seen items fit each other. Throws FormatError.
  virtual std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                                 const SeenItems& seen) const = 0;

  // One model per entry of `train`, each on the ratings whose label is in its set. Throws
  // InputError for a set without ratings, DivergedError, Interrupted.
  virtual std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                                     std::span<const LabelSet> train) const = 0;

  // The memory that fit() would take at first. Throws UsageError for a model without such a plan.
  virtual MfMemory plan(const FitContext& context, const TrainOptions& options,
                        std::span<const LabelSet> train) const;

  // How many epochs it is trained for exactly, where that is given and not sought.
  virtual std::optional<int> fixed_epochs(const TrainOptions&) const { return std::nullopt; }

  // Checks what depends on the ratings. Throws ParameterError.
  virtual void check_runs(const SearchContext&, std::span<const SearchRun>) const {}
  // Trains and measures the runs of a search, of which `all` are those that it began with. False if
  // it was stopped. By itself a model is trained fold by fold.
  virtual bool search(SearchContext& context, std::span<const SearchRun> runs,
                      std::span<const SearchRun> all) const;
};

// A model whose state is a dot product: `has` says whether a state of a file is one of its own.
class DotAlgorithm : public Algorithm {
 public:
  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override;

 private:
  virtual bool has(const MfState& state) const = 0;
};

// By name or alias, in any case. Throws UsageError, which lists them.
const Algorithm& find_implementation(std::string_view name);

// In the order of tables.
std::span<const Algorithm* const> registered_algorithms();

}  // namespace tusk
