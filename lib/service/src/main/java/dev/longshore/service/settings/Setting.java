package dev.longshore.service.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of a settings record. The component {@code uploadLimit} is the flag
 * {@code --upload-limit} and the YAML key {@code upload-limit}.
 *
 * <p>A component may be a String, a primitive, an enum, a Path, a URI, a Duration, any type with a
 * public static {@code parse(String)}, an Optional or List of those, or a Map from String to them
 * (repeated {@code --key NAME=VALUE}). Without a default, an Optional, List or Map is empty, a
 * boolean is false, and everything else must be given. A component without this annotation must be
 * a settings record itself: its settings join those of the outer record.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

  /** What it does: one phrase for {@code --help}, without a full stop. */
  String value();

  /** As it would be written on the command line. */
  String defaultValue() default NONE;

  /** Stands for the value in {@code --help}; by default the type says. */
  String placeholder() default "";

  /** Marks the absence of a default. */
  String NONE = "\0none";
}
