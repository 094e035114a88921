// The learning curve of a training, for a report.
#pragma once

#include <span>
#include <vector>

#include <tusk/search.hpp>
#include <tusk/train.hpp>

namespace tusk::cli {

class CurveRecorder {
 public:
  // The same hooks, which also tell this. They borrow it.
  TrainHooks listen(TrainHooks hooks);

  // Means over the models that were trained: where epochs were chosen on a hold-out, of that, and
  // else of the training itself.
  std::vector<CurvePoint> curve() const;

 private:
  struct Sums {
    double train = 0;
    double validation = 0;
    int models = 0;
  };

  void add(const EpochReport& report);

  std::vector<Sums> select_;  // by epoch
  std::vector<Sums> fit_;
};

}  // namespace tusk::cli
