#include "train/checkpoint.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>
#include <tusk/version.hpp>

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
  std::string block;
  for (const Label label : context.label) {
    block += part.test(label) ? 't' : context.extras.watched.test(label) ? 'w' : '-';
    if (block.size() < (1 << 16)) continue;
    sum.add(block);
    block.clear();
  }
  sum.add(block);
  return sum.digits();
}

}  // namespace

Checkpoint::Checkpoint(const FitContext& context, const TrainOptions& options, const LabelSet& part)
    : file_(*context.extras.checkpoint) {
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
  AtomicFile writable(file_.path);
}

std::optional<TrainingState> Checkpoint::read() const {
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
