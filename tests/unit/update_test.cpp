// New ratings, users and items in a trained model.
#include <algorithm>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/data_match.hpp>
#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/model_file.hpp>
#include <tusk/predict.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>
#include <tusk/update.hpp>

#include "backend/backend.hpp"
#include "model/safetensors.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

class UpdateTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

// Items 1 .. 3 by users 1 .. 4, and then ratings with a new user, a new item and known ones.
Dataset before() {
  return test::read_text("1,1,5\n1,2,3\n2,1,4\n2,3,2\n3,2,1\n3,3,2\n4,1,5\n4,2,2\n4,3,1\n");
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

// Of the pairs of all users and items.
void expect_same_predictions(Backend& backend, const Model& model, const Model& expected,
                             double tolerance) {
  std::vector<Index> user;
  std::vector<Index> item;
  for (Index u = 0; u < expected.state().users; ++u) {
    for (Index i = 0; i < expected.state().items; ++i) {
      user.push_back(u);
      item.push_back(i);
    }
  }
  const auto a = model.open(backend)->predict(user, item);
  const auto b = expected.open(backend)->predict(user, item);
  for (std::size_t p = 0; p < a.size(); ++p) {
    EXPECT_NEAR(a[p].score, b[p].score, tolerance) << "user " << user[p] << " item " << item[p];
  }
}

// before() and after().
Dataset all_of_them() {
  return test::read_text(
      "1,1,5\n1,2,3\n2,1,4\n2,3,2\n3,2,1\n3,3,2\n4,1,5\n4,2,2\n4,3,1\n"
      "1,3,1\n2,9,4\n5,1,5\n5,9,5\n4,9,4\n");
}

TEST_F(UpdateTest, AModelThatKeepsItsRatingsIsTrainedOnAll) {
  for (const char* name : {"item-knn", "user-knn", "slope-one", "ease"}) {
    SCOPED_TRACE(name);
    const Model model = train(*backend_, before(), TrainOptions(name));
    const Model updated = update_model(*backend_, model, after());
    const Model expected = train(*backend_, all_of_them(), TrainOptions(name));
    expect_same_predictions(*backend_, updated, expected, 0);
    EXPECT_EQ(updated.popularity.rating, expected.popularity.rating);
  }
}

// With a damping that lets the ratings speak; the mean of all of them stays in the update.
TEST_F(UpdateTest, BiasesAreNearThoseOfTrainingOnAll) {
  const Model model = train(*backend_, before(), BiasOptions{2, 2});
  const Model updated = update_model(*backend_, model, after());
  expect_same_predictions(*backend_, updated, train(*backend_, all_of_them(), BiasOptions{2, 2}),
                          0.35);
}

TEST_F(UpdateTest, ABiasWithoutDampingIsTheMeanOfAllRatings) {
  const Model model = train(*backend_, before(), BiasOptions{0, 0});
  const Model updated = update_model(*backend_, model, test::read_text("1,3,5\n"));
  // User 1 gave 5, 3 and now 5: in the direction of the new rating.
  EXPECT_GT(updated.state().user_bias[0], model.state().user_bias[0] + 0.1f);
}

// Titles, genres and all the rest as of the data where it has them, else as of the model.
TEST_F(UpdateTest, WhatIsKnownOfItemsJoins) {
  Dataset old = before();
  old.catalogue = {};
  Catalogue& known = old.catalogue;
  for (const char* number : {"1", "2", "3"}) {
    const std::string item = number;
    known.title.push_back("Title " + item);
    known.genres.push_back("Genre " + item);
    known.text.push_back("Text " + item);
    known.keywords.push_back("Word " + item);
  }
  known.year = {1991, 1992, 1993};
  known.votes = {11, 12, 13};
  known.imdb = {21, 22, 23};
  known.tmdb = {31, 32, 33};
  const Model model = train(*backend_, old, small_mf());
  Dataset fresh = after();  // items 1, 3 and 9
  const Catalogue merged = update_model(*backend_, model, fresh).catalogue;
  EXPECT_EQ(merged.title[1], "Title 2");
  EXPECT_EQ(merged.genres[2], "Genre 3");
  EXPECT_EQ(merged.text[0], "Text 1");
  EXPECT_EQ(merged.keywords[2], "Word 3");
  EXPECT_EQ(merged.title[3], "");
  EXPECT_EQ(merged.year, (std::vector<std::int32_t>{1991, 1992, 1993, 0}));
  EXPECT_EQ(merged.votes, (std::vector<std::int64_t>{11, 12, 13, 0}));
  EXPECT_EQ(merged.imdb, (std::vector<std::int64_t>{21, 22, 23, 0}));
  EXPECT_EQ(merged.tmdb, (std::vector<std::int64_t>{31, 32, 33, 0}));
  fresh.catalogue = {};
  for (const char* title : {"", "New 3", "New 9"}) {
    fresh.catalogue.title.push_back(title);
    fresh.catalogue.genres.push_back("");
  }
  fresh.catalogue.year = {0, 2003, 2009};
  const Catalogue newer = update_model(*backend_, model, fresh).catalogue;
  EXPECT_EQ(newer.title[0], "Title 1");
  EXPECT_EQ(newer.title[2], "New 3");
  EXPECT_EQ(newer.title[3], "New 9");
  EXPECT_EQ(newer.genres[2], "Genre 3");
  EXPECT_EQ(newer.year, (std::vector<std::int32_t>{1991, 1992, 2003, 2009}));
}

Dataset with_genres(Dataset data) {
  data.catalogue = {};
  for (Index item = 0; item < data.items.size(); ++item) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(item % 2 == 0 ? "Comedy" : "Drama");
  }
  return data;
}

