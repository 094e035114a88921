// Whether a data set goes with a model: whether its ids mean the model's users and items.
#pragma once

#include <cstdint>
#include <string>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

namespace tusk {

// What a model and a data set have in common, by a sample. Equal ids are no proof: catalogues that
// number their items from 1 share them all.
struct DataMatch {
  bool same = false;              // the very ratings that the model was made from
  std::int64_t titled = 0;        // items that have a title on both sides
  std::int64_t same_titles = 0;   // and the same one, but for case and accents
  std::int64_t rated = 0;         // training ratings whose user and item the data has a rating of
  std::int64_t same_ratings = 0;  // and of the same value
  std::string different_title;    // an example, in words

  // Whether titles show that the items are others, or ratings that the users are. A data set that
  // has no training rating of the model, such as a test part, shows nothing of its users.
  bool other_items() const;
  bool other_users() const;
  // What shows that, for a sentence; empty if nothing does.
  std::string other_data_text() const;
  // Whether it is the training data with additions or changes.
  bool changed() const { return !same && rated > 0 && !other_items() && !other_users(); }
};

// Of a model without a rating_sample, as files of earlier versions have none, only titles tell.
DataMatch match_data(const Model& model, const Dataset& data);

}  // namespace tusk
