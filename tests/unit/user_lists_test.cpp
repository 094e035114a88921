#include <gtest/gtest.h>

#include <tusk/list_writer.hpp>
#include <tusk/train.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

TEST(Shard, PartsOneAfterAnotherAreTheWhole) {
  std::vector<Index> all(10);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Index>(i);
  for (const std::size_t of : {1u, 3u, 7u, 10u, 25u}) {
    std::vector<Index> joined;
    for (std::size_t number = 1; number <= of; ++number) {
      const auto part = Shard{number, of}.take(all);
      EXPECT_LE(part.size(), all.size() / of + 1);
      joined.insert(joined.end(), part.begin(), part.end());
    }
    EXPECT_EQ(joined, all) << of;
  }
  EXPECT_EQ(parse_shard("2/8").number, 2u);
  for (const char* text : {"", "2", "0/3", "4/3", "a/3", "1/2/3"}) {
    EXPECT_THROW(parse_shard(text), UsageError) << text;
  }
}

TEST(ForEachList, GivesTheListsOfRecommendWhateverTheMemory) {
  const Model model = test::small_model();
  const auto backend = make_cpu_backend(1);
  const Recommender recommender(*backend, model);
  const std::vector<Index> users = known_users(model);
  EXPECT_EQ(users, (std::vector<Index>{0, 1}));
  const auto lists = recommender.recommend(users, 2);
  for (const std::uint64_t bytes : {std::uint64_t{1000}, std::uint64_t{1} << 30}) {
    std::size_t place = 0;
    std::int64_t done = 0;
    const auto on_list = [&](Index user, std::span<const Recommendation> list) {
      EXPECT_EQ(user, users[place]);
      ASSERT_EQ(list.size(), lists[place].size());
      for (std::size_t r = 0; r < list.size(); ++r) EXPECT_EQ(list[r].item, lists[place][r].item);
      ++place;
    };
    Observer observer;
    observer.on_progress = [&](Work what, std::int64_t so_far, std::int64_t of) {
      EXPECT_EQ(what, Work::lists);
      EXPECT_EQ(of, 2);
      done = so_far;
    };
    recommender.for_each_list(users, 2, bytes, on_list, observer);
    EXPECT_EQ(done, 2);
    observer.should_stop = [] { return true; };
    EXPECT_THROW(recommender.for_each_list(users, 2, bytes, on_list, observer), Interrupted);
  }
  EXPECT_THROW(recommender.for_each_list(users, 2, 1, {}), UsageError);
}

TEST(ListWriter, WritesTheFormatOfTheName) {
  const test::TempFolder folder;
  Model model = test::small_model();
  const Recommendation item{{2.5f, 3.97f, Evidence::full}, 0};
  const auto written = [&](const char* name) {
    AtomicFile file(folder.path() / name);
    ListWriter writer(list_format(name), Cells::safe, file);
    writer.write_header(model);
    writer.write(model, {"a,b", 1, item});
    writer.finish();
    file.commit();
    return test::read_file(folder.path() / name);
  };
  EXPECT_EQ(written("l.tsv"),
            "user\trank\titem\tscore\trating\ttitle\tevidence\n"
            "a,b\t1\t10\t2.5\t3.97\tTen\tfull\n");
  EXPECT_EQ(written("l.CSV"),
            "user,rank,item,score,rating,title,evidence\n\"a,b\",1,10,2.5,3.97,Ten,full\n");
  const Json json = Json::parse(written("l.jsonl"));
  EXPECT_EQ(json["rating"], 3.97);
  EXPECT_THROW(list_format("l.txt"), UsageError);
}

TEST(ListWriter, WritesTheRanksInTheParts) {
  const test::TempFolder folder;
  const auto device = open_device({"cpu", 1});
  const Model model = train(*device, test::random_dataset(10, 8, 50, 1), HybridOptions());
  Recommendation item{{2.5f, 3.5f, Evidence::content}, 0};
  item.parts = {{"collaborative", 2}, {"content", 1}};
  AtomicFile file(folder.path() / "l.tsv");
  ListWriter writer(ListFormat::csv, Cells::safe, file);
  writer.write_header(model);
  writer.write(model, {"7", 1, item});
  writer.finish();
  file.commit();
  EXPECT_EQ(test::read_file(folder.path() / "l.tsv"),
            "user,rank,item,score,rating,title,evidence,parts\n"
            "7,1,0,2.5,3.5,,content,collaborative:2|content:1\n");
}

TEST(ListWriter, ScoresOfARunFallWithTheRankIfAsked) {
  const test::TempFolder folder;
  const Model model = test::small_model();
  AtomicFile file(folder.path() / "l.run");
  ListWriter writer(ListFormat::run, Cells::safe, file);
  writer.score_by_rank();
  for (const std::size_t rank : {1, 2, 4}) writer.write(model, {"7", rank, {{1, 1}, 0}});
  writer.finish();
  file.commit();
  EXPECT_EQ(test::read_file(folder.path() / "l.run"),
            "7 Q0 10 1 1 tusk\n7 Q0 10 2 0.5 tusk\n7 Q0 10 4 0.25 tusk\n");
}

}  // namespace
}  // namespace tusk