TEST_F(UpdateTest, EveryModelTakesNewRatings) {
  const test::TempFolder folder;
  for (const AlgorithmInfo* info : algorithms()) {
    SCOPED_TRACE(info->name);
    if (info->name == "blend") continue;  // takes more ratings; see BlendTest
    TrainOptions options(info->name);
    if (info->name == "neural") options.as<NeuralOptions>().epochs = 2;
    if (info->name == "bayes") options.as<BayesOptions>().sweeps = 60;
    if (info->name == "mf") options = small_mf();
    if (info->name == "hybrid") options.as<HybridOptions>().mf = small_mf();
    save_model(train(*backend_, with_genres(before()), options), folder.path() / "m.safetensors");
    const Model model = load_model(folder.path() / "m.safetensors");
    const Model updated = update_model(*backend_, model, with_genres(after()));
    EXPECT_EQ(updated.users.size(), 5);
    EXPECT_EQ(updated.algorithm().name, info->name);
    save_model(updated, folder.path() / "u.safetensors");
    const Model read = load_model(folder.path() / "u.safetensors");
    const Recommender recommender(*backend_, read, {.exclude_seen = false});
    const Index user = read.users.find("5").value();
    EXPECT_EQ(recommender.recommend({&user, 1}, 3).front().size(), 3u);
    EXPECT_EQ(read.popularity.rating.size(), 4u);
  }
  HybridOptions by_mf;
  by_mf.collaborative = Collaborative::mf;
  by_mf.mf = small_mf();
  const Model hybrid = train(*backend_, with_genres(before()), by_mf);
  EXPECT_EQ(update_model(*backend_, hybrid, after()).users.size(), 5);
}

// The words of an update are put into the space of the model: known items keep their vectors.
TEST_F(UpdateTest, ContentOfKnownItemsStaysAndNewItemsGetTheirs) {
  const Model model = train(*backend_, with_genres(before()), ContentOptions());
  Dataset fresh = after();  // items 1, 3 and 9
  fresh.catalogue = {};
  for (const char* genres : {"", "", "Drama"}) {
    fresh.catalogue.title.push_back("");
    fresh.catalogue.genres.push_back(genres);
  }
  const Model updated = update_model(*backend_, model, fresh);
  const auto opened = updated.open(*backend_);
  const std::vector<Index> items = {0, 1, 2, 3};
  EXPECT_EQ(opened->similarities(1, items).value(), (std::vector<float>{0, 1, 0, 1}));
}

