// Results as JSON, of nlohmann::json.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <tusk/evaluate.hpp>
#include <tusk/ranking.hpp>

namespace tusk {

using Json = nlohmann::ordered_json;

// The object in one line; bytes that are not UTF-8 are replaced, hidden characters escaped.
std::string json_line(const Json& object);

// The shortest decimal that is this float, so that JSON shows 3.97 and not 3.9700000286102295.
double json_number(float value);

// A JSON number where all ids are numbers, else a string. An id that is unknown stays as given.
Json json_id(const IdMap& ids, std::string_view id);

// Adds rmse, mae, mse, count and by_evidence; the errors of no ratings are null.
void add_metrics(Json& json, const RatingMetrics& metrics);

// An object with the protocol, the counts and the figures, which are null where no user counted.
Json ranking_json(const RankingMetrics& metrics);

// An object with the protocol, users and tied users of all folds, and the means of the figures over
// the `folds` that have one; null if none has.
Json ranking_means_json(std::span<const RankingMetrics> folds);

// Adds test_ranking, the protocol, and test_precision and so on to a model's metadata.
void store_ranking(std::map<std::string, std::string>& metadata, const RankingMetrics& metrics);

}  // namespace tusk
