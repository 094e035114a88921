#include <gtest/gtest.h>

#include <tusk/list_writer.hpp>

#include "cpu/cpu_backend.hpp"
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
  for (const std::uint64_t bytes : {std::uint64_t{700}, std::uint64_t{1} << 30}) {
    std::size_t place = 0;
    std::int64_t done = 0;
    ListHooks hooks;
    hooks.on_list = [&](Index user, std::span<const Recommendation> list) {
      EXPECT_EQ(user, users[place]);
      ASSERT_EQ(list.size(), lists[place].size());
      for (std::size_t r = 0; r < list.size(); ++r) EXPECT_EQ(list[r].item, lists[place][r].item);
      ++place;
    };
    hooks.on_batch = [&](std::int64_t so_far) { done = so_far; };
    recommender.for_each_list(users, 2, bytes, hooks);
    EXPECT_EQ(done, 2);
    hooks.should_stop = [] { return true; };
    EXPECT_THROW(recommender.for_each_list(users, 2, bytes, hooks), Interrupted);
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
    writer.write_header();
    writer.write(model, {"a,b", 1, item});
    writer.finish();
    file.commit();
    return test::read_file(folder.path() / name);
  };
  EXPECT_EQ(written("l.tsv"),
            "user\trank\titem\tscore\trating\ttitle\na,b\t1\t10\t2.5\t3.97\tTen\n");
  EXPECT_EQ(written("l.CSV"), "user,rank,item,score,rating,title\n\"a,b\",1,10,2.5,3.97,Ten\n");
  const Json json = Json::parse(written("l.jsonl"));
  EXPECT_EQ(json["rating"], 3.97);
  EXPECT_THROW(list_format("l.txt"), UsageError);
}

}  // namespace
}  // namespace tusk
