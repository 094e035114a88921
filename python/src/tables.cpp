// The table of models and their parameters, from which Python makes its estimators.
#include "binding.hpp"

namespace tusk::python {
namespace {

const char* type_name(Parameter::Type type) {
  switch (type) {
    case Parameter::Type::flag:
      return "bool";
    case Parameter::Type::whole:
      return "int";
    case Parameter::Type::number:
      return "float";
    case Parameter::Type::choice:
    case Parameter::Type::text:
      return "str";
  }
  return "str";
}

nb::object to_python(const std::optional<ParameterValue>& value) {
  if (!value) return nb::none();
  return std::visit([](const auto& v) { return nb::cast(v); }, *value);
}

// A float is as short as it can be: 0.3, not 0.30000001192092896.
nb::object default_of(const TrainOptions& options, const Parameter& parameter) {
  const auto value = options.get(parameter.name);
  if (value && std::holds_alternative<double>(*value)) {
    return nb::cast(json_number(static_cast<float>(std::get<double>(*value))));
  }
  return to_python(value);
}

nb::dict parameter_dict(const TrainOptions& options, const Parameter& parameter) {
  const auto python_name = [](std::string_view name) {
    std::string text(name);
    for (char& c : text) c = c == '-' ? '_' : c;
    return text;
  };
  nb::dict all;
  all["name"] = python_name(parameter.name);
  all["type"] = type_name(parameter.type);
  all["default"] = default_of(options, parameter);
  all["usual"] = with_names(parameter.usual, python_name);
  all["expected"] = parameter.expected();
  all["help"] = with_names(parameter.help, python_name);
  all["choices"] = parameter.choices;
  all["off"] = python_name(parameter.off);
  std::vector<std::string> aliases;
  for (const std::string& alias : parameter.aliases) aliases.push_back(python_name(alias));
  all["aliases"] = aliases;
  all["searchable"] = parameter.searchable;
  return all;
}

nb::dict capabilities_dict(const Capabilities& can) {
  nb::dict all;
  all["one_list_for_all"] = can.one_list_for_all;
  all["has_neighbours"] = can.has_neighbours;
  all["compares_items"] = can.compares_items;
  all["has_epochs"] = can.has_epochs;
  all["uses_gpu"] = can.uses_gpu;
  all["uses_content"] = can.uses_content;
  all["has_parts"] = can.has_parts;
  all["only_ranks"] = can.only_ranks;
  return all;
}

nb::list algorithm_list() {
  nb::list all;
  for (const AlgorithmInfo* const info : algorithms()) {
    const TrainOptions options(info->name);
    nb::dict one;
    one["name"] = info->name;
    one["summary"] = info->summary;
    one["aliases"] = info->aliases;
    one["capabilities"] = capabilities_dict(info->capabilities);
    nb::list parameters;
    for (const Parameter& parameter : info->parameters) {
      parameters.append(parameter_dict(options, parameter));
    }
    one["parameters"] = parameters;
    all.append(one);
  }
  return all;
}

// {name: {low, high, log, integer}} or {name: {values}} of what a search around the defaults
// varies, beside these settings.
nb::dict search_ranges(const std::string& model, const nb::dict& settings, float spread) {
  nb::dict all;
  const TrainOptions options = train_options(model, settings, 1);
  SearchSpace space;
  for (const Parameter& parameter : options.algorithm().parameters) {
    if (!parameter.searchable || !parameter.search) continue;
    const std::string range = parameter.search(spread, options.values());
    if (!range.empty()) space.add(ParameterRange(parameter.name + "=" + range));
  }
  if (space.empty()) return all;
  const SearchSpace typed = CandidateParser(options, {}, {}).typed(space);
  for (const ParameterRange& range : typed.ranges()) {
    nb::dict one;
    if (range.is_list()) {
      one["values"] = range.values();
    } else {
      one["low"] = range.low();
      one["high"] = range.high();
      one["log"] = range.logarithmic();
      one["integer"] = range.integer();
    }
    std::string name = range.names().front();
    for (char& c : name) c = c == '-' ? '_' : c;
    all[name.c_str()] = one;
  }
  return all;
}

}  // namespace

TrainOptions train_options(const std::string& model, const nb::dict& settings, std::uint64_t seed) {
  TrainOptions options(model);
  options.seed = seed;
  for (const auto& [key, value] : settings) {
    std::string name = nb::cast<std::string>(nb::str(key));
    for (char& c : name) c = c == '_' ? '-' : c;
    if (PyBool_Check(value.ptr())) {
      options.set(name, nb::cast<bool>(value));
    } else if (std::int64_t whole = 0; nb::try_cast(value, whole, false)) {
      options.set(name, whole);
    } else if (PyFloat_Check(value.ptr())) {
      options.set(name, nb::cast<double>(value));
    } else {
      options.set_text(name, nb::cast<std::string>(nb::str(value)));
    }
  }
  options.check();
  return options;
}

void bind_tables(nb::module_& module) {
  module.def("algorithms", &algorithm_list, "All kinds of models with their parameters.");
  module.def("search_ranges", &search_ranges, nb::arg("model"), nb::arg("settings"),
             nb::arg("spread"),
             "What a search around a model's defaults varies, for ratings of this standard "
             "deviation.");
  module.def("find_columns", [](const std::vector<std::string>& names, bool implicit) {
    const auto places = find_rating_columns(names, implicit);
    return std::vector<Index>(places.begin(), places.end());
  });
  module.def(
      "doctor",
      [] {
        const CudaStatus cuda = probe_cuda();
        const CpuInfo cpu = probe_cpu();
        nb::dict all;
        all["cpu"] = cpu.name;
        all["threads"] = cpu.threads;
        all["kernels"] = cpu.kernels;
        all["cuda"] = cuda.usable;
        all["cuda_problem"] = cuda.reason;
        return all;
      },
      "What this machine and this build can compute on.");
}

}  // namespace tusk::python
