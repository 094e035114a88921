// What tests of the server share: models that are served, and requests without a socket.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "server/router.hpp"
#include "server/served_model.hpp"

namespace tusk::test {

using Json = nlohmann::json;

// small_model() of model_fixture.hpp, as version "v1".
std::shared_ptr<const server::ServedModel> small_served();

// A model of this kind, trained on a few hundred ratings of 60 items with genres on a scale of 1 to
// 5, by 40 users.
std::shared_ptr<const server::ServedModel> trained_served(const std::string& model = "mf");

// The same with titles, "Film 7 (1967)", and what helps in conversations, if anything does.
std::shared_ptr<const server::ServedModel> titled_served(
    const std::string& model = "mf", std::shared_ptr<const ChatAssistant> assistant = {});

// The answer to a request of this method and target.
server::Response ask(const server::Context& context, const std::string& method,
                     std::string_view target, const std::string& body = "");

// The same as JSON, which must have the status.
Json ask_json(const server::Context& context, const std::string& method, std::string_view target,
              const std::string& body = "", int status = 200);

// Fails unless the answer is a problem of this status and type.
void expect_problem(const server::Response& response, int status, const std::string& type);

}  // namespace tusk::test
