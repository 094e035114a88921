// Ratings and errors with as many digits as their scale needs: those of MovieLens have 2 and 4
// decimals, rates of 0.0001 to 0.0005 have more.
#pragma once

#include <string>

#include <tusk/metric.hpp>
#include <tusk/types.hpp>

namespace tusk {

// A predicted rating, to a hundredth or less of the scale.
std::string rating_text(float rating, const RatingScale& scale);

// A mean or a deviation of ratings, with a digit more.
std::string moment_text(double value, const RatingScale& scale);

// A value or a bound of a histogram: at least 6 significant digits.
std::string bar_text(float value, const RatingScale& scale);

// The shortest number that is this float.
std::string exact_text(float value);

// "1 .. 5".
std::string scale_text(const RatingScale& scale);

// An error, or a difference or deviation of errors, in a table whose errors are about `typical`;
// "-" for NaN, which is no figure.
std::string error_text(double value, double typical);
inline std::string error_text(double value) { return error_text(value, value); }

// The same of a value of any metric; those of lists are shares and have no scale.
inline std::string score_text(const Metric& metric, double value, double typical) {
  return error_text(value, metric.of_lists() ? 1 : typical);
}

}  // namespace tusk
