// Whether models differ by more than the choice of folds explains.
#pragma once

#include <span>
#include <vector>

namespace tusk {

struct PairedTest {
  double difference = 0;      // the mean over folds of a - b
  double standard_error = 0;  // of it
  double p = 1;  // how likely so large a difference is, either way, where there is none
};

// The corrected resampled t-test (Nadeau, Bengio: "Inference for the Generalization Error", 2003):
// the values of two models on the same folds, compared fold by fold. Training parts overlap, and so
// folds are not independent; the variance of the mean is taken as (1 / folds + test ratings /
// training ratings) times that of the differences. `test_over_train` is that quotient, of a fold.
// With fewer than two folds p is NaN: one fold tells nothing of the others.
PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                       double test_over_train);

// The paired t-test of values that are independent, such as those of users.
PairedTest paired_t_test(std::span<const double> a, std::span<const double> b);

// An interval that holds the mean of the values in 95% of all samples: from the 2.5th to the 97.5th
// percentile of the means of 2,000 samples drawn from the values with replacement (percentile
// bootstrap; Efron, Tibshirani: "An Introduction to the Bootstrap", 1993). The same values give the
// same interval.
struct Interval {
  double low = 0;
  double high = 0;
};
Interval bootstrap_interval(std::span<const double> values);

// The probability that Student's t with so many degrees of freedom lies beyond -|t| or |t|
// (Abramowitz, Stegun: "Handbook of Mathematical Functions", 26.7.1), to 1e-12 of itself however
// small it is.
double student_two_sided(double t, int degrees_of_freedom);

// The p-values of several tests, adjusted so that the chance of any false alarm among them is kept
// (Holm: "A Simple Sequentially Rejective Multiple Test Procedure", 1979).
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace tusk
