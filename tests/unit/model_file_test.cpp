#include <chrono>
#include <filesystem>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "model/safetensors.hpp"
#include "models/knn/knn_parameters.hpp"
#include "models/knn/knn_state.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::read_file;
using test::TempFolder;

std::filesystem::path golden_file(int version) {
  return test::source_folder() / ("tests/data/model-v" + std::to_string(version) + ".safetensors");
}

void expect_equal(const Model& a, const Model& b) {
  EXPECT_EQ(&a.algorithm(), &b.algorithm());
  EXPECT_EQ(a.scale(), b.scale());
  EXPECT_EQ(a.state().mean, b.state().mean);
  EXPECT_EQ(a.state().factors, b.state().factors);
  EXPECT_EQ(a.state().biased, b.state().biased);
  EXPECT_EQ(a.state().user_factors, b.state().user_factors);
  EXPECT_EQ(a.state().item_factors, b.state().item_factors);
  EXPECT_EQ(a.state().user_bias, b.state().user_bias);
  EXPECT_EQ(a.state().item_bias, b.state().item_bias);
  EXPECT_EQ(a.seen().offset, b.seen().offset);
  EXPECT_EQ(a.seen().item, b.seen().item);
  const auto* const of_a = dynamic_cast<const KnnModelState*>(&a.learned());
  const auto* const of_b = dynamic_cast<const KnnModelState*>(&b.learned());
  ASSERT_EQ(of_a == nullptr, of_b == nullptr);
  if (of_a != nullptr) {
    EXPECT_EQ(of_a->knn().params, of_b->knn().params);
    EXPECT_EQ(of_a->knn().rating, of_b->knn().rating);
    EXPECT_EQ(of_a->knn().table, of_b->knn().table);
  }
  EXPECT_EQ(a.catalogue.title, b.catalogue.title);
  EXPECT_EQ(a.catalogue.genres, b.catalogue.genres);
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.rating_sample.size(), b.rating_sample.size());
  for (std::size_t s = 0; s < a.rating_sample.size(); ++s) {
    EXPECT_EQ(a.rating_sample[s].user, b.rating_sample[s].user);
    EXPECT_EQ(a.rating_sample[s].item, b.rating_sample[s].item);
    EXPECT_EQ(a.rating_sample[s].rating, b.rating_sample[s].rating);
  }
  ASSERT_EQ(a.users.size(), b.users.size());
  for (Index u = 0; u < a.users.size(); ++u) EXPECT_EQ(a.users.id(u), b.users.id(u));
  for (Index i = 0; i < a.items.size(); ++i) EXPECT_EQ(a.items.id(i), b.items.id(i));
}

TEST(ModelFile, GivesBackWhatWasSaved) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  save_model(test::small_model(), path);
  const Model loaded = load_model(path);
  expect_equal(loaded, test::small_model());
  EXPECT_EQ(loaded.users.find("b"), 1);
  EXPECT_EQ(loaded.items.find("30"), 2);
  save_model(loaded, folder.path() / "again.safetensors");
  EXPECT_EQ(read_file(path), read_file(folder.path() / "again.safetensors"));
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"again.safetensors", "m.safetensors"}));
}

TEST(ModelFile, IsNotWrittenWithTextsThatItCouldNotRead) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  Model model = test::small_model();
  TextTable titles;
  for (const char* title : {"a", "caf\xe9", "", ""}) titles.push_back(title);
  model.catalogue.title = titles;
  EXPECT_THROW(save_model(model, path), FormatError);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ModelFile, HoldsWhatIsKnownOfItems) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  Model model = test::small_model();
  Catalogue& catalogue = model.catalogue;
  for (const char* text : {"A story.", "", "caf\xc3\xa9", ""}) catalogue.text.push_back(text);
  for (const char* words : {"toy|jealousy", "", "", ""}) catalogue.keywords.push_back(words);
  catalogue.year = {1995, 0, 1999, 0};
  catalogue.votes = {5415, 0, 7, 0};
  catalogue.imdb = {114709, 0, 0, 0};
  catalogue.tmdb = {862, 0, 8844, 0};
  save_model(model, path);
  const Catalogue loaded = load_model(path).catalogue;
  EXPECT_EQ(loaded.text, catalogue.text);
  EXPECT_EQ(loaded.keywords, catalogue.keywords);
  EXPECT_EQ(loaded.year, catalogue.year);
  EXPECT_EQ(loaded.votes, catalogue.votes);
  EXPECT_EQ(loaded.imdb, catalogue.imdb);
  EXPECT_EQ(loaded.tmdb, catalogue.tmdb);
  catalogue.year.pop_back();
  save_model(model, path);
  EXPECT_THROW(load_model(path), FormatError) << "a year short";
}

