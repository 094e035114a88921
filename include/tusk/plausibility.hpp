// Whether ratings look like ratings: signs that a file was read otherwise than it was meant.
#pragma once

#include <string>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

struct Finding {
  enum class Kind {
    one_rating_each,     // every user, or every item, has one rating
    not_ratings,         // ratings look like times, dates or row numbers
    counting_header,     // the first row holds the columns' numbers
    duplicates,          // more than 5% of the rows rate what the same user rated in another
    far_value,           // a frequent lowest or highest value far from all others
    rounded,             // different ratings are one number in single precision
    titles_do_not_join,  // few titles are those of items
    ids_alike,           // ids that differ only in how they are written
  };
  Kind kind;
  std::string found;   // what was found, and what it may mean
  std::string remedy;  // what to do; options in it are option_name()s
};

struct PlausibilityOptions {
  // The ratings test a model. Those that test one may well be one a user.
  bool for_testing = false;
};

// At most one finding of each kind. Large data is judged by a sample of its ratings; the result
// depends on the data alone.
std::vector<Finding> check_plausibility(const Dataset& data,
                                        const PlausibilityOptions& options = {});

// A short name, such as "far_value".
std::string_view to_string(Finding::Kind kind);

// What the user of a data set that was read should know, or may like to know.
struct Remark {
  bool warning = false;
  std::string text;
  std::string remedy;  // empty, or what to do; options in it are option_name()s
};

// How the files were read, what was skipped or left out of them, and the findings of
// check_plausibility(), in the order in which they are told.
std::vector<Remark> remarks_on(const Dataset& data, const PlausibilityOptions& options = {});

}  // namespace tusk
