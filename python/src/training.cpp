// Training a model.
#include "binding.hpp"
#include "interrupts.hpp"
#include "open_model.hpp"

namespace tusk::python {
namespace {

nb::dict summary_dict(const FitSummary& summary) {
  nb::dict all;
  all["epochs"] = summary.epochs;
  all["ratings"] = summary.ratings;
  all["interrupted"] = summary.interrupted;
  all["still_learning"] = summary.still_learning;
  all["validation_rmse"] = nb::cast(summary.validation_rmse);
  return all;
}

// (model, summary). Ctrl-C ends training with the model that it has reached; where there is none,
// it is raised.
nb::tuple train(const Dataset& data, const Partition* split, const std::string& name,
                const nb::dict& settings, std::uint64_t seed, const std::string& device,
                int threads, const nb::object& on_epoch, const nb::object& on_progress) {
  const TrainOptions options = train_options(name, settings, seed);
  Interrupts interrupts;
  const Observer observer = interrupts.observer(on_epoch, on_progress);
  DeviceOptions wanted = device_options(device, threads);
  wanted.should_stop = observer.should_stop;
  FitSummary summary;
  auto model = without_gil(interrupts, [&] {
    const auto opened = open_device(wanted);
    const Partition all = split != nullptr ? Partition() : make_split(data, {}, 0);
    const Partition& used = split != nullptr ? *split : all;
    const LabelSet part = used.train();
    FitResult fitted =
        std::move(fit(*opened, data, used.label, {&part, 1}, options, observer).front());
    summary = fitted;
    if (fitted.interrupted && fitted.epochs == 0) throw Interrupted();
    return std::make_unique<OpenModel>(make_model(data, used, std::move(fitted), threads),
                                       device_options(device, threads));
  });
  interrupts.rethrow_unless_interrupt();
  return nb::make_tuple(nb::cast(model.release(), nb::rv_policy::take_ownership),
                        summary_dict(summary));
}

// (model, report): a model that knows the new ratings, too.
nb::tuple update(OpenModel& model, const Dataset& data, int epochs, const std::string& device,
                 int threads) {
  UpdateReport report;
  Interrupts interrupts;
  DeviceOptions wanted = device_options(device, threads);
  wanted.should_stop = [&] { return interrupts.asked(); };
  auto updated = without_gil(interrupts, [&] {
    const auto opened = open_device(wanted);
    return std::make_unique<OpenModel>(
        update_model(*opened, model.model(), data, {epochs}, &report),
        device_options(device, threads));
  });
  nb::dict all;
  all["ratings"] = report.ratings;
  all["repeated"] = report.repeated;
  all["new_users"] = report.new_users;
  all["new_items"] = report.new_items;
  all["changed_users"] = report.changed_users;
  return nb::make_tuple(nb::cast(updated.release(), nb::rv_policy::take_ownership), all);
}

}  // namespace

void bind_training(nb::module_& module) {
  module.def("train", &train, nb::arg("data"), nb::arg("split").none(), nb::arg("model"),
             nb::arg("settings"), nb::arg("seed"), nb::arg("device"), nb::arg("threads"),
             nb::arg("on_epoch").none(), nb::arg("on_progress").none());
  module.def("update", &update, nb::arg("model"), nb::arg("data"), nb::arg("epochs"),
             nb::arg("device"), nb::arg("threads"));
}

}  // namespace tusk::python
