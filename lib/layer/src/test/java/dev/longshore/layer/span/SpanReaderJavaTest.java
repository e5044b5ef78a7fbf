package dev.longshore.layer.span;

class SpanReaderJavaTest extends SpanReaderSuite {
  @Override
  RawInflater newInflater() {
    return new JavaInflater();
  }
}
