#include <algorithm>

#include <tusk/report.hpp>

namespace tusk {

Observer CurveRecorder::listen(Observer observer) {
  observer.on_epoch = [this, shown = observer.on_epoch](std::span<const EpochReport> reports) {
    for (const EpochReport& report : reports) add(report);
    if (shown) shown(reports);
  };
  return observer;
}

void CurveRecorder::add(const EpochReport& report) {
  if (report.loss) return;  // a curve is of errors
  auto& epochs = report.phase == Phase::select ? select_ : fit_;
  const auto epoch = static_cast<std::size_t>(report.epoch);
  epochs.resize(std::max(epochs.size(), epoch));
  Sums& sums = epochs[epoch - 1];
  sums.train += report.train_rmse;
  sums.validation += report.validation_rmse.value_or(0);
  sums.watched += report.watched_rmse.value_or(0);
  ++sums.models;
}

std::vector<CurvePoint> CurveRecorder::curve() const {
  const bool selected = !select_.empty();
  std::vector<CurvePoint> points;
  int models = 0;  // that the first points are of; a training that goes on begins later
  int epoch = 0;
  for (const Sums& sums : selected ? select_ : fit_) {
    ++epoch;
    if (models == 0) models = sums.models;
    if (sums.models == 0 && points.empty()) continue;
    // Once some models have stopped, the mean is of others.
    if (sums.models < models) break;
    CurvePoint& point = points.emplace_back();
    point.epoch = epoch;
    point.train_rmse = sums.train / sums.models;
    if (selected) point.validation_rmse = sums.validation / sums.models;
    if (sums.watched > 0) point.watched_rmse = sums.watched / sums.models;
  }
  return points;
}

}  // namespace tusk
