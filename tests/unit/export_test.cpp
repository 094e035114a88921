#include <cstring>
#include <filesystem>
#include <span>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <tusk/error.hpp>
#include <tusk/export.hpp>
#include <tusk/models.hpp>
#include <tusk/train.hpp>
#include <tusk/write_parts.hpp>

#include "data/trec_id.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::read_file;
using test::TempFolder;

class ExportTest : public testing::Test {
 protected:
  std::string read(const std::string& name) const { return read_file(to_ / name); }
  void write(const Model& model, const ExportOptions& options = {}) {
    export_model(*device_, model, to_, options);
  }

  TempFolder folder_;
  const std::filesystem::path to_ = folder_.path() / "to";
  const std::unique_ptr<Device> device_ = open_device({"cpu"});
};

TEST_F(ExportTest, WritesFactorsAndTitlesAsCsv) {
  write(test::small_model());
  EXPECT_EQ(read("user_factors.csv"), "userId,bu,f0,f1\na,0.5,1,0.5\nb,0.25,2,1\nc,0,0,0\n");
  EXPECT_EQ(read("item_factors.csv"),
            "itemId,bi,f0,f1\n10,-0.25,0.25,0.5\n20,0.75,1.5,0.5\n30,-0.5,-2,-0.5\n40,0,0,0\n");
  EXPECT_EQ(read("items.csv"),
            "itemId,ratings,title,genres,year\n10,1,Ten,Drama,\n"
            "20,1,\"Twenty, the \"\"film\"\"\",,\n30,1,Caf\xc3\xa9 Thirty,Comedy|War,\n40,0,,,\n");
  const auto meta = nlohmann::json::parse(read("meta.json"));
  EXPECT_EQ(meta["model"], "mf");
  EXPECT_EQ(meta["mean"], 3);
  EXPECT_EQ(meta["scale"], nlohmann::json({1, 5}));
  EXPECT_EQ(meta["metadata"]["split"], "none");
  EXPECT_FALSE(std::filesystem::exists(to_ / "neighbours.csv")) << "mf keeps no neighbours";
}

TEST_F(ExportTest, EscapesWhatASpreadsheetWouldRun) {
  Model model = test::small_model();
  TextTable titles;
  for (const char* title : {"=cmd()", "-1", "", ""}) titles.push_back(title);
  model.catalogue.title = titles;
  write(model);
  EXPECT_NE(read("items.csv").find("10,1,\"'=cmd()\",Drama,"), std::string::npos);
  EXPECT_NE(read("items.csv").find("20,1,-1,,"), std::string::npos) << "a number";
  write(model, {.overwrite = true, .raw_cells = true});
  EXPECT_NE(read("items.csv").find("10,1,=cmd(),Drama,"), std::string::npos);
}

TEST_F(ExportTest, WritesNeighbours) {
  const Model model = test::small_knn_model(NeighbourPolicy::table);
  write(model);
  EXPECT_EQ(read("neighbours.csv"),
            "itemId,rank,neighbourId,similarity\n10,1,20,0.9\n10,2,30,0.5\n20,1,10,0.9\n"
            "30,1,10,0.5\n");
  write(model, {.format = ExportFormat::json, .neighbours = 1, .overwrite = true});
  EXPECT_EQ(read("neighbours.jsonl"),
            "{\"item\":10,\"rank\":1,\"neighbour\":20,\"similarity\":0.9}\n"
            "{\"item\":20,\"rank\":1,\"neighbour\":10,\"similarity\":0.9}\n"
            "{\"item\":30,\"rank\":1,\"neighbour\":10,\"similarity\":0.5}\n");
}

TEST_F(ExportTest, WritesJsonLines) {
  write(test::small_model(), {.format = ExportFormat::json});
  EXPECT_EQ(read("user_factors.jsonl"),
            "{\"user\":\"a\",\"bias\":0.5,\"factors\":[1.0,0.5]}\n"
            "{\"user\":\"b\",\"bias\":0.25,\"factors\":[2.0,1.0]}\n"
            "{\"user\":\"c\",\"bias\":0.0,\"factors\":[0.0,0.0]}\n");
  EXPECT_NE(read("items.jsonl").find("\"title\":\"Caf\xc3\xa9 Thirty\""), std::string::npos);
}

