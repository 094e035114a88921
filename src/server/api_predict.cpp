// Predicted ratings, and ratings that are kept.
#include <chrono>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>

#include "server/api_objects.hpp"
#include "server/feedback_file.hpp"
#include "server/handlers.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kMostFeedback = 1000;

// Of one user, the index of the model or the only one of `folded`.
Json predictions_json(const Predictor& predictor, Index user, const std::vector<std::string>& ids,
                      const std::vector<Index>& items) {
  const std::vector<Index> users(items.size(), user);
  const std::vector<Prediction> predictions = predictor.predict(users, items);
  const std::vector<float> deviations = predictor.deviations(users, items);
  Json all = Json::array();
  for (std::size_t p = 0; p < predictions.size(); ++p) {
    Json one = {{"item", ids[p]},
                {"rating", finite_number(predictions[p].rating)},
                {"score", finite_number(predictions[p].score)},
                {"evidence", to_string(predictions[p].evidence)}};
    if (!deviations.empty()) one["deviation"] = finite_number(deviations[p]);
    all.push_back(std::move(one));
  }
  return all;
}

// An id may be new to the model, but not of another kind than all of its own.
void check_new_id(const JsonArguments& where, const std::string& name, const IdMap& known,
                  const std::string& id) {
  if (!known.numeric() || known.size() == 0) return;
  const auto number = parse_double(id);
  if (number && fmt::format("{:.0f}", *number) == id && std::abs(*number) < 9e15) return;
  throw where.bad(
      name, fmt::format("{} is not a whole number, as all ids of this model are", in_quotes(id)));
}

Feedback read_feedback(const ServedModel& served, JsonArguments& fields, std::int64_t now) {
  const auto user = fields.id("user");
  const auto item = fields.id("item");
  if (!user) throw fields.bad("user", "a user is missing");
  if (!item) throw fields.bad("item", "an item is missing");
  const float rating = read_rating(served, fields, true);
  fields.finish();
  check_new_id(fields, "user", served.model().users, *user);
  check_new_id(fields, "item", served.model().items, *item);
  return {*user, *item, rating, now};
}

}  // namespace

Response post_predict(const Context& context, const Request& request, const PathIds&) {
  const ServedModel& served = *context.model;
  const Model& model = served.model();
  const nlohmann::json body = parse_body(request);
  JsonArguments fields(body);
  const auto user = fields.id("user");
  const bool by_ratings = fields.has("ratings");
  const GivenRatings given = read_ratings(served, fields, false);
  const std::vector<std::string> ids = fields.ids("items", kMostItems);
  fields.finish();
  if (user.has_value() == by_ratings) {
    throw fields.bad("user", "there must be either a user or ratings");
  }
  if (ids.empty()) throw fields.bad("items", "items are missing");
  if (!predicts_ratings(model)) {
    throw Problem(422, "no-ratings",
                  fmt::format("a model of kind {} orders lists and predicts no ratings",
                              model.algorithm().name));
  }
  std::vector<Index> items;
  Json unknown = Json::array();
  for (const std::string& id : ids) {
    items.push_back(model.items.find(id).value_or(kNone));
    if (!model.knows_item(items.back())) unknown.push_back(id);
  }
  Json answer = Json::object();
  bool known = !given.rating.empty();
  if (user) {
    const Index index = model.users.find(*user).value_or(kNone);
    known = model.knows_user(index);
    answer["predictions"] = predictions_json(served.predictor(), index, ids, items);
  } else {
    check_folds_in(served);
    const RatingsRow row(given, model.items.size());
    const auto folded = served.predictor().fold_in(row.view());
    answer["predictions"] = predictions_json(*folded, 0, ids, items);
  }
  answer["user_known"] = known;
  answer["unknown_items"] = std::move(unknown);
  return json_response(answer);
}

Response post_feedback(const Context& context, const Request& request, const PathIds&) {
  if (context.feedback == nullptr) {
    throw Problem(404, "feedback-off", "this server keeps no feedback");
  }
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const nlohmann::json body = parse_body(request);
  JsonArguments fields(body);
  std::vector<Feedback> feedback;
  if (fields.has("feedback")) {
    for (JsonArguments& one : fields.objects("feedback", kMostFeedback)) {
      feedback.push_back(read_feedback(*context.model, one, now));
    }
    fields.finish();
    if (feedback.empty()) throw fields.bad("feedback", "the list is empty");
  } else {
    feedback.push_back(read_feedback(*context.model, fields, now));
  }
  try {
    context.feedback->add(feedback);
  } catch (const Error& error) {
    throw Problem(507, "not-kept", error.what());
  }
  return json_response({{"accepted", feedback.size()}}, 201);
}

}  // namespace tusk::server
