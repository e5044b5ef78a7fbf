package dev.longshore.origin.metadata;

/** What is known of the index of a layer. */
public sealed interface LayerIndexRow {

  /** It was made, and is this blob. */
  record Made(BlobRow index) implements LayerIndexRow {}

  /** There can be none. */
  record Impossible(String reason) implements LayerIndexRow {}
}
