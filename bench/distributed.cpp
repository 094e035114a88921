// Seconds an epoch of several processes, as threads of this program that are joined by a network as
// slow as is asked: DATA PROCESSES THREADS FACTORS EPOCHS LATENCY_US MEGABYTES_PER_SECOND (0: no
// limit). bench/README.md has the figures.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/train.hpp>

#include "tests/support/local_processes.hpp"

int main(int argc, char** argv) {
  if (argc != 8) return 2;
  const int processes = std::atoi(argv[2]);
  const int threads = std::atoi(argv[3]);
  tusk::MfOptions mf;
  mf.factors = std::atoi(argv[4]);
  mf.epochs = std::atoi(argv[5]);
  const tusk::test::Network network{std::chrono::duration<double>(std::atof(argv[6]) * 1e-6),
                                    std::atof(argv[7]) * 1e6};
  tusk::test::LocalProcesses all(processes, network);
  std::vector<double> seconds;
  all.run([&](std::shared_ptr<tusk::Communicator> communicator) {
    tusk::ReadOptions reading;
    reading.processes = communicator;
    reading.threads = threads;
    const tusk::Dataset data = tusk::read_dataset(argv[1], reading);
    const tusk::Partition split = tusk::make_split(data, {}, 0);
    const tusk::LabelSet part = split.train();
    tusk::DeviceOptions device;
    device.device = "cpu";
    device.threads = threads;
    tusk::Observer observer;
    observer.on_epoch = [&](std::span<const tusk::EpochReport> reports) {
      if (communicator->rank() > 0) return;
      seconds.push_back(reports.front().seconds);
    };
    tusk::fit(*tusk::open_device(device), data, split.label, {&part, 1}, mf, observer);
  });
  // The first has item vectors everywhere.
  std::sort(seconds.begin() + 1, seconds.end());
  std::printf("%d processes, %s us, %s MB/s: %.4f s an epoch in the median\n", processes, argv[6],
              argv[7], seconds[1 + (seconds.size() - 1) / 2]);
  return 0;
}
