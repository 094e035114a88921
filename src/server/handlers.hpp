// What answers requests: see docs/api.md, and routes() for their paths.
#pragma once

#include "server/message.hpp"
#include "server/router.hpp"

namespace tusk::server {

// All of these have the type Handler, throw Problem, and may be called by any number of threads.
Response get_recommendations(const Context& context, const Request& request, const PathIds& ids);
Response post_recommendations(const Context& context, const Request& request, const PathIds& ids);
Response get_popular(const Context& context, const Request& request, const PathIds& ids);
Response get_similar(const Context& context, const Request& request, const PathIds& ids);
Response get_items(const Context& context, const Request& request, const PathIds& ids);
Response get_items_to_rate(const Context& context, const Request& request, const PathIds& ids);
Response post_predict(const Context& context, const Request& request, const PathIds& ids);
Response post_chat(const Context& context, const Request& request, const PathIds& ids);
Response post_feedback(const Context& context, const Request& request, const PathIds& ids);
Response get_model(const Context& context, const Request& request, const PathIds& ids);
Response get_openapi(const Context& context, const Request& request, const PathIds& ids);
Response get_live(const Context& context, const Request& request, const PathIds& ids);
Response get_ready(const Context& context, const Request& request, const PathIds& ids);
Response get_metrics(const Context& context, const Request& request, const PathIds& ids);
Response get_page_file(const Context& context, const Request& request, const PathIds& ids);

}  // namespace tusk::server
