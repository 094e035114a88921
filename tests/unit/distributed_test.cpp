// Training by several processes: what each reads and keeps, and that the model is that of one.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/synthetic.hpp>
#include <tusk/train.hpp>

#include "distributed/collectives.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/local_processes.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {
namespace {

TrainOptions options(int epochs = 3) {
  MfOptions mf;
  mf.factors = 5;
  mf.epochs = epochs;
  return TrainOptions(mf);
}

std::unique_ptr<Device> cpu(int threads) {
  DeviceOptions device;
  device.device = "cpu";
  device.threads = threads;
  return open_device(device);
}

// Of all ratings that this process has a part of.
FitResult fit_all(const Dataset& data, const TrainOptions& with, int threads = 1,
                  const Observer& observer = {}, const FitExtras& extras = {}) {
  const Partition split = make_split(data, {}, 0);
  const LabelSet part = split.train();
  return fit(*cpu(threads), data, split.label, {&part, 1}, with, observer, extras).front();
}

class DistributedTest : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  // The bytes of the model that so many processes train of a file, and how many ratings each had.
  std::string trained(const std::string& path, int processes, const ReadOptions& reading = {},
                      const FitExtras& extras = {}, const Network& network = {}, int threads = 2) {
    ratings_.assign(static_cast<std::size_t>(processes), 0);
    const std::string out = file(fmt::format("model_{}", processes));
    LocalProcesses(processes, network).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions shared = reading;
      shared.threads = threads;
      shared.processes = communicator;
      const Dataset data = read_dataset(path, shared);
      ratings_[static_cast<std::size_t>(communicator->rank())] = data.size();
      const auto model = make_shared_model(data, make_split(data, {}, 0),
                                           fit_all(data, options(), threads, {}, extras));
      EXPECT_EQ(model.has_value(), communicator->rank() == 0);
      if (model) save(*model, out);
    });
    return read_file(out);
  }

  // What one process makes of it without any communicator.
  std::string trained_alone(const std::string& path, const ReadOptions& reading = {}) {
    const Dataset data = read_dataset(path, reading);
    const Model model = train(*cpu(2), data, options());
    save(model, file("alone"));
    return read_file(file("alone"));
  }

  static void save(const Model& model, const std::string& path) {
    AtomicFile out(path);
    write_model(model, out);
    out.commit();
  }

  std::string synthetic(const SyntheticSpec& spec) {
    write_synthetic(spec, 1, folder_.path() / "data");
    return file("data");
  }

  TempFolder folder_;
  std::vector<std::int64_t> ratings_;
};

SyntheticSpec large_spec() {
  SyntheticSpec spec = small_spec();
  spec.users = 900;
  spec.items = 300;
  spec.ratings = 60'000;  // enough for five stripes
  return spec;
}

