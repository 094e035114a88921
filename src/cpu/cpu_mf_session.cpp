#include "cpu/cpu_mf_session.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "backend/training_state.hpp"
#include "cpu/block_flow.hpp"

namespace tusk {
MfMemory CpuMfSession::plan(const MfProblem& problem) {
  const auto users = static_cast<std::uint64_t>(problem.ratings.rows());
  const std::uint64_t rows = users + static_cast<std::uint64_t>(problem.ratings.columns);
  const auto count = count_labels(problem.label);
  const auto size = [&](const LabelSet& part) {
    return static_cast<std::uint64_t>(count_part(count, part));
  };
  MfMemory memory;
  for (const MfFit& fit : problem.fits) {
    const auto vectors = static_cast<std::uint64_t>(chunk_count(fit.params.factors, kLanes));
    const std::uint64_t bytes = rows * (vectors * kLanes + 1) * sizeof(float);
    memory.parameters += fit.validate.any() ? 2 * bytes : bytes;
  }
  for (const FitPart& part : fit_parts(problem.fits)) {
    const std::uint64_t ratings = size(part.train);
    const std::uint64_t runs = std::min(ratings, users * kMostStripes);
    memory.ratings += ratings * (sizeof(Index) + sizeof(float)) + runs * sizeof(UserRun);
    memory.validation += size(part.validate) * (2 * sizeof(Index) + sizeof(float));
  }
  return memory;
}

CpuMfSession::CpuMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                           const MfProblem& problem)
    : threads_(std::move(threads)), kernels_(kernels), scale_(problem.scale) {
  std::vector<LabelSet> trained;
  for (const FitPart& part : fit_parts(problem.fits)) {
    trained.push_back(part.train);
    RatingBlocks blocks(problem.ratings, problem.label, part.train, *threads_);
    ValidationRatings validation =
        gather_validation(problem.ratings, problem.label, part.validate, blocks.user_row(),
                          blocks.item_row(), *threads_);
    parts_.push_back({std::move(blocks), std::move(validation)});
  }
  for (const MfFit& fit : problem.fits) {
    const auto part = std::find(trained.begin(), trained.end(), fit.train) - trained.begin();
    Model& model = models_.emplace_back();
    model.fit = fit;
    model.part = &parts_[static_cast<std::size_t>(part)];
  }
  // Many models of a search start alike.
  std::vector<std::pair<std::size_t, std::size_t>> copies;  // to, from
  for (std::size_t m = 0; m < models_.size(); ++m) {
    std::size_t first = 0;
    while (!start_alike(models_[first], models_[m])) ++first;
    if (first < m) {
      copies.emplace_back(m, first);
    } else {
      Model& model = models_[m];
      const RatingBlocks& blocks = model.part->blocks;
      model.now = SgdParameters(model.fit.params, blocks,
                                static_cast<Index>(blocks.user_row().size()), *threads_);
    }
  }
  threads_->parallel_for(std::ssize(copies), [&](std::int64_t c, int) {
    const auto& [to, from] = copies[static_cast<std::size_t>(c)];
    models_[to].now = models_[from].now;
  });
}

bool CpuMfSession::start_alike(const Model& a, const Model& b) {
  const auto start = [](const Model& model) {
    const MfParams& params = model.fit.params;
    return std::tuple(model.part, params.factors, params.seed, params.init_std);
  };
  return start(a) == start(b);
}

template <class InThreads>
SquaredError CpuMfSession::train(Model& model, float rate, std::uint64_t epoch,
                                 const InThreads& in_threads) const {
  const RatingBlocks& blocks = model.part->blocks;
  const int stripes = blocks.stripes();
  std::vector<int> all(static_cast<std::size_t>(stripes));
  std::iota(all.begin(), all.end(), 0);
  BlockFlow flow(draw_block_order(model.fit.params.seed, epoch, stripes), all);
  for (int item = 0; item < stripes; ++item) flow.set_ready(item, 0);
  in_threads([&] {
    flow.work([&] { threads_->check_stop(); },
              [&](const BlockFlow::Block& block) {
                const int item = flow.item_stripe(block.w, block.round);
                const double sum =
                    train_block(kernels_, model.now.model(model.fit.mean), model.fit.params, rate,
                                blocks, epoch, flow.user_stripe(block.w), item);
                flow.set_ready(item, block.round + 1);
                return sum;
              });
  });
  return {BlockFlow::total(flow.sums(), stripes), blocks.size()};
}

std::vector<std::size_t> CpuMfSession::active_models() const {
  std::vector<std::size_t> active;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (!models_[m].retired) active.push_back(m);
  }
  // Long work first, so that no thread is left with it alone.
  std::stable_sort(active.begin(), active.end(), [&](std::size_t a, std::size_t b) {
    return models_[a].fit.params.factors > models_[b].fit.params.factors;
  });
  return active;
}

std::vector<SquaredError> CpuMfSession::run_epoch(std::span<const float> rate) {
  std::vector<SquaredError> errors;
  for (const EpochErrors& e : run_epochs(rate, models_.size(), Validate::never)) {
    errors.push_back(e.train);
  }
  return errors;
}

