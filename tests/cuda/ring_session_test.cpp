// Training by several processes with an emulated GPU each: as threads, between which messages go as
// late as they may.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/library_memory.hpp"
#include "cuda/ring_work.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/local_processes.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk::test {
namespace {

class EmulatedRing : public EmulatedTest {
 protected:
  static std::unique_ptr<Backend> gpu(const CudaOptions& options = {}) {
    return make_cuda_backend(open_emulated_gpu(), make_cpu_backend(1), 1, options);
  }

  // What one process has read: users that follow each other.
  struct Share {
    Share(const std::vector<Rating>& all, Index users, Index items, const Communicator& processes) {
      std::vector<Rating> own;
      std::ranges::copy_if(all, std::back_inserter(own), [&](const Rating& rating) {
        return rating.user * processes.size() / users == processes.rank();
      });
      data = make_dataset(users, items, own);
      for (const Rating& rating : own) label.push_back(rating.timestamp > 0 ? 1 : 0);
    }
    // Those without a time are trained on.
    MfProblem problem(const MfParams& params, std::shared_ptr<Communicator> processes) const {
      MfProblem problem{data.ratings(), label, data.scale, {{params, LabelSet().set(0), {}, 3.0f}}};
      problem.processes = std::move(processes);
      return problem;
    }
    Dataset data;
    std::vector<Label> label;
  };

