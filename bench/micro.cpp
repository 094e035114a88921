// The stages from a file to a trained model and to lists of items, one by one, on a synthetic twin:
// that of MovieLens 10M or the one that $TUSK_BENCH_LIKE names. It is written into the folder that
// $TUSK_BENCH_DATA names, by default one for temporary files. Then title search, on made-up titles.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "bare_gemm.hpp"
#include "cpu/rating_blocks.hpp"
#include "data/rating_format.hpp"
#include "data/rating_parser.hpp"
#include "data/text_file.hpp"
#include "models/mf/mf.hpp"
#include "support/thread_pool.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path& twin() {
  static const fs::path path = [] {
    const char* const place = std::getenv("TUSK_BENCH_DATA");
    const char* const named = std::getenv("TUSK_BENCH_LIKE");
    const std::string like = named != nullptr ? named : "ml-10m";
    const fs::path folder =
        (place != nullptr ? fs::path(place) : fs::temp_directory_path()) / ("twin-" + like);
    if (!fs::exists(folder / "ratings.csv")) {
      tusk::write_synthetic(tusk::synthetic_spec(like), 1, folder);
    }
    return folder;
  }();
  return path;
}

const tusk::Dataset& data() {
  static const tusk::Dataset dataset = tusk::read_dataset(twin());
  return dataset;
}

std::unique_ptr<tusk::MfSession> open(tusk::Backend& backend, int factors) {
  static const tusk::Partition split = tusk::make_split(data(), tusk::parse_split("random:0.1"), 1);
  tusk::MfOptions options;
  options.factors = factors;
  return backend.open_mf({data().ratings(),
                          split.label,
                          data().scale,
                          {{tusk::mf_params(options, 1.05f), split.train(), split.test, 3.5f}}});
}

void count_ratings(benchmark::State& state, std::int64_t ratings) {
  state.SetItemsProcessed(state.iterations() * ratings);
}

void parse(benchmark::State& state) {
  const tusk::TextFile file(twin() / "ratings.csv", "ratings");
  const tusk::ReadOptions options;
  const auto format = tusk::recognise_format(file.head(), file.name(), options);
  tusk::ThreadPool threads(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const tusk::RatingText ratings(file, format, options);
    benchmark::DoNotOptimize(ratings.parse(threads, [](std::int64_t) {}));
  }
  count_ratings(state, data().size());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.file().size()));
}

void read(benchmark::State& state) {
  const std::int64_t ratings = data().size();
  tusk::ReadOptions options;
  options.threads = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(tusk::read_dataset(twin(), options));
  count_ratings(state, ratings);
}

void build_blocks(benchmark::State& state) {
  tusk::ThreadPool threads(static_cast<int>(state.range(0)));
  const std::vector<tusk::Label> label(data().rating.size());
  const auto build = [&] {
    return tusk::RatingBlocks(data().ratings(), label, tusk::LabelSet().set(), threads);
  };
  for (auto _ : state) benchmark::DoNotOptimize(build());
  count_ratings(state, data().size());
  // How unequal the blocks are, and how long the runs of users in them.
  const tusk::RatingBlocks blocks = build();
  std::int64_t largest = 0;
  std::size_t runs = 0;
  for (int u = 0; u < blocks.stripes(); ++u) {
    for (int i = 0; i < blocks.stripes(); ++i) {
      std::int64_t ratings = 0;
      for (const tusk::UserRun& run : blocks.runs(u, i)) ratings += run.count;
      largest = std::max(largest, ratings);
      runs += blocks.runs(u, i).size();
    }
  }
  const double mean = static_cast<double>(blocks.size()) / (blocks.stripes() * blocks.stripes());
  state.counters["largest_over_mean_block"] = static_cast<double>(largest) / mean;
  state.counters["ratings_per_run"] =
      static_cast<double>(blocks.size()) / static_cast<double>(runs);
}

void sgd_epoch(benchmark::State& state) {
  const auto backend = tusk::make_backend({"cpu", static_cast<int>(state.range(1))});
  const auto session = open(*backend, static_cast<int>(state.range(0)));
  const float rate = 1;
  std::int64_t ratings = 0;
  for (auto _ : state) ratings = session->run_epoch({&rate, 1}).front().count;
  count_ratings(state, ratings);
}

void rmse_pass(benchmark::State& state) {
  const auto backend = tusk::make_backend({"cpu", static_cast<int>(state.range(1))});
  const auto session = open(*backend, static_cast<int>(state.range(0)));
  std::int64_t ratings = 0;
  for (auto _ : state) ratings = session->validate().front().count;
  count_ratings(state, ratings);
}

// A model trained a little, as top-K wants one: scores of random factors have no popular items.
const tusk::Model& model(int factors) {
  static std::map<int, tusk::Model> models;
  if (const auto found = models.find(factors); found != models.end()) return found->second;
  const auto backend = tusk::make_backend();
  tusk::MfOptions options;
  options.factors = factors;
  options.epochs = 3;
  return models[factors] = tusk::train(*backend, data(), options);
}

void count_scores(benchmark::State& state, const tusk::MfState& mf) {
  state.SetItemsProcessed(state.iterations() * mf.users * mf.items);
}

