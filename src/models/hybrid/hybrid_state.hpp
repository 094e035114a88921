// The parts of a hybrid model, and how a file holds them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>
#include <tusk/train_options.hpp>

namespace tusk {

class SafetensorsReader;
class SafetensorsWriter;
struct SeenItems;

enum class HybridPart { collaborative, content, popular, rating };
inline constexpr std::array<std::string_view, 4> kHybridParts = {"collaborative", "content",
                                                                 "popular", "rating"};

class HybridState : public ModelState {
 public:
  // In the order of HybridPart; a rating part only where Fusion is exposure.
  using Parts = std::vector<ModelPart>;

  // `base` is that of the content part.
  HybridState(Parts parts, const HybridOptions& options);

  const AlgorithmInfo& algorithm() const override;
  std::span<const float> ratings() const override {
    return part(HybridPart::content).state->ratings();
  }
  CsrView content_vectors() const override {
    return part(HybridPart::content).state->content_vectors();
  }
  std::vector<ModelPart> parts() const override { return parts_; }
  const ModelPart& part(HybridPart part) const { return parts_[static_cast<std::size_t>(part)]; }
  const HybridOptions& options() const { return options_; }

  // A part's tensors and metadata have its name and a full stop before theirs; the training ratings
  // are there once.
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  Parts parts_;
  HybridOptions options_;
};

// The options of the parts that such a model has, in the order of HybridPart; only the last part
// may be missing.
std::vector<TrainOptions> hybrid_parts(const HybridOptions& options, std::uint64_t seed);

// Throws FormatError.
std::shared_ptr<const ModelState> load_hybrid(const SafetensorsReader& reader, const MfState& base,
                                              const SeenItems& seen);

}  // namespace tusk