  // Calls job(session, rank) in each of so many processes.
  template <class Job>
  static void run(int processes, const std::vector<Rating>& ratings, Index users, Index items,
                  const MfParams& params, const Job& job, const CudaOptions& options = {}) {
    LocalProcesses(processes).run([&](std::shared_ptr<Communicator> communicator) {
      const Share share(ratings, users, items, *communicator);
      {
        const auto backend = gpu(options);
        const auto session = backend->open_mf(share.problem(params, communicator));
        job(*session, communicator->rank());
      }
      EXPECT_EQ(emulated_memory().used, 0u);
      EXPECT_EQ(emulated_memory().handles, 0);
      EXPECT_EQ(emulated_calls().freed_in_use, 0);
      EXPECT_EQ(emulated_calls().sent_in_use, 0);
    });
  }
};

// Groups of users, one for each process, and of items, one for each of their parts, who all rate
// them all: so a block has one rating of each group, and blocks of one step share nothing, while
// the order of the steps shows.
struct Groups {
  Groups(int processes, Index count)
      : users_(processes),
        items_(processes == 1 ? 1 : 2 * processes),
        users(users_ * count),
        items(items_ * count) {
    for (Index user = 0; user < users; ++user) {
      for (Index of_group = 0; of_group < items_; ++of_group) {
        const Index item = user / users_ * items_ + of_group;
        ratings.push_back({user, item, static_cast<float>(1 + (3 * user + 5 * item) % 9) / 2});
      }
    }
  }
  // The ratings in the order in which steps follow each other.
  template <class Visit>
  void each_in_order(const Visit& visit) const {
    for (int step = 0; step < items_; ++step) {
      for (const Rating& rating : ratings) {
        if (rating.item % items_ == ring_part(rating.user % users_, step, items_)) visit(rating);
      }
    }
  }
  Index users_;  // of a group
  Index items_;
  Index users;
  Index items;
  std::vector<Rating> ratings;
};

TEST_F(EmulatedRing, TrainsBlocksInTheirOrder) {
  for (const int processes : {1, 2, 3, 5}) {
    const Groups groups(processes, 12);
    for (const int factors : {1, 40, 513}) {
      for (const bool biased : {true, false}) {
        MfParams params = coarse_params(factors);
        params.biased = biased;
        run(processes, groups.ratings, groups.users, groups.items, params,
            [&](MfSession& session, int rank) {
              const MfState start = session.state(0);
              std::vector<double> errors;
              for (int epoch = 0; epoch < 3; ++epoch) {
                const SquaredError error = session.run_epoch({{1.0f}})[0];
                EXPECT_EQ(error.count, std::ssize(groups.ratings));
                errors.push_back(error.sum);
              }
              const MfState state = session.state(0);
              if (rank > 0) {
                EXPECT_EQ(state.users, 0);
                return;
              }
              ReferenceModel reference = reference_of(start);
              for (const double measured : errors) {
                double expected = 0;
                groups.each_in_order([&](const Rating& r) {
                  expected += std::pow(
                      reference.update(params, r.user, r.item, static_cast<double>(r.value)), 2);
                });
                EXPECT_NEAR(measured, expected, 1e-4 * expected);
              }
              EXPECT_LT(largest_difference(reference, state), 1e-4) << processes;
              EXPECT_EQ(state.user_bias.size(), biased ? groups.users : 0);
            });
      }
    }
  }
}

TEST_F(EmulatedRing, StartsFromTheFactorsOfOneGpu) {
  // The last user and the last item have a rating that is not trained on.
  auto ratings = commuting_ratings(41);
  ratings.back().timestamp = 1;
  const Dataset data = make_dataset(41, 41, ratings);
  std::vector<Label> label(ratings.size());
  label[40] = 1;
  for (const Precision precision : {Precision::fp32, Precision::fp16}) {
    const CudaOptions options{false, precision};
    const MfParams params = coarse_params(7);
    const MfState alone =
        gpu(options)
            ->open_mf({data.ratings(), label, data.scale, {{params, LabelSet().set(0), {}, 3.0f}}})
            ->state(0);
    run(
        3, ratings, 41, 41, params,
        [&](MfSession& session, int rank) {
          const MfState state = session.state(0);
          EXPECT_EQ(session.run_epoch({{1.0f}})[0].count, 40);
          if (rank > 0) return;
          EXPECT_EQ(state.users, 41);
          EXPECT_EQ(state.items, 41);
          EXPECT_EQ(state.mean, alone.mean);
          EXPECT_EQ(state.user_factors, alone.user_factors);
          EXPECT_EQ(state.item_factors, alone.item_factors);
          EXPECT_EQ(state.user_bias, alone.user_bias);
          EXPECT_EQ(state.item_bias, alone.item_bias);
        },
        options);
  }
}

// What neither commutes nor is balanced: to the error of one GPU, by any number of processes.
TEST_F(EmulatedRing, ErrorsFallAsOfOneGpu) {
  const Dataset data = random_dataset(150, 90, 4000, 5);
  std::vector<Rating> ratings;
  const CsrView by_user = data.ratings();
  for (Index user = 0; user < by_user.rows(); ++user) {
    const auto u = static_cast<std::size_t>(user);
    for (auto k = by_user.offset[u]; k < by_user.offset[u + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      // Some are not trained on.
      ratings.push_back({user, by_user.column[at], by_user.value[at], at % 10 == 0 ? 1 : 0});
    }
  }
  const auto trained =
      std::ranges::count_if(ratings, [](const Rating& rating) { return rating.timestamp == 0; });
  const MfParams params = coarse_params(8);
  for (const Precision precision : {Precision::fp32, Precision::fp16}) {
    std::vector<double> last;
    for (const int processes : {1, 2, 4}) {
      run(
          processes, ratings, by_user.rows(), by_user.columns, params,
          [&](MfSession& session, int rank) {
            const double first = session.run_epoch({{1.0f}})[0].sum;
            SquaredError error;
            for (int epoch = 0; epoch < 8; ++epoch) error = session.run_epoch({{1.0f}})[0];
            EXPECT_EQ(error.count, trained);
            EXPECT_LT(error.sum, 0.9 * first);
            session.retire(0);
            EXPECT_EQ(session.run_epoch({{1.0f}})[0].count, 0);
            if (rank == 0) last.push_back(error.sum);
          },
          CudaOptions{false, precision});
    }
    EXPECT_NEAR(last[1], last[0], 0.03 * last[0]);
    EXPECT_NEAR(last[2], last[0], 0.03 * last[0]);
  }
}

TEST_F(EmulatedRing, AStopOfOneEndsAll) {
  const auto ratings = commuting_ratings(40);
  LocalProcesses(2).run([&](std::shared_ptr<Communicator> communicator) {
    const Share share(ratings, 40, 40, *communicator);
    bool stopped = false;
    const auto should_stop = [&] { return stopped; };
    const auto backend = make_cuda_backend(
        open_emulated_gpu(), make_cpu_backend(1, cpu_kernels(), should_stop), 1, {}, should_stop);
    const auto session = backend->open_mf(share.problem(coarse_params(3), communicator));
    session->run_epoch({{1.0f}});
    stopped = communicator->rank() == 1;
    EXPECT_THROW(session->run_epoch({{1.0f}}), Interrupted);
  });
}

TEST_F(EmulatedRing, GivesEverythingBackWhereverItFails) {
  const Groups groups(1, 12);
  LocalProcesses(1).run([&](std::shared_ptr<Communicator> communicator) {
    const Share share(groups.ratings, groups.users, groups.items, *communicator);
    const auto backend = gpu();
    const int calls = fail_everywhere([&] {
      const auto session = backend->open_mf(share.problem(coarse_params(3), communicator));
      for (int epoch = 0; epoch < 2; ++epoch) session->run_epoch({{1.0f}});
      session->state(0);
    });
    EXPECT_GT(calls, 10);
  });
}

// Wherever the GPU of one process fails, it ends without waiting for the other.
TEST_F(EmulatedRing, AFailureOfOneEndsIt) {
  const Groups groups(2, 12);
  int calls = 0;
  for (bool failed = true; failed; ++calls) {
    failed = false;
    const auto job = [&](std::shared_ptr<Communicator> communicator) {
      const Share share(groups.ratings, groups.users, groups.items, *communicator);
      const bool fails = communicator->rank() == 1;
      {
        const auto backend = gpu();
        const auto session = backend->open_mf(share.problem(coarse_params(3), communicator));
        if (fails) emulated_calls().before_failure = calls;
        try {
          for (int epoch = 0; epoch < 2; ++epoch) session->run_epoch({{1.0f}});
        } catch (const DeviceError&) {
          failed = fails;
        } catch (const std::runtime_error&) {  // of the messages of a test: the other has failed
        }
        emulated_calls().before_failure = -1;
      }
      EXPECT_EQ(emulated_memory().used, 0u);
      EXPECT_EQ(emulated_memory().handles, 0);
      if (fails && failed) throw DeviceError("a GPU has failed");
    };
    try {
      LocalProcesses(2).run(job);
    } catch (const DeviceError&) {
    }
  }
  EXPECT_GT(calls, 20);
}

TEST_F(EmulatedRing, RefusesWhatItCannotTrain) {
  const auto refusal = [&](int processes, Index users, const CudaOptions& options) {
    std::string text;
    try {
      run(
          processes, commuting_ratings(users), users, users, coarse_params(3),
          [](MfSession&, int) {}, options);
    } catch (const Error& error) {
      text = error.what();
    }
    return text;
  };
  EXPECT_EQ(refusal(3, 5, {}),
            "3 processes with a GPU each need as many users with ratings and twice as many items: "
            "there are 5 users and 5 items");
  EXPECT_EQ(refusal(3, 6, {}), "");
  EXPECT_NE(refusal(2, 40, {true, Precision::fp32}).find("do not train alike"), std::string::npos);

  const auto ratings = commuting_ratings(40);
  EXPECT_THROW(LocalProcesses(2).run([&](std::shared_ptr<Communicator> communicator) {
    // One GPU alone has too little memory, and all are told so.
    if (communicator->rank() == 1) emulated_memory().limit = std::size_t{128} << 20;
    const Share share(ratings, 40, 40, *communicator);
    try {
      gpu()->open_mf(share.problem(coarse_params(3), communicator));
      ADD_FAILURE() << "it was opened";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("this process's part of training needs"),
                std::string::npos)
          << error.what();
      throw;
    }
  }),
               Error);
}

TEST_F(EmulatedRing, TakesTheMemoryOfItsPlan) {
  const Groups groups(3, 400);
  LocalProcesses(3).run([&](std::shared_ptr<Communicator> communicator) {
    const Share share(groups.ratings, groups.users, groups.items, *communicator);
    const auto problem = share.problem(coarse_params(20), communicator);
    const auto backend = gpu();
    const MfMemory planned = backend->plan_mf(problem);
    const auto session = backend->open_mf(problem);
    session->run_epoch({{1.0f}});
    session->state(0);
    const std::uint64_t own = planned.total() - kNcclLibraryBytes;
    EXPECT_LE(emulated_memory().peak, own);
    EXPECT_GT(emulated_memory().peak, own * 95 / 100);
  });
}

}  // namespace
}  // namespace tusk::test
