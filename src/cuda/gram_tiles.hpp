// Symmetric matrices in square tiles, of which those on the diagonal and above it are computed.
#pragma once

namespace tusk {

inline constexpr int kGramTile = 32;

// How many are computed of a matrix of tiles * tiles.
constexpr int tile_pairs(int tiles) { return tiles * (tiles + 1) / 2; }

}  // namespace tusk