// The header of an array, and its values.
std::pair<std::string, std::string> npy(const std::string& bytes) {
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  const auto length = static_cast<unsigned char>(bytes[8]) +
                      256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
  EXPECT_EQ((10 + length) % 64, 0u);
  return {bytes.substr(10, length), bytes.substr(10 + length)};
}

TEST_F(ExportTest, WritesArraysOfNumpy) {
  write(test::small_model(), {.format = ExportFormat::npy});
  const auto [header, values] = npy(read("item_factors.npy"));
  EXPECT_TRUE(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }"))
      << header;
  ASSERT_EQ(values.size(), 8 * sizeof(float));
  float third = 0;
  std::memcpy(&third, values.data() + 2 * sizeof(float), sizeof(float));
  EXPECT_EQ(third, 1.5f);
  const auto [ids_header, ids] = npy(read("user_ids.npy"));
  EXPECT_NE(ids_header.find("'<U1', 'fortran_order': False, 'shape': (3,)"), std::string::npos);
  EXPECT_EQ(ids, std::string("a\0\0\0b\0\0\0c\0\0\0", 12));
  EXPECT_NE(npy(read("item_ids.npy")).first.find("'<i8'"), std::string::npos);
}

// More items than are asked for at a time, and of any number of neighbours.
TEST_F(ExportTest, NeighboursOfManyItemsAreThoseOfEach) {
  constexpr Index kMany = 1100;
  const Dataset data = test::random_dataset(60, kMany, 5000, 1);
  ItemKnnOptions knn;
  knn.neighbours = kMany;
  const Model model = train(*device_, data, knn);
  write(model, {.format = ExportFormat::npy, .neighbours = 1'000'000});
  const auto [header, neighbours] = npy(read("neighbours.npy"));
  EXPECT_NE(header.find("'shape': (1100, 1099)"), std::string::npos) << header;
  const std::string similarities = npy(read("similarities.npy")).second;
  const std::size_t row = (kMany - 1) * sizeof(Index);
  ASSERT_EQ(neighbours.size(), kMany * row);
  ASSERT_EQ(similarities.size(), kMany * row);
  const auto predictor = model.open(*device_);
  for (const Index item : {0, 511, 512, 1024, 1099}) {
    if (!model.knows_item(item)) continue;
    const TopK own = predictor->nearest_items({&item, 1}, kMany - 1).value();
    const std::size_t at = static_cast<std::size_t>(item) * row;
    EXPECT_EQ(std::memcmp(own.index.data(), neighbours.data() + at, row), 0) << item;
    EXPECT_EQ(std::memcmp(own.score.data(), similarities.data() + at, row), 0) << item;
  }
}

TEST_F(ExportTest, WritesThePartsOfAHybridModel) {
  const Dataset data = test::random_dataset(40, 30, 500, 3);
  HybridOptions options;
  options.collaborative = Collaborative::mf;
  options.mf.factors = 3;
  options.mf.epochs = 2;
  const Model model = train(*device_, data, options);
  write(model);
  const auto first_line = [&](const char* name) {
    const std::string text = read(name);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line("collaborative_user_factors.csv"), "userId,bu,f0,f1,f2");
  EXPECT_EQ(first_line("collaborative_item_factors.csv"), "itemId,bi,f0,f1,f2");
  EXPECT_EQ(first_line("content_item_factors.csv"), "itemId,bi");
  EXPECT_EQ(first_line("content_neighbours.csv"), "itemId,rank,neighbourId,similarity");
  EXPECT_EQ(first_line("popular_item_factors.csv"), "itemId,bi");
  EXPECT_FALSE(std::filesystem::exists(to_ / "collaborative_neighbours.csv")) << "mf keeps none";
  EXPECT_FALSE(std::filesystem::exists(to_ / "user_factors.csv"));
  const auto meta = nlohmann::json::parse(read("meta.json"));
  EXPECT_EQ(meta["model"], "hybrid");
  EXPECT_EQ(meta["parts"]["collaborative"]["model"], "mf");
  EXPECT_EQ(meta["parts"]["collaborative"]["factors"], 3);
  EXPECT_EQ(meta["parts"]["content"]["factors"], 0);
  // The same factors as mf alone has.
  export_model(*device_, train(*device_, data, options.mf), folder_.path() / "mf");
  EXPECT_EQ(read("collaborative_user_factors.csv"),
            read_file(folder_.path() / "mf" / "user_factors.csv"));
}

