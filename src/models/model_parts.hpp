// Models within the file of a model that is made of them.
#pragma once

#include <string>
#include <string_view>

#include <tusk/predictor.hpp>

namespace tusk {

class SafetensorsReader;
class SafetensorsWriter;
struct SeenItems;

// Its tensors and metadata get the prefix; the training ratings are there once.
void write_part(SafetensorsWriter& writer, const std::string& prefix, const ModelPart& part);

// `base` has the users and items of the whole. Throws FormatError unless it is such a model.
ModelPart read_part(const SafetensorsReader& reader, const std::string& prefix,
                    std::string_view model, const MfState& base, const SeenItems& seen);

}  // namespace tusk
