#pragma once

namespace tusk::cli {

// report.html with its style and script, and a place for the data.
extern const char* const kReportPage;

}  // namespace tusk::cli