TEST_F(DistributedTest, AnyNumberOfProcessesWritesTheModelOfOne) {
  const std::string path = synthetic(large_spec());
  const std::string alone = trained_alone(path);
  for (const int processes : {1, 2, 3, 5}) {
    EXPECT_TRUE(trained(path, processes) == alone) << processes;
    const auto all = std::accumulate(ratings_.begin(), ratings_.end(), std::int64_t{0});
    EXPECT_EQ(all, 60'000);
    EXPECT_LT(*std::ranges::max_element(ratings_), all / processes + 2000) << "each has its share";
  }
  EXPECT_TRUE(trained(path, 4, {}, {}, {}, 1) == alone);
}

TEST_F(DistributedTest, ASlowNetworkChangesNoByte) {
  const std::string path = synthetic(large_spec());
  const Network slow{std::chrono::duration<double>(1e-3), 2e7};
  EXPECT_TRUE(trained(path, 3, {}, {}, slow) == trained_alone(path));
}

TEST_F(DistributedTest, MoreProcessesThanThereIsWorkForAreRefused) {
  const std::string path = synthetic(large_spec());
  EXPECT_THROW(trained(path, 6), UsageError);
}

// Ids that are numbers in the part of one process and texts in that of another; repeated ratings in
// different parts, of which the latest, the last of the file, or their mean counts; times that are
// missing; a header.
TEST_F(DistributedTest, IdsTimesAndRepeatedRatingsAreTakenAsByOneProcess) {
  std::string text = "user,item,rating,timestamp\n";
  for (int row = 0; row < 30'000; ++row) {
    const int user = (row * 7919) % 611;
    const std::string name =
        row > 25'000 && user % 5 == 0 ? fmt::format("u{}", user) : fmt::format("{}", user);
    text += fmt::format("{},{},{},{}\n", name, (row * 7723) % 257, 1 + row % 9 * 0.5,
                        row % 11 == 0 ? "" : fmt::format("{}", 1'000'000 + row * 37 % 5000));
  }
  const std::string path = folder_.write("ratings.csv", text).string();
  for (const Duplicates rule : {Duplicates::latest, Duplicates::last, Duplicates::mean}) {
    ReadOptions reading;
    reading.on_duplicate = rule;
    const std::string alone = trained_alone(path, reading);
    for (const int processes : {2, 3}) {
      EXPECT_TRUE(trained(path, processes, reading) == alone) << processes;
    }
  }
}

TEST_F(DistributedTest, WeightsAreTrainedOn) {
  std::string text;
  for (int row = 0; row < 20'000; ++row) {
    text += fmt::format("{},{},{}\n", (row * 7919) % 611, (row * 7723) % 257, 1 + row % 5);
  }
  const std::string path = folder_.write("weights.csv", text).string();
  ReadOptions reading;
  reading.implicit = true;
  EXPECT_TRUE(trained(path, 2, reading) == trained_alone(path, reading));
}

// With the number of its line, whichever process reads it.
TEST_F(DistributedTest, ABadRowIsNamedOnAllProcesses) {
  for (const int bad : {5, 900, 1999}) {
    std::string text;
    for (int row = 1; row <= 2000; ++row) {
      text += fmt::format("{},{},{}\n", row % 97, row % 31, row == bad ? "x" : "3");
    }
    const std::string path = folder_.write("bad.csv", text).string();
    std::mutex mutex;
    std::vector<std::string> messages;
    LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions reading;
      reading.processes = communicator;
      try {
        read_dataset(path, reading);
      } catch (const InputError& error) {
        const std::lock_guard lock(mutex);
        messages.emplace_back(error.what());
      }
    });
    ASSERT_EQ(messages.size(), 3u);
    for (const std::string& message : messages) {
      EXPECT_NE(message.find(fmt::format("bad.csv:{}:", bad)), std::string::npos) << message;
    }
    ReadOptions skip;
    skip.on_bad = BadRows::skip;
    LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions reading = skip;
      reading.processes = communicator;
      const Dataset data = read_dataset(path, reading);
      EXPECT_EQ(data.report.bad_rows, 1);
      EXPECT_NE(data.report.first_bad_row.find(fmt::format(":{}:", bad)), std::string::npos);
      EXPECT_EQ(data.report.rows, 1999);
    });
  }
}

TEST_F(DistributedTest, ARepeatedRatingIsNamedOnAllProcesses) {
  std::string text = "1,1,5\n";
  for (int row = 2; row <= 500; ++row) text += fmt::format("{},{},3\n", row, row % 31);
  text += "1,1,4\n";
  const std::string path = folder_.write("twice.csv", text).string();
  std::atomic<int> named = 0;
  LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
    ReadOptions reading;
    reading.processes = communicator;
    reading.on_duplicate = Duplicates::error;
    try {
      read_dataset(path, reading);
    } catch (const InputError& error) {
      named += std::string(error.what()).find("twice.csv:501") != std::string::npos ? 1 : 0;
    }
  });
  EXPECT_EQ(named, 3);
}

// A checkpoint of three processes, from which one, two and five go on.
TEST_F(DistributedTest, OtherNumbersOfProcessesGoOnFromACheckpoint) {
  const std::string path = synthetic(large_spec());
  const std::string whole = trained_alone(path);
  const auto stopped_after = [&](int processes, int epochs) {
    LocalProcesses(processes).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions reading;
      reading.processes = communicator;
      const Dataset data = read_dataset(path, reading);
      FitExtras extras;
      extras.checkpoint = {file("checkpoint"), 1};
      Observer observer;
      observer.on_epoch = [&](std::span<const EpochReport> reports) {
        if (reports.front().epoch == epochs) throw std::runtime_error("the machine is gone");
      };
      EXPECT_THROW(fit_all(data, options(), 1, observer, extras), std::runtime_error);
    });
  };
  for (const int processes : {1, 2, 5}) {
    std::filesystem::remove(file("checkpoint"));
    stopped_after(3, 1);
    FitExtras extras;
    extras.checkpoint = {file("checkpoint"), 1};
    EXPECT_TRUE(trained(path, processes, {}, extras) == whole) << processes;
  }
}

TEST_F(DistributedTest, OtherModelsAreRefused) {
  const std::string path = synthetic(small_spec());
  const auto refused = [&](const TrainOptions& with) {
    std::atomic<int> times = 0;
    LocalProcesses(2).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions reading;
      reading.processes = communicator;
      const Dataset data = read_dataset(path, reading);
      try {
        fit_all(data, with);
      } catch (const UsageError&) {
        ++times;
      }
    });
    EXPECT_EQ(times, 2);
  };
  refused(TrainOptions(BiasOptions()));
  MfOptions early;
  early.early_stop = 3;
  refused(TrainOptions(early));
  MfOptions adam;
  adam.epochs = 2;
  adam.optimizer = Optimizer::adam;
  refused(TrainOptions(adam));
}

