package io.noetl.tool.python;

import io.noetl.playbook.value.Errors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One call in an interpreter that is started for it and ends with it. */
final class ColdCall {
  /** How long output of processes that outlive the call is waited for. */
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

  private final PythonSettings settings;
  private final Path runner;
  private final Map<String, String> environment;
  private final Path directory;

  /**
   * @param environment variables added to those of the settings
   * @param directory private directory of this call, removed by the caller
   */
  ColdCall(PythonSettings settings, Path runner, Map<String, String> environment, Path directory) {
    this.settings = settings;
    this.runner = runner;
    this.environment = environment;
    this.directory = directory;
  }

  RawReply run(CallRequest request, CallOutput stdout, CallOutput stderr)
      throws InterruptedException, InterpreterException {
    try {
      return started(request, stdout, stderr);
    } catch (IOException e) {
      throw new InterpreterException(
          Errors.configuration(
              "Expected to start the python interpreter '"
                  + settings.interpreter()
                  + "' (setting python.interpreter, or field 'python' of the tool), but "
                  + e.getMessage()));
    }
  }

  private RawReply started(CallRequest request, CallOutput stdout, CallOutput stderr)
      throws IOException, InterruptedException {
    Path work = Files.createDirectory(directory.resolve("work"));
    Path answer = directory.resolve("reply.json");
    ProcessBuilder builder =
        new ProcessBuilder(settings.interpreter(), runner.toString(), "--once", answer.toString());
    builder.directory(work.toFile());
    builder.environment().clear();
    builder.environment().putAll(settings.environment());
    builder.environment().putAll(environment);
    Process process = builder.start();
    // Platform threads: pipes of processes would hold the carrier of a virtual thread.
    Thread input = daemon("input", () -> write(process, request));
    Thread out = daemon("stdout", () -> copy(process.getInputStream(), stdout));
    Thread err = daemon("stderr", () -> copy(process.getErrorStream(), stderr));
    boolean inTime = true;
    try {
      if (request.timeout() == null) {
        process.waitFor();
      } else {
        inTime = process.waitFor(request.timeoutMillis(), TimeUnit.MILLISECONDS);
      }
    } finally {
      ProcessGroups.kill(process.pid());
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    process.waitFor();
    for (Thread thread : new Thread[] {input, out, err}) {
      thread.join(LAST_OUTPUT);
    }
    @Nullable Path reply = inTime && Files.exists(answer) ? answer : null;
    return new RawReply(
        reply == null ? Optional.empty() : Optional.of(Files.readAllBytes(reply)),
        process.exitValue(),
        !inTime);
  }

  private static Thread daemon(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name("python-call-" + name).start(work);
  }

  private static void write(Process process, CallRequest request) {
    try (OutputStream stream = process.getOutputStream();
        WritableByteChannel channel = Channels.newChannel(stream)) {
      for (ByteBuffer part : request.parts()) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    } catch (IOException e) {
      // The process ended before it read its input; its exit code tells the story.
    }
  }

  private static void copy(InputStream stream, CallOutput output) {
    byte[] buffer = new byte[16 * 1024];
    try (stream) {
      int count;
      while ((count = stream.read(buffer)) >= 0) {
        output.add(buffer, 0, count);
      }
    } catch (IOException e) {
      // The stream was closed with the process.
    }
  }
}
