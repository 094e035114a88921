// A round of questions: which item is asked about, and what was answered.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/types.hpp>

namespace tusk::cli {

class RatingRound {
 public:
  // Begins behind the last item that is rated: with `ratings` from before, a round goes on.
  RatingRound(std::vector<Index> items, RatingScale scale, std::map<Index, float> ratings);

  bool done() const { return place_ == items_.size(); }
  std::size_t place() const { return place_; }
  std::size_t size() const { return items_.size(); }
  Index item() const { return items_[place_]; }
  const std::map<Index, float>& ratings() const { return ratings_; }

  // The rating that is shown for the item: its own, or the one above the middle of the scale.
  float shown() const { return shown_; }
  void change(int steps);  // of the scale: 0.5, 1 or a tenth of it
  void rate();             // as shown; then the next item
  void skip();             // not seen: a rating that the item has goes
  void back();             // to the item before

  enum class Answer { taken, leave, wrong };
  // A number on the scale, nothing or "-" for an item not seen, "b" for the item before, "q".
  Answer answer(std::string_view text);

 private:
  void show();

  std::vector<Index> items_;
  RatingScale scale_;
  float step_;
  std::map<Index, float> ratings_;
  std::size_t place_ = 0;
  float shown_ = 0;
};

}  // namespace tusk::cli
