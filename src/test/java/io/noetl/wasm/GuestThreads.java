package io.noetl.wasm;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After each test no thread of a plug-in may be left. */
final class GuestThreads implements AfterEachCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    List<String> left = names();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      left = names();
    }
    if (!left.isEmpty()) {
      throw new AssertionError("Expected no thread of a plug-in to be left, but got " + left);
    }
  }

  private static List<String> names() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("plugin-"))
        .sorted()
        .toList();
  }
}
