#include "server/problem.hpp"

#include <array>
#include <utility>

#include <tusk/json.hpp>

namespace tusk::server {
namespace {

using Named = std::pair<std::string_view, std::string_view>;

// What types are called. They never change, whatever the request was.
constexpr std::array<Named, 27> kTitles = {{
    {"bad-json", "The body is not JSON as it must be"},
    {"bad-request", "The request is not HTTP as it must be"},
    {"bad-state", "The state is of no conversation with this model"},
    {"busy", "Too many requests"},
    {"cannot-chat", "The model has nothing to talk about"},
    {"cannot-compare", "The item cannot be compared"},
    {"cannot-fold-in", "The model serves only users that it was trained on"},
    {"feedback-off", "Feedback is not kept"},
    {"foreign-host", "The host is not this server's"},
    {"foreign-origin", "The origin is not this server's"},
    {"headers-too-large", "The header is too large"},
    {"internal", "An error of the server"},
    {"invalid-value", "A value that cannot be used"},
    {"method-not-allowed", "The path does not have this method"},
    {"no-ratings", "The model predicts no ratings"},
    {"not-found", "There is nothing here"},
    {"not-kept", "The feedback could not be kept"},
    {"off-scale", "Rating off the scale"},
    {"stopping", "The server is stopping"},
    {"target-too-long", "The path and the query are too long"},
    {"too-large", "The body is too large"},
    {"too-slow", "The request did not arrive in time"},
    {"unauthorized", "The token is missing or wrong"},
    {"unknown-genre", "No item has this genre"},
    {"unknown-item", "The model does not know the item"},
    {"unknown-user", "The model does not know the user"},
    {"unsupported-media-type", "The body is not of a type that is read"},
}};

constexpr std::array<std::pair<int, std::string_view>, 22> kReasonPhrases = {{
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
}};

std::string_view title_of_type(std::string_view type) {
  for (const auto& [name, title] : kTitles) {
    if (name == type) return title;
  }
  return type;
}

}  // namespace

Problem Problem::at(std::string pointer) && {
  pointer_ = std::move(pointer);
  return std::move(*this);
}

Problem Problem::in_query(std::string parameter) && {
  parameter_ = std::move(parameter);
  return std::move(*this);
}

Problem Problem::with_header(std::string name, std::string value) && {
  headers_.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Response Problem::response() const {
  Json json = {{"type", "urn:tusk:" + type_},
               {"title", title_of_type(type_)},
               {"status", status_},
               {"detail", what()}};
  if (pointer_) json["pointer"] = *pointer_;
  if (!parameter_.empty()) json["parameter"] = parameter_;
  return {status_, "application/problem+json", json_line(json), headers_, type_};
}

Problem stopping_problem() {
  return Problem(503, "stopping", "the server is stopping").with_header("Retry-After", "5");
}

std::string_view reason_phrase(int status) {
  for (const auto& [code, reason] : kReasonPhrases) {
    if (code == status) return reason;
  }
  return "";
}

}  // namespace tusk::server
