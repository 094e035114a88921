#include "cli/rating_round.hpp"

#include <cmath>
#include <utility>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr float kMostSteps = 20;  // wider scales have steps of a tenth of their range

float step_of(RatingScale scale) {
  const float range = scale.high - scale.low;
  if (range <= 0) return 1;
  if (range > kMostSteps) return range / 10;
  return scale.low == std::floor(scale.low) ? 1 : 0.5f;
}

}  // namespace

RatingRound::RatingRound(std::vector<Index> items, RatingScale scale,
                         std::map<Index, float> ratings)
    : items_(std::move(items)), scale_(scale), step_(step_of(scale)), ratings_(std::move(ratings)) {
  for (std::size_t place = 0; place < items_.size(); ++place) {
    if (ratings_.contains(items_[place])) place_ = place + 1;
  }
  show();
}

void RatingRound::show() {
  if (done()) return;
  const auto own = ratings_.find(item());
  const float middle = scale_.low + (scale_.high - scale_.low) / 2;
  shown_ = own != ratings_.end()
               ? own->second
               : scale_.clip(scale_.low + std::ceil((middle - scale_.low) / step_) * step_);
}

void RatingRound::change(int steps) {
  shown_ = scale_.clip(shown_ + static_cast<float>(steps) * step_);
}

void RatingRound::rate() {
  ratings_[item()] = shown_;
  ++place_;
  show();
}

void RatingRound::skip() {
  ratings_.erase(item());
  ++place_;
  show();
}

void RatingRound::back() {
  if (place_ > 0) --place_;
  show();
}

RatingRound::Answer RatingRound::answer(std::string_view text) {
  text = trimmed(text);
  if (text == "q") return Answer::leave;
  if (text == "b") {
    back();
    return Answer::taken;
  }
  if (text.empty() || text == "-") {
    skip();
    return Answer::taken;
  }
  const auto rating = parse_double(text);
  if (!rating || !scale_.contains(static_cast<float>(*rating))) return Answer::wrong;
  shown_ = static_cast<float>(*rating);
  rate();
  return Answer::taken;
}

}  // namespace tusk::cli
