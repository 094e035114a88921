#include <array>
#include <cmath>

#include <tusk/trial_state.hpp>

namespace tusk {
namespace {

// A number, or null where it was none: errors of training that diverges, lists that nobody judges.
double number_from(const Json& json) { return json.is_null() ? std::nan("") : json.get<double>(); }

Json fold_state(const FoldScore& fold) {
  Json json = {{"count", fold.errors.count},
               {"squared", fold.errors.squared},
               {"absolute", fold.errors.absolute}};
  if (fold.lists) {
    for (const ListFigure& figure : kListFigures) {
      json["lists"][std::string(figure.key)] = (*fold.lists).*figure.value;
    }
  }
  return json;
}

FoldScore fold_from_state(const Json& json) {
  FoldScore fold;
  fold.errors = {json.at("count").get<std::int64_t>(), json.at("squared").get<double>(),
                 json.at("absolute").get<double>()};
  if (json.contains("lists")) {
    ListMetrics lists;
    for (const ListFigure& figure : kListFigures) {
      // States of before there was a figure do not have it.
      lists.*figure.value = number_from(json.at("lists").value(std::string(figure.key), Json()));
    }
    fold.lists = lists;
  }
  return fold;
}

}  // namespace

Json trial_state(const Trial& trial) {
  Json json = {{"trial", trial.candidate}, {"epochs", trial.epochs}};
  json["cut"] = trial.cut ? Json(*trial.cut) : Json();
  json["folds"] = Json::array();
  for (const FoldScore& fold : trial.folds) json["folds"].push_back(fold_state(fold));
  json["curve"] = Json::array();
  for (const CurvePoint& measured : trial.curve) {
    Json point = {measured.epoch, measured.train_rmse};
    if (measured.validation_rmse) point.push_back(*measured.validation_rmse);
    json["curve"].push_back(std::move(point));
  }
  return json;
}

Trial trial_from_state(const Json& json) {
  Trial trial;
  trial.candidate = json.at("trial").get<std::size_t>();
  trial.epochs = json.at("epochs").get<int>();
  if (!json.at("cut").is_null()) trial.cut = json.at("cut").get<int>();
  for (const Json& fold : json.at("folds")) trial.folds.push_back(fold_from_state(fold));
  for (const Json& point : json.at("curve")) {
    CurvePoint& added = trial.curve.emplace_back();
    added.epoch = point.at(0).get<int>();
    added.train_rmse = number_from(point.at(1));
    if (point.size() > 2) added.validation_rmse = number_from(point.at(2));
  }
  return trial;
}

}  // namespace tusk