void top10_of_all_users(benchmark::State& state) {
  const tusk::Model& mf = model(static_cast<int>(state.range(0)));
  const auto backend = tusk::make_backend({"cpu", static_cast<int>(state.range(1))});
  std::vector<tusk::Index> users(static_cast<std::size_t>(mf.state().users));
  std::iota(users.begin(), users.end(), 0);
  for (auto _ : state) {
    tusk::Recommender recommender(*backend, mf);
    benchmark::DoNotOptimize(recommender.top_k(users, 10));
  }
  count_scores(state, mf.state());
}

// The list of somebody who was not trained: folded in from so many ratings, the model open.
void fold_in_list_of_ten(benchmark::State& state) {
  const tusk::Model& mf = model(200);
  const auto ratings = state.range(0);
  const auto backend = tusk::make_backend({"cpu", static_cast<int>(state.range(1))});
  const tusk::Recommender recommender(*backend, mf);
  const std::vector<std::int64_t> offset = {0, ratings};
  const tusk::CsrView all = data().ratings();
  tusk::Index user = 0;
  const auto list_of_next = [&] {
    while (std::ssize(all.row(user)) < ratings) user = (user + 1) % all.rows();
    const auto first = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(user)]);
    const auto items = all.row(user).first(static_cast<std::size_t>(ratings));
    user = (user + 1) % all.rows();
    return recommender.recommend_new(
        {offset, items, all.value.subspan(first, items.size()), all.columns}, 10);
  };
  list_of_next();  // makes what all lists share
  for (auto _ : state) benchmark::DoNotOptimize(list_of_next());
}

// The same scores by Eigen, thrown away.
void bare_gemm(benchmark::State& state) {
  const tusk::MfState& mf = model(static_cast<int>(state.range(0))).state();
  for (auto _ : state) {
    benchmark::DoNotOptimize(tusk::bench::bare_gemm(mf.user_factors, mf.item_factors, mf.factors,
                                                    static_cast<int>(state.range(1))));
  }
  count_scores(state, mf);
}

// The ten nearest of every item by genres, words of titles and years.
void content_neighbours(benchmark::State& state) {
  static const tusk::Model content = [] {
    const auto backend = tusk::make_backend();
    return tusk::train(*backend, data(), tusk::ContentOptions());
  }();
  const auto backend = tusk::make_backend({"cpu", static_cast<int>(state.range(0))});
  std::vector<tusk::Index> items(static_cast<std::size_t>(content.state().items));
  std::iota(items.begin(), items.end(), 0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(content.open(*backend)->nearest_items(items, 10));
  }
  state.SetItemsProcessed(state.iterations() * content.state().items);
}

// 60,000 titles of one to six words, of which few are common and most are rare, some joined by
// hyphens, with years and articles.
const tusk::TitleIndex& titles() {
  static const tusk::TitleIndex index = [] {
    constexpr std::size_t kTitles = 60'000;
    constexpr std::size_t kWords = 30'000;
    std::mt19937 draw(1);  // its numbers are the same everywhere
    const auto below = [&](std::size_t limit) { return draw() % limit; };
    std::vector<std::string> words;
    while (words.size() < kWords) {
      std::string& word = words.emplace_back();
      for (std::size_t s = 0; s < 2 + words.size() % 3; ++s) {
        word += "bcdfghklmnprst"[below(14)];
        word += "aeiou"[below(5)];
      }
    }
    tusk::Catalogue catalogue;
    std::vector<std::int64_t> ratings;
    while (ratings.size() < kTitles) {
      std::string title;
      for (std::size_t w = 0; w < 1 + ratings.size() % 6; ++w) {
        if (w > 0) title += below(20) == 0 ? '-' : ' ';
        title += words[below(below(kWords) + 1)];
      }
      if (below(5) == 0) title += ", The";
      title += " (" + std::to_string(1930 + below(90)) + ")";
      catalogue.title.push_back(title);
      ratings.push_back(static_cast<std::int64_t>(below(1000)));
    }
    catalogue.title.push_back(
        "Unforgettable Journey Across the Quiet Mountains of Yesterday (1999)");
    ratings.push_back(5);
    return tusk::TitleIndex(catalogue, ratings);
  }();
  return index;
}

void find_title(benchmark::State& state, const char* text) {
  const tusk::TitleIndex& index = titles();
  for (auto _ : state) benchmark::DoNotOptimize(index.find(text));
}

}  // namespace

BENCHMARK(content_neighbours)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_title, hit, "unforgettable journey across the quiet mountains of yesterday")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_title, one_letter, "s")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_title, two_letters, "sa")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_title, two_beginnings, "s b")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_title, typo, "unforgetable journey acros the quiet montains of yesterday")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(parse)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(read)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(build_blocks)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(sgd_epoch)
    ->ArgsProduct({{16, 32, 64, 100, 128, 200, 256, 512}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(rmse_pass)
    ->ArgsProduct({{64, 200}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(top10_of_all_users)
    ->ArgsProduct({{64, 128}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(fold_in_list_of_ten)
    ->ArgsProduct({{5, 20, 200}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(bare_gemm)
    ->ArgsProduct({{64, 128}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