TEST(ModelFile, HoldsEveryKindOfModel) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  MfState state = test::small_model().state();
  const auto round_trip = [&](std::string_view kind) {
    Model model(make_dot_state(kind, state), test::small_model().seen(), {1, 5});
    model.users = test::small_model().users;
    model.items = test::small_model().items;
    model.catalogue = test::small_model().catalogue;
    save_model(model, path);
    expect_equal(load_model(path), model);
  };
  state.biased = false;
  state.user_bias.clear();
  state.item_bias.clear();
  round_trip("mf");
  state.factors = 0;
  state.user_factors.clear();
  state.item_factors.clear();
  round_trip("mean");
  state = test::small_model().state();
  state.factors = 0;
  state.user_factors.clear();
  state.item_factors.clear();
  round_trip("bias");
  EXPECT_THROW(round_trip("popular"), FormatError) << "whose users are all alike";
  std::fill(state.user_bias.begin(), state.user_bias.end(), 0.0f);
  round_trip("popular");
}

TEST(ModelFile, HoldsKnnModels) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  for (const Model& model : {test::small_knn_model(NeighbourPolicy::raters),
                             test::small_knn_model(NeighbourPolicy::table)}) {
    save_model(model, path);
    const Model loaded = load_model(path);
    expect_equal(loaded, model);
    save_model(loaded, folder.path() / "again");
    EXPECT_EQ(read_file(path), read_file(folder.path() / "again"));
  }
}

TEST(ModelFile, WeightShrinkageIsNoneInFilesFromBeforeIt) {
  auto metadata = test::small_knn_model(NeighbourPolicy::raters).metadata;
  EXPECT_EQ(knn_params_from(metadata).weight_shrinkage, 0.75f);
  EXPECT_EQ(metadata.erase("weight_shrinkage"), 1u);
  EXPECT_EQ(knn_params_from(metadata).weight_shrinkage, 0);
}

// Files of each released layout. They must load for ever.
TEST(ModelFile, LoadsTheGoldenFilesOfAllVersions) {
  for (int version = 1; version <= kModelFileVersion; ++version) {
    Model expected = test::small_model();
    if (version == 1) expected.rating_sample.clear();  // it came with version 2
    expect_equal(load_model(golden_file(version)), expected);
  }
}

TEST(ModelFile, WritesTheGoldenFilesBytes) {
  const TempFolder folder;
  save_model(test::small_model(), folder.path() / "m.safetensors");
  EXPECT_EQ(read_file(folder.path() / "m.safetensors"), read_file(golden_file(kModelFileVersion)));
}

// The golden file's checksum was computed by another program, from the README's words.
TEST(ModelFile, EveryChangedByteIsNoticed) {
  const TempFolder folder;
  const std::string good = read_file(golden_file(2));
  for (std::size_t place = 0; place < good.size(); ++place) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 1);
    const auto path = folder.write("m", bad);
    EXPECT_THROW(load_model(path), FormatError) << "byte " << place;
  }
}

TEST(ModelFile, TheChecksumIsVerifiedUnlessItIsNotWanted) {
  const TempFolder folder;
  std::string bytes = read_file(golden_file(2));
  const std::string title = "Twenty";
  bytes.replace(bytes.find(title), title.size(), "Thirty");
  const auto path = folder.write("m", bytes);
  try {
    load_model(path);
    FAIL() << "it was accepted";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("checksum"), std::string::npos) << error.what();
  }
  EXPECT_EQ(load_model(path, Checksum::ignore).catalogue.title[1], "Thirty, the \"film\"");
}

TEST(ModelFile, AFileThatCannotBeReadIsNotTakenForAnother) {
  const TempFolder folder;
  EXPECT_THROW(is_model_file(folder.path()), InputError);
}

TEST(ModelFile, FailsToWriteWithoutATrace) {
  const TempFolder folder;
  const auto old = folder.write("m.safetensors", "precious");
  MfState broken = test::small_model().state();
  broken.item_factors[3] = std::numeric_limits<float>::quiet_NaN();
  const Model model(make_dot_state("mf", broken), test::small_model().seen(), {1, 5});
  EXPECT_THROW(save_model(model, old), Error);
  EXPECT_EQ(read_file(old), "precious");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"m.safetensors"});
  EXPECT_THROW(save_model(test::small_model(), folder.path() / "no" / "m.safetensors"), Error);
  EXPECT_THROW(save_model(test::small_model(), folder.path()), Error);
}

TEST(ModelFile, IsToldFromOtherFiles) {
  const TempFolder folder;
  save_model(test::small_model(), folder.path() / "m");
  EXPECT_TRUE(is_model_file(folder.path() / "m"));
  EXPECT_FALSE(is_model_file(folder.write("text", "hello")));
  EXPECT_FALSE(is_model_file(folder.path() / "none"));
}

TEST(ModelFile, OneThatChangesWhileItIsReadIsAnError) {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  save_model(test::small_model(), path);
  using Clock = std::filesystem::file_time_type::clock;
  std::filesystem::last_write_time(path, Clock::now() - std::chrono::hours(1));
  const SafetensorsReader reader(path);
  EXPECT_EQ(reader.read<float>("mean").size(), 1u);
  EXPECT_NO_THROW(reader.check_unchanged());
  std::filesystem::resize_file(path, 100);
  EXPECT_THROW(reader.read<float>("mean"), InputError);
  EXPECT_THROW(reader.check_unchanged(), InputError);
}

}  // namespace
}  // namespace tusk
