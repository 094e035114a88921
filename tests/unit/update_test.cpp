// New ratings, users and items in a trained model.
#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/predict.hpp>
#include <tusk/train.hpp>
#include <tusk/update.hpp>

#include "backend/backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

class UpdateTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

// Items 1 .. 3 by users 1 .. 4, and then ratings with a new user, a new item and known ones.
Dataset before() {
  return test::read_text(
      "1,1,5\n1,2,3\n2,1,4\n2,3,2\n3,2,1\n3,3,2\n4,1,5\n4,2,2\n4,3,1\n");
}
Dataset after() { return test::read_text("1,3,1\n2,9,4\n5,1,5\n5,9,5\n4,9,4\n1,1,5\n"); }

MfOptions small_mf() {
  MfOptions options;
  options.factors = 2;
  options.epochs = 20;
  options.learning_rate = 0.05f;
  return options;
}

TEST_F(UpdateTest, NewUsersItemsAndRatingsJoin) {
  const Model model = train(*backend_, before(), small_mf());
  UpdateReport report;
  const Model updated = update_model(*backend_, model, after(), {}, &report);
  EXPECT_EQ(report.ratings, 5);
  EXPECT_EQ(report.repeated, 1);
  EXPECT_EQ(report.new_users, 1);
  EXPECT_EQ(report.new_items, 1);
  EXPECT_EQ(report.changed_users, 3);
  EXPECT_EQ(updated.users.size(), 5);
  EXPECT_EQ(updated.items.size(), 4);
  EXPECT_EQ(updated.seen().item.size(), 14u);
  const Index item = updated.items.find("9").value();
  EXPECT_TRUE(updated.knows_item(item));
  EXPECT_TRUE(updated.knows_user(updated.users.find("5").value()));
  EXPECT_EQ(updated.predict_by_state(updated.users.find("5").value(), item).evidence,
            Evidence::full);
  // User 3 had nothing new, and items that were known stay.
  EXPECT_EQ(updated.predict_by_state(2, 0).score, model.predict_by_state(2, 0).score);
  EXPECT_NE(updated.predict_by_state(0, 0).score, model.predict_by_state(0, 0).score);
  EXPECT_FALSE(updated.metadata.contains("ratings_hash"));
  EXPECT_EQ(updated.metadata.at("updated_ratings"), "5");
}

TEST_F(UpdateTest, IdsThatAreNoNumbersMakeAllIdsTexts) {
  const Model model = train(*backend_, before(), small_mf());
  const Model updated = update_model(*backend_, model, test::read_text("ann,10,4\nann,2,5\n"));
  EXPECT_FALSE(updated.users.numeric());
  EXPECT_TRUE(updated.items.numeric());
  EXPECT_EQ(updated.users.size(), 5);
  for (const char* user : {"1", "2", "3", "4"}) {
    EXPECT_EQ(updated.predict_by_state(*updated.users.find(user), *updated.items.find("2")).score,
              model.predict_by_state(*model.users.find(user), *model.items.find("2")).score);
  }
}

TEST_F(UpdateTest, AModelThatKeepsItsRatingsIsTrainedOnAll) {
  const Dataset all = test::read_text(
      "1,1,5\n1,2,3\n2,1,4\n2,3,2\n3,2,1\n3,3,2\n4,1,5\n4,2,2\n4,3,1\n"
      "1,3,1\n2,9,4\n5,1,5\n5,9,5\n4,9,4\n");
  for (const char* name : {"item-knn", "user-knn", "slope-one"}) {
    const Model model = train(*backend_, before(), TrainOptions(name));
    const Model updated = update_model(*backend_, model, after());
    const Model expected = train(*backend_, all, TrainOptions(name));
    std::vector<Index> user;
    std::vector<Index> item;
    for (Index u = 0; u < 5; ++u) {
      for (Index i = 0; i < 4; ++i) {
        user.push_back(u);
        item.push_back(i);
      }
    }
    const auto a = predict(*backend_, updated, user, item);
    const auto b = predict(*backend_, expected, user, item);
    for (std::size_t p = 0; p < a.size(); ++p) EXPECT_EQ(a[p].score, b[p].score) << name;
  }
}

