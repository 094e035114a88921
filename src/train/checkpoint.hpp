// The file from which a training goes on that was stopped at any moment.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <tusk/train.hpp>

#include "backend/training_state.hpp"
#include "models/algorithm.hpp"

namespace tusk {

class Checkpoint {
 public:
  // Of training these options on `part`. Throws Error if the file cannot be written.
  Checkpoint(const FitContext& context, const TrainOptions& options, const LabelSet& part);

  // Nothing if there is no file yet. Throws UsageError, with the first thing that differs, if it is
  // of another training, FormatError if it is damaged or no checkpoint.
  std::optional<TrainingState> read() const;

  bool is_due(int step) const { return step % file_.every == 0; }
  // Replaces the file, whole or not at all.
  void write(const TrainingState& state) const;

 private:
  std::optional<TrainingState> read_file() const;

  CheckpointFile file_;
  std::shared_ptr<Communicator> processes_;  // the first of them has the file
  std::map<std::string, std::string> of_;    // what is trained, by what messages call it
};

}  // namespace tusk
