package dev.longshore.layer.span;

class SpanScannerJavaTest extends SpanScannerSuite {
  @Override
  RawInflater newInflater() {
    return new JavaInflater();
  }
}
