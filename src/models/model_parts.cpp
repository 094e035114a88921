#include "models/model_parts.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/algorithm.hpp"

namespace tusk {
namespace {

constexpr const char* kModelKey = "model";

}  // namespace

void write_part(SafetensorsWriter& writer, const std::string& prefix, const ModelPart& part) {
  SafetensorsWriter own;
  own.metadata = part.metadata;
  own.metadata[kModelKey] = part.state->algorithm().name;
  write_mean(own, part.state->base());
  write_vectors(own, part.state->base());
  part.state->save(own);
  writer.add_part(prefix, own, kRatingsTensor);
}

ModelPart read_part(const SafetensorsReader& reader, const std::string& prefix,
                    std::string_view model, const MfState& base, const SeenItems& seen) {
  const SafetensorsReader own = reader.part(prefix, kRatingsTensor);
  ModelPart part;
  part.metadata = own.metadata();
  const auto named = part.metadata.find(kModelKey);
  check_format(named != part.metadata.end() && named->second == model,
               fmt::format("it lacks a part: {} is missing", model));
  part.metadata.erase(kModelKey);
  part.state = find_implementation(model).load(own, read_state(own, base.users, base.items), seen);
  return part;
}

}  // namespace tusk
