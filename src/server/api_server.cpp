// The model, the server itself, and the files of the page.
#include <chrono>
#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tusk/list_order.hpp>
#include <tusk/version.hpp>

#include "server/api_objects.hpp"
#include "server/feedback_file.hpp"
#include "server/handlers.hpp"
#include "server/metrics.hpp"
#include "server/page_files.hpp"

namespace tusk::server {
namespace {

// What a person is offered to rate with.
float rating_step(RatingScale scale) { return scale.low == std::floor(scale.low) ? 1 : 0.5f; }

std::string time_text(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

Response get_model(const Context& context, const Request& request, const PathIds&) {
  QueryArguments(request).finish();
  const ServedModel& served = *context.model;
  const Model& model = served.model();
  const CandidateIndex& candidates = served.candidates();
  const RatingScale scale = model.scale();
  const bool has_years = candidates.last_year() != 0;
  const Json years = {{"from", candidates.first_year()}, {"to", candidates.last_year()}};
  return json_response({{"name", served.name()},
                        {"version", served.version()},
                        {"algorithm", model.algorithm().name},
                        {"users", model.state().users},
                        {"items", model.state().items},
                        {"training_ratings", model.seen().item.size()},
                        {"scale",
                         {{"low", json_number(scale.low)},
                          {"high", json_number(scale.high)},
                          {"step", json_number(rating_step(scale))}}},
                        {"implicit", model.of_weights()},
                        {"predicts_ratings", predicts_ratings(model)},
                        {"compares_items", model.algorithm().capabilities.compares_items},
                        {"folds_in", served.folds_in()},
                        {"chat", served.can_chat()},
                        {"feedback", context.feedback != nullptr},
                        {"genres", candidates.genres()},
                        {"years", has_years ? years : Json(nullptr)},
                        {"loaded", time_text(served.opened())},
                        {"tusk", kVersion},
                        {"metadata", model.metadata}});
}

Response get_openapi(const Context&, const Request&, const PathIds&) {
  return {200, "application/json", openapi_document()};
}

Response get_live(const Context&, const Request&, const PathIds&) {
  return json_response({{"status", "live"}});
}

Response get_ready(const Context& context, const Request&, const PathIds&) {
  if (context.stopping) {
    throw stopping_problem();
  }
  return json_response({{"status", "ready"}});
}

Response get_metrics(const Context& context, const Request&, const PathIds&) {
  if (context.metrics == nullptr) throw Problem(404, "not-found", "nothing is counted here");
  const std::int64_t feedback = context.feedback == nullptr ? 0 : context.feedback->kept();
  return {200, "text/plain; version=0.0.4; charset=utf-8", context.metrics->text(feedback)};
}

Response get_page_file(const Context&, const Request& request, const PathIds&) {
  const PageFile& file = *find_page_file(request.segments);
  Response response{200, std::string(file.type), {}};
  response.headers = {{"ETag", std::string(file.etag)}, {"Cache-Control", "no-cache"}};
  const auto known = request.header("if-none-match");
  if (known && (*known == "*" || known->find(file.etag) != std::string_view::npos)) {
    response.status = 304;
  } else {
    response.body = file.bytes;
  }
  return response;
}

}  // namespace tusk::server
