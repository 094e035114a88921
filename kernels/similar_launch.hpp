// Starts the computation of similarities on a stream. Neither allocates nor waits.
#pragma once

#include <cstddef>

#include <cuda_runtime_api.h>

#include "model/measure.hpp"
#include "neighbour_arguments.hpp"

namespace tusk {

// Bytes of `scratch` that launch_segments takes.
std::size_t segment_scratch_bytes(const DeviceRows& rows, const RowRanges& ranges);

// Arranges the rows' entries by segments.
void launch_segments(const DeviceRows& rows, const Segments& segments, void* scratch,
                     std::size_t scratch_bytes, cudaStream_t stream);

// squares[row]: the sum of squares of its values.
void launch_squares(const DeviceRows& rows, double* squares, cudaStream_t stream);

void launch_similarities(Measure measure, const SimilarityArguments& arguments,
                         cudaStream_t stream);

}  // namespace tusk
