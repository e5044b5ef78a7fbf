package dev.longshore.layer.span;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

class SpanScannerLibzTest extends SpanScannerSuite {
  @Override
  RawInflater newInflater() {
    assumeTrue(Libz.isPresent(), "there is no libz.so.1 here");
    return new LibzInflater();
  }
}
