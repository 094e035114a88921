#include "train/checkpoint.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>
#include <tusk/version.hpp>

#include "distributed/collectives.hpp"
#include "model/safetensors.hpp"
#include "support/checksum.hpp"

namespace tusk {
namespace {

constexpr const char* kFormat = "tusk_checkpoint";
constexpr const char* kVersionOfFormat = "1";
constexpr const char* kNumbers = "numbers.";
constexpr const char* kCounts = "counts.";
constexpr const char* kOf = "of.";  // in metadata

// Which ratings are in the part, and which are watched.
std::string hash_of_parts(const FitContext& context, const LabelSet& part) {
  RunningChecksum sum;
  in_turn(context.data.processes.get(), sum.state(), [&] {
    std::string block;
    for (const Label label : context.label) {
      block += part.test(label) ? 't' : context.extras.watched.test(label) ? 'w' : '-';
      if (block.size() < (1 << 16)) continue;
      sum.add(block);
      block.clear();
    }
    sum.add(block);
  });
  return sum.digits();
}

}  // namespace

Checkpoint::Checkpoint(const FitContext& context, const TrainOptions& options, const LabelSet& part)
    : file_(*context.extras.checkpoint), processes_(context.data.processes) {
  of_["model"] = options.model();
  of_["seed"] = fmt::format("{}", options.seed);
  for (const Parameter& parameter : options.algorithm().parameters) {
    const auto value = options.get(parameter.name);
    of_[parameter.name] = value ? to_string(*value) : "not given";
  }
  of_["the data"] = dataset_hash(context.data);
  of_["the split"] = hash_of_parts(context, part);
  of_["the version of Tusk"] = kVersion;
  of_["the device"] =
      context.backend.bits().empty() ? "a GPU" : std::string(context.backend.bits());
  if (is_first(processes_.get())) AtomicFile writable(file_.path);
}

std::optional<TrainingState> Checkpoint::read() const {
  std::optional<TrainingState> state;
  agree(processes_.get(), [&] {
    if (is_first(processes_.get())) state = read_file();
  });
  if (sum_of_all(processes_.get(), state ? 1 : 0) == 0) return std::nullopt;
  // The counts are for all; its numbers the first process hands out itself.
  if (!state) state.emplace();
  std::vector<std::string> names;
  for (const auto& [name, values] : state->counts) names.push_back(name);
  auto count = static_cast<std::int64_t>(names.size());
  for (count = sum_of_all(processes_.get(), count); count > 0; --count) {
    const std::string own = names.empty() ? "" : names[static_cast<std::size_t>(count) - 1];
    const std::string name = first_text(processes_.get(), own);
    share(processes_.get(), 0, state->counts[name]);
  }
  return state;
}

std::optional<TrainingState> Checkpoint::read_file() const {
  if (!std::filesystem::exists(file_.path)) return std::nullopt;
  const SafetensorsReader reader(file_.path);
  const auto& metadata = reader.metadata();
  const auto format = metadata.find(kFormat);
  if (format == metadata.end()) {
    throw FormatError(fmt::format("{} is no checkpoint", file_.path.string()));
  }
  if (format->second != kVersionOfFormat || !reader.has_checksum() || !reader.checksum_matches()) {
    throw FormatError(fmt::format("the checkpoint {} is damaged", file_.path.string()));
  }
  for (const auto& [name, own] : of_) {
    const auto place = metadata.find(kOf + name);
    if (place != metadata.end() && place->second == own) continue;
    throw UsageError(fmt::format(
        "the checkpoint {} is of another training: {}; give another file, or remove it",
        file_.path.string(),
        name.starts_with("the ") || place == metadata.end()
            ? name + (name == "the data" ? " are others" : " is another")
            : fmt::format("{} was {} and is {}", option_name(name), place->second, own)));
  }
  TrainingState state;
  for (const std::string& name : reader.names()) {
    if (name.starts_with(kNumbers)) {
      state.numbers[name.substr(std::string(kNumbers).size())] = reader.read<float>(name);
    } else if (name.starts_with(kCounts)) {
      state.counts[name.substr(std::string(kCounts).size())] = reader.read<std::int64_t>(name);
    }
  }
  return state;
}

void Checkpoint::write(const TrainingState& state) const {
  if (!is_first(processes_.get())) return;
  SafetensorsWriter writer;
  writer.metadata[kFormat] = kVersionOfFormat;
  for (const auto& [name, value] : of_) writer.metadata[kOf + name] = value;
  for (const auto& [name, values] : state.numbers) writer.add(kNumbers + name, values);
  for (const auto& [name, values] : state.counts) writer.add(kCounts + name, values);
  AtomicFile file(file_.path);
  writer.write(file);
  file.commit();
}

}  // namespace tusk
