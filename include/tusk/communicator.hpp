// Several processes that train one model together: what they need of a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace tusk {

// The processes of one training, as one of them sees them. Each calls the same functions of the
// library with the same options; those that say so wait for the others. Where a process fails alone
// the others would wait for ever: whoever runs it has to end all of them.
class Communicator {
 public:
  // A message under way. Its memory is left alone until it is done.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    virtual bool done() = 0;
    virtual void wait() = 0;
  };

  virtual ~Communicator() = default;

  virtual int rank() const = 0;  // of this process, 0 .. size() - 1
  virtual int size() const = 0;

  // Messages from one process to another with the same tag, 0 .. kTags - 1, arrive in the order in
  // which they were sent. `bytes` are as many as the other side says. These three may be called by
  // any thread, several at a time.
  static constexpr int kTags = 256;
  virtual std::unique_ptr<Transfer> send(int to, int tag, std::span<const std::byte> bytes) = 0;
  virtual std::unique_ptr<Transfer> receive(int from, int tag, std::span<std::byte> bytes) = 0;
  // Replaces each value by its sum over all processes.
  virtual void sum(std::span<std::int64_t> values) = 0;

  // Ends all processes at once; this one exits with the code.
  [[noreturn]] virtual void abort(int code) = 0;
};

// What the processes that `mpirun` has started are to each other. To be opened once. Throws
// DeviceError if Tusk was built without MPI or it cannot be used.
std::shared_ptr<Communicator> open_mpi();

// Why open_mpi() would throw; empty if nothing is known to be in its way.
std::string mpi_problem();

}  // namespace tusk