TEST_F(UpdateTest, EmbeddingsAreNotReadAgain) {
  const test::TempFolder folder;
  const auto path = folder.path() / "e.safetensors";
  SafetensorsWriter writer;
  const std::vector<std::int64_t> ids = {1, 2, 3};
  const std::vector<float> values = {1, 0, 1, 0, 0, 1};
  writer.add("ids", ids);
  writer.add<float>("embeddings", values, {3, 2});
  AtomicFile file(path);
  writer.write(file);
  file.commit();
  ContentOptions options;
  options.embeddings = path.string();
  const Model model = train(*backend_, before(), options);
  std::filesystem::remove(path);
  const Model updated = update_model(*backend_, model, after());
  const std::vector<Index> items = {0, 1, 2, 3};
  EXPECT_EQ(updated.open(*backend_)->similarities(0, items).value(),
            (std::vector<float>{1, 1, 0, 0}));
}

// Of a model that keeps its ratings.
TEST_F(UpdateTest, AReplacedRatingIsReplacedEverywhere) {
  const Model model = train(*backend_, before(), SlopeOneOptions());
  ASSERT_EQ(model.rating_sample.size(), 9u);
  const Model updated = update_model(*backend_, model, test::read_text("3,2,5\n1,1,5\n"));
  const Dataset all =
      test::read_text("1,1,5\n1,2,3\n2,1,4\n2,3,2\n3,2,5\n3,3,2\n4,1,5\n4,2,2\n4,3,1\n");
  EXPECT_EQ(updated.popularity.rating, train(*backend_, all, SlopeOneOptions()).popularity.rating);
  const DataMatch match = match_data(updated, all);
  EXPECT_EQ(match.rated, 9);
  EXPECT_EQ(match.same_ratings, 9);
}

TEST_F(UpdateTest, WhatWasMeasuredIsForgotten) {
  Model model = train(*backend_, before(), small_mf());
  for (const char* key : {"test_rmse", "ranking", "validation_rmse", "selection_score", "search",
                          "interrupted", "ratings_hash"}) {
    model.metadata[key] = "1";
  }
  const auto metadata = update_model(*backend_, model, after()).metadata;
  for (const char* key : {"test_rmse", "ranking", "validation_rmse", "selection_score", "search",
                          "interrupted", "ratings_hash"}) {
    EXPECT_FALSE(metadata.contains(key)) << key;
  }
  EXPECT_EQ(metadata.at("split"), "none: updated");
  EXPECT_EQ(metadata.at("factors"), "2");
}

// As if all had been trained on at once, where the new ratings are as many as count as recent.
TEST_F(UpdateTest, NewRatingsAreRecent) {
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 100; ++user) {
    ratings.push_back({user, user % 3, 3, user < 90 ? user : 1000 + user});
  }
  const auto part = [&](std::size_t first, std::size_t end) {
    return test::make_dataset(100, 3,
                              {ratings.begin() + static_cast<std::ptrdiff_t>(first),
                               ratings.begin() + static_cast<std::ptrdiff_t>(end)});
  };
  const Model whole = train(*backend_, part(0, 100), PopularOptions());
  const Model old = train(*backend_, part(0, 90), PopularOptions());
  const Model updated = update_model(*backend_, old, part(90, 100));
  ASSERT_EQ(updated.popularity.trend.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(updated.popularity.trend[i], whole.popularity.trend[i], 1e-5);
  }
  Dataset without_times = part(90, 100);
  without_times.timestamp.clear();
  EXPECT_EQ(update_model(*backend_, old, without_times).popularity.trend, old.popularity.trend);
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
  EXPECT_THROW(update_model(*backend_, model, after(), {.epochs = -1}), UsageError);
}

TEST_F(UpdateTest, WarmEpochsFitTheNewRatings) {
  const Model model = train(*backend_, before(), small_mf());
  const auto error = [&](int epochs) {
    const Model updated = update_model(*backend_, model, after(), {.epochs = epochs});
    return evaluate(*backend_, updated, match_ratings(updated, after(), Part::all)).all.rmse();
  };
  EXPECT_LT(error(20), error(0));
}

TEST_F(UpdateTest, WarmEpochsThatDivergeAreAnError) {
  Model model = train(*backend_, before(), small_mf());
  model.metadata["user_learning_rate"] = model.metadata["item_learning_rate"] = "100";
  EXPECT_THROW(update_model(*backend_, model, after(), {.epochs = 50}), DivergedError);
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
    Partition split;
    split.label = label;
    split.test = ~wanted;
    return split;
  };
  const auto trained = [&](const LabelSet& on) {
    const Partition split = part(on);
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