// One user, whose ratings one process has; and rows that are skipped, of which other processes have
// nothing else.
TEST_F(DistributedTest, AProcessMayBeWithoutRatings) {
  std::string one_user;
  for (int item = 0; item < 40; ++item) one_user += fmt::format("7,{},{}\n", item, 1 + item % 5);
  std::string mostly_bad = "user,item,rating\n";
  for (int item = 0; item < 40; ++item) mostly_bad += fmt::format("u{},i,x\n", item);
  for (const std::string& text :
       {one_user, mostly_bad + "u,1,4\nv,2,5\n", std::string("1,1,5\n")}) {
    const std::string path = folder_.write("few.csv", text).string();
    ReadOptions reading;
    reading.on_bad = BadRows::skip;
    const Dataset alone = read_dataset(path, reading);
    std::atomic<std::int64_t> ratings = 0;
    LocalProcesses(4).run([&](std::shared_ptr<Communicator> communicator) {
      ReadOptions shared = reading;
      shared.processes = communicator;
      const Dataset data = read_dataset(path, shared);
      ratings += data.size();
      EXPECT_EQ(data.users.size(), alone.users.size());
      EXPECT_EQ(data.items.id(0), alone.items.id(0));
      EXPECT_EQ(data.scale.high, alone.scale.high);
      EXPECT_EQ(dataset_hash(data), dataset_hash(alone));
    });
    EXPECT_EQ(ratings, alone.size());
  }
}

TEST_F(DistributedTest, AllStopIfOneIsToStop) {
  const std::string path = synthetic(large_spec());
  LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
    ReadOptions reading;
    reading.processes = communicator;
    Observer observer;
    int epochs = 0;
    observer.on_epoch = [&](std::span<const EpochReport>) { ++epochs; };
    observer.should_stop = [&] { return communicator->rank() == 1 && epochs == 2; };
    const FitResult fitted = fit_all(read_dataset(path, reading), options(50), 1, observer);
    EXPECT_TRUE(fitted.interrupted);
    EXPECT_EQ(fitted.epochs, 2);
  });
  LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
    ReadOptions reading;
    reading.processes = communicator;
    Observer observer;
    observer.should_stop = [&] { return communicator->rank() == 2; };
    EXPECT_THROW(read_dataset(path, reading, observer), Interrupted);
  });
}

TEST_F(DistributedTest, ArraysAreNotShared) {
  LocalProcesses(2).run([&](std::shared_ptr<Communicator> communicator) {
    ReadOptions reading;
    reading.processes = communicator;
    const std::vector<std::int64_t> ids = {1, 2};
    const std::vector<float> ratings = {3, 4};
    EXPECT_THROW(Dataset::from_arrays(IdColumn(ids), IdColumn(ids), ratings, {}, reading),
                 UsageError);
  });
}

TEST_F(DistributedTest, ProcessesThatRoundDifferentlyAreRefused) {
  const std::string path = synthetic(small_spec());
  std::atomic<int> refused = 0;
  LocalProcesses(2).run([&](std::shared_ptr<Communicator> communicator) {
    ReadOptions reading;
    reading.processes = communicator;
    const Dataset data = read_dataset(path, reading);
    DeviceOptions device;
    device.device = "cpu";
    device.cpu_kernels = communicator->rank() == 0 ? "auto" : "baseline";
    const auto own = open_device(device);
    const auto bits =
        gather_on_all(*communicator, std::vector<char>(own->bits().begin(), own->bits().end()));
    if (bits[0] == bits[1]) {  // a processor that has baseline alone
      refused = 2;
      return;
    }
    const Partition split = make_split(data, {}, 0);
    const LabelSet part = split.train();
    try {
      fit(*own, data, split.label, {&part, 1}, options());
    } catch (const UsageError&) {
      ++refused;
    }
  });
  EXPECT_EQ(refused, 2);
}

TEST(Collectives, WorkInTurnGoesOnWhereTheOneBeforeEnded) {
  LocalProcesses(4).run([&](std::shared_ptr<Communicator> processes) {
    double state = 1;
    in_turn(processes.get(), std::as_writable_bytes(std::span(&state, 1)),
            [&] { state = state * 3 + processes->rank(); });
    EXPECT_EQ(state, (((1 * 3 + 0) * 3 + 1) * 3 + 2) * 3 + 3);
    const std::vector<int> own(static_cast<std::size_t>(processes->rank()), processes->rank());
    EXPECT_EQ(gather_on_all(*processes, own)[3], (std::vector<int>{3, 3, 3}));
    std::vector<int> all = own;
    append_on_first(processes.get(), all);
    EXPECT_EQ(all,
              processes->rank() == 0 ? (std::vector<int>{1, 2, 2, 3, 3, 3}) : std::vector<int>());
  });
}

}  // namespace
}  // namespace tusk::test
