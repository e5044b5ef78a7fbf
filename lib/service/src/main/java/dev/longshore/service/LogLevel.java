package dev.longshore.service;

/** The setting {@code --log-level}. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
