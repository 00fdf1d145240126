package io.noetl.wasm;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How modules are compiled and where the results are kept. Immutable.
 *
 * @param timeout {@code plugin.compile-timeout}: after which the compiler's process is killed
 * @param memoryBytes {@code plugin.compile-memory}: heap of that process, at least 32 MiB
 * @param processes {@code plugin.compilers}: such processes at once
 * @param folder {@code plugin.artefacts}: where compiled modules are kept; null = in memory only
 * @param key {@code plugin.artefact-key}: what signs them, at least 16 characters; null without a
 *     folder
 * @param keptBytes {@code plugin.cache-bytes}: compiled modules kept in memory
 */
public record CompileSettings(
    Duration timeout,
    long memoryBytes,
    int processes,
    @Nullable Path folder,
    @Nullable String key,
    long keptBytes) {

  private static final int KEY_CHARACTERS = 16;

  public CompileSettings {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "Expected plugin.compile-timeout above 0, but got " + timeout);
    }
    if (memoryBytes < 32L << 20) {
      throw new IllegalArgumentException(
          "Expected plugin.compile-memory of at least 32 MiB, but got " + memoryBytes);
    }
    if (processes < 1) {
      throw new IllegalArgumentException(
          "Expected plugin.compilers of at least 1, but got " + processes);
    }
    if (folder != null && (key == null || key.length() < KEY_CHARACTERS)) {
      throw new IllegalArgumentException(
          "Expected plugin.artefact-key of at least "
              + KEY_CHARACTERS
              + " characters beside plugin.artefacts: a compiled module is code with the rights of"
              + " this process");
    }
  }

  /** A child process of 256 MiB and 20 s; results in memory only. */
  public static CompileSettings defaults() {
    return new CompileSettings(Duration.ofSeconds(20), 256L << 20, 2, null, null, 64L << 20);
  }

  @Override
  public String toString() {
    // Not the key.
    return "CompileSettings[timeout=" + timeout + ", memoryBytes=" + memoryBytes + "]";
  }
}
