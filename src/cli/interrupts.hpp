// Requests to end: Ctrl-C (SIGINT), SIGTERM and SIGHUP.
#pragma once

namespace tusk::cli {

// Called once, before the program does anything. A first request is noted, for work to look at.
// 0.3 s later it ends the program with exit code 130, unless there are results to be kept; a second
// request, 0.1 s after the first or later, ends it at once. What is ignored from the start stays so
// (nohup).
void handle_interrupts();

// Whether there was a request: for work that is to end at a good place, such as between epochs.
bool interrupted();

// Whether work is to end wherever it is: 0.15 s after the request.
bool interrupt_is_overdue();

// From now on the program ends by itself after a request, for it has results to show or to save.
void keep_results_when_interrupted();

}  // namespace tusk::cli
