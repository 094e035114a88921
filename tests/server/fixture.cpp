#include "tests/server/fixture.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/train.hpp>

#include "server/problem.hpp"
#include "server/target.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/options.hpp"

namespace tusk::test {

using namespace server;

std::shared_ptr<const ServedModel> small_served() {
  return std::make_shared<const ServedModel>(open_device({.device = "cpu", .threads = 1}),
                                             small_model(), ListOrder(), "small", "v1");
}

namespace {

std::shared_ptr<const ServedModel> served_of(const Dataset& data, const std::string& model,
                                             std::shared_ptr<const ChatAssistant> assistant = {}) {
  std::shared_ptr<Device> device = open_device({.device = "cpu", .threads = 1});
  Model trained = train(*device, data, TrainOptions(model));
  return std::make_shared<const ServedModel>(device, std::move(trained), ListOrder(), model, "v1",
                                             std::move(assistant));
}

Dataset small_data() { return random_dataset(40, 60, 900, 3); }

}  // namespace

std::shared_ptr<const ServedModel> trained_served(const std::string& model) {
  return served_of(small_data(), model);
}

std::shared_ptr<const ServedModel> titled_served(const std::string& model,
                                                 std::shared_ptr<const ChatAssistant> assistant) {
  Dataset data = small_data();
  data.catalogue.title = {};
  for (Index i = 0; i < data.items.size(); ++i) {
    data.catalogue.title.push_back(fmt::format("Film {} ({})", i, 1960 + i));
  }
  return served_of(data, model, std::move(assistant));
}

Response ask(const Context& context, const std::string& method, std::string_view target,
             const std::string& body) {
  try {
    Request request;
    request.method = method;
    request.target = target;
    Target parsed = parse_target(target);
    request.segments = std::move(parsed.segments);
    request.query = std::move(parsed.query);
    request.body = body;
    return answer(context, request);
  } catch (const Problem& problem) {
    return problem.response();
  }
}

Json ask_json(const Context& context, const std::string& method, std::string_view target,
              const std::string& body, int status) {
  const Response response = ask(context, method, target, body);
  EXPECT_EQ(response.status, status) << method << " " << target << ": " << response.body;
  return Json::parse(response.body);
}

void expect_problem(const Response& response, int status, const std::string& type) {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(response.type, "application/problem+json");
  EXPECT_EQ(response.problem, type);
  const Json json = Json::parse(response.body, nullptr, false);
  ASSERT_TRUE(json.is_object()) << response.body;
  EXPECT_EQ(json.value("type", ""), "urn:tusk:" + type);
  EXPECT_EQ(json.value("status", 0), status);
  EXPECT_NE(json.value("title", type), type) << "the type has no title";
  EXPECT_FALSE(json.value("detail", "").empty());
}

}  // namespace tusk::test