TEST_F(ExportTest, ReplacesNothingUnlessItMay) {
  write(test::small_model());
  EXPECT_THROW(write(test::small_model()), Error);
  write(test::small_model(), {.overwrite = true});
  export_model(*device_, test::small_model(), to_ / "a" / "b");
  EXPECT_TRUE(std::filesystem::exists(to_ / "a" / "b" / "meta.json")) << "folders above are made";
  EXPECT_THROW(export_model(*device_, test::small_model(), folder_.path() / "other", {},
                            {[] { return true; }}),
               Interrupted);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "other")) << "nothing is left";
  EXPECT_THROW(parse_export_format("xml"), UsageError);
}

TEST(WriteParts, AreReadAsTheRatingsThatTheyWere) {
  const Dataset data = test::read_text(
      "user,item,rating,timestamp\n\"a,b\",\" x\",3.7,5\nc,x,4,\nc,y,1e-7,7\nd,\"q\"\"\",5,8\n");
  const std::vector<Label> label = {0, 1, 0, 1};
  const TempFolder folder;
  const RatingPart parts[] = {
      {"train", only(0)}, {"test", only(1), true}, {"all", only(0) | only(1)}};
  const auto written = write_parts(data, label, parts, folder.path(), {.relevance = 4.5f});
  ASSERT_EQ(written.size(), 3u);
  EXPECT_EQ(written[0].ratings, 2);
  EXPECT_EQ(written[0].relevant, std::nullopt);
  EXPECT_EQ(written[1].relevant, 1);
  EXPECT_EQ(read_file(written[0].file),
            "userId,itemId,rating,timestamp\n\"a,b\",\" x\",3.7,5\nc,y,1e-07,7\n");
  EXPECT_EQ(read_file(folder.path() / "test.qrels"), "d 0 q\" 1\n");
  const Dataset again = read_dataset(written[2].file);
  EXPECT_EQ(dataset_hash(again), dataset_hash(data));
  EXPECT_EQ(again.timestamp, data.timestamp);
  EXPECT_THROW(write_parts(data, label, parts, folder.path()), UsageError) << "are there";
  // On a scale of 100 points the usual place of "liked" is another; of weights all count.
  const RatingPart points[] = {{"points", only(0), true}};
  write_parts(test::read_text("user,item,rating\n1,1,0\n1,2,74\n2,1,76\n2,2,100\n"),
              std::vector<Label>(4, 0), points, folder.path());
  EXPECT_EQ(read_file(folder.path() / "points.qrels"), "2 0 1 1\n2 0 2 1\n");
  const RatingPart weights[] = {{"weights", only(0), true}};
  write_parts(test::read_text("user,item\n1,1\n2,2\n", {.implicit = true}),
              std::vector<Label>(2, 0), weights, folder.path());
  EXPECT_EQ(read_file(folder.path() / "weights.qrels"), "1 0 1 1\n2 0 2 1\n");
  const RatingPart blanks[] = {{"blanks", only(0), true}};
  EXPECT_THROW(write_parts(data, label, blanks, folder.path(), {.relevance = 0}), InputError);
  EXPECT_THROW(write_parts(data, std::span(label).first(3), parts, folder.path() / "other"),
               UsageError);
  EXPECT_THROW(write_parts(data, label, blanks, folder.path() / "other" / "one", {.relevance = 0}),
               InputError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "other"));
}

TEST(TrecId, HasNoBlanks) {
  check_trec_id("caf\xC3\xA9-1");
  for (const char* id : {"a b", "a\tb", "a\nb", "\vb", "b\f", "\r"}) {
    EXPECT_THROW(check_trec_id(id), InputError) << id;
  }
}

}  // namespace
}  // namespace tusk