TEST_F(UpdateTest, BiasesMoveByEveryRating) {
  const Model model = train(*backend_, before(), PopularOptions());
  const Model updated = update_model(*backend_, model, after());
  // Item 1: 5, 4, 5 less the mean, and then 5 more, all over 4 + 10.
  const double mean = model.state().mean;
  EXPECT_NEAR(updated.state().item_bias.at(0), (5 + 4 + 5 + 5 - 4 * mean) / 14, 1e-5);
  EXPECT_NEAR(updated.popularity.rating.at(0), mean + (5 + 4 + 5 + 5 - 4 * mean) / 14, 1e-5);
}

TEST_F(UpdateTest, RefusesWhatIsNotNewOrOffTheScale) {
  const Model model = train(*backend_, before(), small_mf());
  EXPECT_THROW(update_model(*backend_, model, before()), InputError);
  EXPECT_THROW(update_model(*backend_, model, test::read_text("9,1,10\n9,2,8\n")), InputError);
  const Model biases = train(*backend_, before(), BiasOptions());
  EXPECT_THROW(update_model(*backend_, biases, after(), {.epochs = 1}), UsageError);
}

TEST_F(UpdateTest, WarmEpochsFitTheNewRatings) {
  const Model model = train(*backend_, before(), small_mf());
  const auto error = [&](int epochs) {
    const Model updated = update_model(*backend_, model, after(), {.epochs = epochs});
    return evaluate(*backend_, updated, match_ratings(updated, after(), Part::all)).all.rmse();
  };
  EXPECT_LT(error(20), error(0));
}

// The last ratings by time: within .003 of training on all.
TEST_F(UpdateTest, IsNearFullRetrainingOnLaterRatings) {
  if (test::sanitized()) GTEST_SKIP() << "trains large models";
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  std::vector<std::size_t> by_time(data.rating.size());
  std::iota(by_time.begin(), by_time.end(), std::size_t{0});
  std::stable_sort(by_time.begin(), by_time.end(), [&](std::size_t a, std::size_t b) {
    return data.timestamp[a] < data.timestamp[b];
  });
  std::vector<Label> label(data.rating.size());  // 0 old, 1 new: a twentieth, 2 later: another
  for (std::size_t n = 0; n < by_time.size(); ++n) {
    label[by_time[n]] = n < by_time.size() / 10 * 9 ? 0 : n < by_time.size() / 20 * 19 ? 1 : 2;
  }
  const auto part = [&](const LabelSet& wanted) {
    Split split;
    split.label = label;
    split.test = ~wanted;
    return split;
  };
  const auto trained = [&](const LabelSet& on) {
    const Split split = part(on);
    return make_model(data, split, fit(*backend_, data, label, {&on, 1}, MfOptions())[0]);
  };
  Dataset fresh;
  fresh.users = data.users;
  fresh.items = data.items;
  fresh.scale = data.scale;
  fresh.catalogue = data.catalogue;
  fresh.offset = {0};
  Index last = 0;
  data.ratings().each([&](Index user, std::size_t at) {
    for (; last < user; ++last) fresh.offset.push_back(std::ssize(fresh.item));
    if (label[at] != 1) return;
    fresh.item.push_back(data.item[at]);
    fresh.rating.push_back(data.rating[at]);
  });
  for (; last < data.users.size(); ++last) fresh.offset.push_back(std::ssize(fresh.item));
  const Model updated = update_model(*backend_, trained(only(0)), fresh);
  const Model again = trained(only(0) | only(1));
  const RatingList test = select_ratings(data, label, only(2));
  const double of_update = evaluate(*backend_, updated, test).all.rmse();
  const double of_training = evaluate(*backend_, again, test).all.rmse();
  RecordProperty("rmse", std::to_string(of_update) + " " + std::to_string(of_training));
  EXPECT_LT(of_update, of_training + 0.003);
}

}  // namespace
}  // namespace tusk
