#pragma once

namespace tusk {

// report.html with its style and script, and a place for the data.
extern const char* const kReportPage;

}  // namespace tusk
