package io.noetl.wasm;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Translates in a JVM of its own, with a cap on its memory and a timer that kills it: a legal but
 * absurd module takes long to translate and cannot be interrupted. The child sees the module on its
 * standard input, none of our environment, and nothing else.
 */
final class ChildTranslator implements Translator {
  private static final int MOST_BYTES = 128 << 20;

  private final CompileSettings settings;
  private final Semaphore processes;
  private final List<String> command;

  ChildTranslator(CompileSettings settings) {
    this(settings, command(settings, TranslatorMain.class.getName()));
  }

  /** For tests: another main class, such as one that never ends. */
  ChildTranslator(CompileSettings settings, List<String> command) {
    this.settings = settings;
    this.command = List.copyOf(command);
    this.processes = new Semaphore(settings.processes(), true);
  }

  static List<String> command(CompileSettings settings, String main) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + settings.memoryBytes(),
        "-XX:MaxMetaspaceSize=128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        main);
  }

  @Override
  public byte[] translate(String name, byte[] metered) {
    processes.acquireUninterruptibly();
    try {
      return run(metered);
    } finally {
      processes.release();
    }
  }

  private byte[] run(byte[] metered) {
    Process process = start();
    AtomicBoolean killed = new AtomicBoolean();
    Thread timer =
        Thread.ofVirtual()
            .name("plugin-compile-timer")
            .start(() -> killed.set(killAfterTimeout(process)));
    try {
      return answer(process, metered, killed);
    } finally {
      process.destroyForcibly();
      timer.interrupt();
    }
  }

  private Process start() {
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
    builder.environment().clear();
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "Expected to start the compiler's process, but " + e.getMessage(), e);
    }
  }

  private boolean killAfterTimeout(Process process) {
    try {
      if (process.waitFor(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      // The answer is there: nothing is left to guard.
      return false;
    }
    process.destroyForcibly();
    return true;
  }

  private byte[] answer(Process process, byte[] metered, AtomicBoolean killed) {
    try {
      try (DataOutputStream out = new DataOutputStream(process.getOutputStream())) {
        out.writeInt(metered.length);
        out.write(metered);
      }
    } catch (IOException e) {
      throw failed(process, killed);
    }
    try (DataInputStream in = new DataInputStream(process.getInputStream())) {
      if (in.readInt() != TranslatorMain.MAGIC) {
        throw failed(process, killed);
      }
      int kind = in.read();
      int length = in.readInt();
      if (length < 0 || length > MOST_BYTES) {
        throw new Untranslatable(
            "Expected compiled code of at most " + MOST_BYTES + " bytes, but got " + length);
      }
      byte[] answer = in.readNBytes(length);
      if (answer.length < length) {
        throw failed(process, killed);
      }
      return switch (kind) {
        case TranslatorMain.TRANSLATED -> answer;
        case TranslatorMain.REFUSED ->
            throw new Untranslatable(new String(answer, StandardCharsets.UTF_8));
        default -> throw failed(process, killed);
      };
    } catch (IOException e) {
      throw failed(process, killed);
    }
  }

  private Untranslatable failed(Process process, AtomicBoolean killed) {
    boolean ended;
    try {
      ended = process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = false;
    }
    if (killed.get()) {
      return new Untranslatable(
          "Expected to be compiled within "
              + settings.timeout()
              + " (plugin.compile-timeout), but the compiler ran on and was killed");
    }
    return new Untranslatable(
        "Expected to be compiled within "
            + (settings.memoryBytes() >> 20)
            + " MiB (plugin.compile-memory), but the compiler's process ended"
            + (ended ? " with code " + process.exitValue() : ""));
  }
}