std::vector<EpochErrors> CpuMfSession::run_epochs(std::span<const float> rate, std::size_t models,
                                                  Validate validate_after) {
  const std::size_t epochs = rate.size() / models;
  std::vector<EpochErrors> errors(rate.size());
  const std::vector<std::size_t> active = active_models();
  const auto train_and_validate = [&](std::size_t m, const auto& in_threads,
                                      const auto& for_each_task) {
    std::vector<ValidationTask> tasks;
    add_validation_tasks(m, tasks);
    std::vector<ErrorSums> sums(tasks.size());
    for (std::size_t e = 0; e < epochs; ++e) {
      EpochErrors& of_epoch = errors[e * models + m];
      of_epoch.train = train(models_[m], rate[e * models + m], epoch_ + e, in_threads);
      const bool last = e + 1 == epochs;
      if (validate_after == Validate::never || (validate_after == Validate::last && !last))
        continue;
      for_each_task(std::ssize(tasks), [&](std::int64_t t) {
        sums[static_cast<std::size_t>(t)] = measure(tasks[static_cast<std::size_t>(t)]);
      });
      for (const ErrorSums& sum : sums) of_epoch.validation += sum;
    }
  };
  const auto one_thread = [&](std::int64_t count, const auto& task) {
    for (std::int64_t i = 0; i < count; ++i) {
      threads_->check_stop();
      task(i);
    }
  };
  const auto all_threads = [&](std::int64_t count, const auto& task) {
    threads_->parallel_for(count, [&](std::int64_t i, int) { task(i); });
  };
  // As many models as can be shared out evenly are trained by a thread each, through all epochs
  // while their rows are in its cache; the others by all threads, one after another.
  const std::int64_t threads = threads_->threads();
  const std::int64_t alone = std::ssize(active) / threads * threads;
  threads_->parallel_for(alone, [&](std::int64_t a, int) {
    train_and_validate(
        active[static_cast<std::size_t>(a)], [](const auto& work) { work(); }, one_thread);
  });
  for (auto a = static_cast<std::size_t>(alone); a < active.size(); ++a) {
    const auto in_all = [&](const auto& work) {
      // More threads would find nothing to do.
      all_threads(std::min<std::int64_t>(threads, models_[active[a]].part->blocks.stripes()),
                  [&](std::int64_t) { work(); });
    };
    train_and_validate(active[a], in_all, all_threads);
  }
  epoch_ += epochs;
  return errors;
}

void CpuMfSession::add_validation_tasks(std::size_t model,
                                        std::vector<ValidationTask>& tasks) const {
  constexpr std::int64_t kRatingsPerTask = 8192;
  const auto& offset = models_[model].part->validation.offset;
  for (std::size_t label = 0; label < kLabels; ++label) {
    if (!models_[model].fit.validate.test(label)) continue;
    const std::int64_t end = offset[label + 1];
    for (std::int64_t at = offset[label]; at < end; at += kRatingsPerTask) {
      tasks.push_back({model, static_cast<std::size_t>(at),
                       static_cast<std::size_t>(std::min(kRatingsPerTask, end - at))});
    }
  }
}

ErrorSums CpuMfSession::measure(const ValidationTask& task) {
  const auto& [m, begin, count] = task;
  const ValidationRatings& ratings = models_[m].part->validation;
  return kernels_.validation_errors(models_[m].now.model(models_[m].fit.mean), scale_,
                                    &ratings.user[begin], &ratings.item[begin],
                                    &ratings.rating[begin], count);
}

std::vector<ErrorSums> CpuMfSession::validate() {
  std::vector<ValidationTask> tasks;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (!models_[m].retired) add_validation_tasks(m, tasks);
  }
  std::vector<ErrorSums> sums(tasks.size());
  threads_->parallel_for(std::ssize(tasks), [&](std::int64_t t, int) {
    sums[static_cast<std::size_t>(t)] = measure(tasks[static_cast<std::size_t>(t)]);
  });
  std::vector<ErrorSums> errors(models_.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) errors[tasks[t].model] += sums[t];
  return errors;
}

void CpuMfSession::checkpoint(std::size_t model) { models_[model].checkpoint = models_[model].now; }

void CpuMfSession::retire(std::size_t model) { models_[model].retired = true; }

MfState CpuMfSession::state(std::size_t model) const {
  const Model& asked = models_[model];
  return state_of(asked.checkpoint ? *asked.checkpoint : asked.now, asked.part->blocks, asked.fit);
}

void CpuMfSession::save(TrainingState& state) const {
  std::vector<std::int64_t>& counts = state.counts["session"];
  counts = {static_cast<std::int64_t>(epoch_)};
  for (std::size_t m = 0; m < models_.size(); ++m) {
    const Model& model = models_[m];
    counts.insert(counts.end(), {model.retired ? 1 : 0, model.checkpoint ? 1 : 0});
    const auto put = [&](const std::string& name, const float* numbers, std::size_t count) {
      state.numbers[name].assign(numbers, numbers + count);
    };
    each_array(model.now, fmt::format("model_{}.now.", m), put);
    if (model.checkpoint) each_array(*model.checkpoint, fmt::format("model_{}.best.", m), put);
  }
}

void CpuMfSession::restore(const TrainingState& state) {
  const auto& counts = state.counts_of("session", 1 + 2 * models_.size());
  epoch_ = static_cast<std::uint64_t>(counts[0]);
  for (std::size_t m = 0; m < models_.size(); ++m) {
    Model& model = models_[m];
    model.retired = counts[1 + 2 * m] != 0;
    const auto take = [&](const std::string& name, float* numbers, std::size_t count) {
      std::ranges::copy(state.numbers_of(name, count), numbers);
    };
    each_array(model.now, fmt::format("model_{}.now.", m), take);
    model.checkpoint.reset();
    if (counts[2 + 2 * m] == 0) continue;
    model.checkpoint = model.now;
    each_array(*model.checkpoint, fmt::format("model_{}.best.", m), take);
  }
}

}  // namespace tusk
