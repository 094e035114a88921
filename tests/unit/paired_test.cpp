#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/paired.hpp>

namespace tusk {
namespace {

// Two-sided critical values of Student's t, from printed tables.
TEST(StudentT, IsThatOfTheTables) {
  struct Row {
    int degrees;
    double t_05;
    double t_001;
  };
  for (const auto& [degrees, t_05, t_001] :
       {Row{1, 12.706, 636.619}, Row{2, 4.303, 31.599}, Row{3, 3.182, 12.924}, Row{4, 2.776, 8.610},
        Row{5, 2.571, 6.869}, Row{9, 2.262, 4.781}, Row{10, 2.228, 4.587}, Row{29, 2.045, 3.659},
        Row{30, 2.042, 3.646}}) {
    EXPECT_NEAR(student_two_sided(t_05, degrees), 0.05, 2e-4) << degrees;
    EXPECT_NEAR(student_two_sided(-t_05, degrees), 0.05, 2e-4) << degrees;
    EXPECT_NEAR(student_two_sided(t_001, degrees), 0.001, 2e-6) << degrees;
    EXPECT_EQ(student_two_sided(0, degrees), 1) << degrees;
  }
}

// By scipy.stats.t.sf.
TEST(StudentT, KeepsItsDigitsFarOut) {
  struct Row {
    int degrees;
    double t;
    double p;
  };
  for (const auto& [degrees, t, p] :
       {Row{1, 3, 0.20483276469913345}, Row{1, 1e6, 6.366197723673691e-07},
        Row{2, 5e3, 3.999999760000016e-08}, Row{3, 1e5, 2.2053155808932545e-15},
        Row{4, 1e-8, 0.9999999925}, Row{4, 1e10, 5.999999999999999e-40},
        Row{4, 1e60, 6.000000000000001e-240}, Row{7, 1e25, 2.641041352709351e-173},
        Row{10, 300, 4.1654975234292345e-21}, Row{126, 100, 6.828487421682884e-122}}) {
    EXPECT_NEAR(student_two_sided(t, degrees) / p, 1, 1e-12) << degrees << ", " << t;
  }
}

// By scipy.stats.ttest_rel.
TEST(PairedTTest, IsThatOfScipy) {
  const std::vector<double> a = {.31, .5, .12, .9, .44, .27, .66, .08};
  const std::vector<double> b = {.25, .52, .1, .7, .41, .3, .5, .02};
  const PairedTest test = paired_t_test(a, b);
  EXPECT_NEAR(test.difference, 0.06, 1e-15);
  EXPECT_NEAR(test.difference / test.standard_error, 2.079947176615485, 1e-12);
  EXPECT_NEAR(test.p, 0.07609107189857506, 1e-12);
  EXPECT_TRUE(std::isnan(paired_t_test(std::vector{1.0}, std::vector{0.0}).p)) << "of one user";
  EXPECT_EQ(paired_t_test(b, b).p, 1);
  EXPECT_THROW(paired_t_test(a, std::vector{1.0}), UsageError);
}

TEST(BootstrapInterval, HoldsTheMeanInItsMiddle) {
  std::vector<double> values;
  for (int n = 0; n < 400; ++n) values.push_back(std::sin(n) + 0.25);
  const auto [low, high] = bootstrap_interval(values);
  const double half = 1.96 * std::sqrt(0.5 / 400);  // of the normal approximation
  EXPECT_NEAR(low, 0.25 - half, 0.01);
  EXPECT_NEAR(high, 0.25 + half, 0.01);
  EXPECT_EQ(bootstrap_interval(values).low, low) << "always the same";
  const std::vector<double> one = {0.5};
  EXPECT_EQ(bootstrap_interval(one).low, 0.5);
  EXPECT_EQ(bootstrap_interval(one).high, 0.5);
}

TEST(PairedTest, IsTheCorrectedResampledTTest) {
  // Differences 1, 2, 3, 2: mean 2, variance 2/3; the variance of the mean (1/4 + 1/3) 2/3.
  const std::vector<double> a = {2, 4, 6, 5};
  const std::vector<double> b = {1, 2, 3, 3};
  const PairedTest test = paired_test(a, b, 1.0 / 3);
  EXPECT_DOUBLE_EQ(test.difference, 2);
  EXPECT_DOUBLE_EQ(test.standard_error, std::sqrt((0.25 + 1.0 / 3) * 2 / 3));
  EXPECT_DOUBLE_EQ(test.p, student_two_sided(2 / test.standard_error, 3));
  const PairedTest other_way = paired_test(b, a, 1.0 / 3);
  EXPECT_DOUBLE_EQ(other_way.difference, -2);
  EXPECT_DOUBLE_EQ(other_way.p, test.p);
  EXPECT_LT(paired_test(a, b, 0).p, test.p) << "without the correction";
}

TEST(PairedTest, OfEqualDifferencesOrOneFold) {
  const std::vector<double> a = {1, 2, 3};
  EXPECT_EQ(paired_test(a, a, 0.5).p, 1);
  EXPECT_EQ(paired_test(a, std::vector<double>{0, 1, 2}, 0.5).p, 0);
  EXPECT_TRUE(std::isnan(paired_test({{1.0}}, {{2.0}}, 0.5).p));
  EXPECT_THROW(paired_test(a, {{1.0}}, 0.5), UsageError);
  EXPECT_THROW(paired_test({}, {}, 0.5), UsageError);
}

TEST(Holm, AdjustsInSteps) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.5};
  const std::vector<double> expected = {0.04, 0.09, 0.09, 0.5};
  const auto adjusted = holm_adjusted(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_DOUBLE_EQ(adjusted[i], expected[i]) << i;
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.7, 0.8}), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm_adjusted({}).empty());
}

}  // namespace
}  // namespace tusk
