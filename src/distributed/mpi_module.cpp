#include "distributed/mpi_module.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <mpi.h>

#include <tusk/error.hpp>

#include "support/module_interface.hpp"

namespace tusk {
namespace {

// MPI is called by one thread at a time.
std::mutex& turn() {
  static std::mutex mutex;
  return mutex;
}

void check(int status, const char* call) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw DeviceError(std::string("MPI failed (") + call + "): " + text);
}

class MpiTransfer : public Communicator::Transfer {
 public:
  explicit MpiTransfer(std::vector<MPI_Request> requests) : requests_(std::move(requests)) {}

  bool done() override {
    const std::lock_guard lock(turn());
    int all = 0;
    check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &all,
                      MPI_STATUSES_IGNORE),
          "MPI_Testall");
    return all != 0;
  }

  // Leaves the others their turn, and the processor to whoever computes on it.
  void wait() override {
    constexpr int kPatience = 1000;
    for (int asked = 0; !done(); ++asked) {
      if (asked < kPatience) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    }
  }

 private:
  std::vector<MPI_Request> requests_;
};

class MpiCommunicator : public Communicator {
 public:
  MpiCommunicator() {
    int ready = 0;
    MPI_Initialized(&ready);
    if (ready != 0) throw DeviceError("MPI is open already");
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided), "MPI_Init_thread");
    if (provided < MPI_THREAD_SERIALIZED) {
      MPI_Finalize();
      throw DeviceError("this MPI cannot be called by several threads");
    }
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  // Where this process fails alone the others are not ready to end: it ends without MPI's consent,
  // upon which mpirun ends them.
  ~MpiCommunicator() override {
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  std::unique_ptr<Transfer> send(int to, int tag, std::span<const std::byte> bytes) override {
    return each_piece(bytes, [&](std::span<const std::byte> piece, MPI_Request* request) {
      check(MPI_Isend(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, to, tag,
                      MPI_COMM_WORLD, request),
            "MPI_Isend");
    });
  }

  std::unique_ptr<Transfer> receive(int from, int tag, std::span<std::byte> bytes) override {
    return each_piece(bytes, [&](std::span<std::byte> piece, MPI_Request* request) {
      check(MPI_Irecv(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, from, tag,
                      MPI_COMM_WORLD, request),
            "MPI_Irecv");
    });
  }

  void sum(std::span<std::int64_t> values) override {
    constexpr std::size_t kAtOnce = 1 << 24;
    const std::lock_guard lock(turn());
    for (std::size_t at = 0; at < values.size(); at += kAtOnce) {
      const auto some = values.subspan(at, std::min(kAtOnce, values.size() - at));
      check(MPI_Allreduce(MPI_IN_PLACE, some.data(), static_cast<int>(some.size()), MPI_INT64_T,
                          MPI_SUM, MPI_COMM_WORLD),
            "MPI_Allreduce");
    }
  }

  void abort(int code) override {
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
  }

 private:
  // MPI counts in int.
  template <class Byte, class Begin>
  static std::unique_ptr<Transfer> each_piece(std::span<Byte> bytes, const Begin& begin) {
    constexpr std::size_t kLargest = std::size_t{1} << 30;
    std::vector<MPI_Request> requests;
    const std::lock_guard lock(turn());
    for (std::size_t at = 0; at < bytes.size(); at += kLargest) {
      begin(bytes.subspan(at, std::min(kLargest, bytes.size() - at)), &requests.emplace_back());
    }
    return std::make_unique<MpiTransfer>(std::move(requests));
  }

  int rank_ = 0;
  int size_ = 1;
};

}  // namespace
}  // namespace tusk

extern "C" {
__attribute__((visibility("default"))) extern const char* const tusk_mpi_interface;
const char* const tusk_mpi_interface = tusk::kModuleInterface;
__attribute__((visibility("default"))) tusk::Communicator* tusk_open_mpi();
tusk::Communicator* tusk_open_mpi() { return new tusk::MpiCommunicator; }
}
