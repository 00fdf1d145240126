package io.noetl.tool.python;

import io.noetl.playbook.value.Errors;
import io.noetl.tool.process.CallOutput;
import io.noetl.tool.process.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One call in an interpreter that is started for it and ends with it. */
final class ColdCall {
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
    Program.End end =
        Program.start(builder, stream -> write(stream, request), stdout, stderr, "python-call")
            .await(request.timeout());
    @Nullable Path reply = !end.timedOut() && Files.exists(answer) ? answer : null;
    return new RawReply(
        reply == null ? Optional.empty() : Optional.of(Files.readAllBytes(reply)),
        end.exitCode(),
        end.timedOut());
  }

  private static void write(OutputStream stream, CallRequest request) throws IOException {
    try (WritableByteChannel channel = Channels.newChannel(stream)) {
      for (ByteBuffer part : request.parts()) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    }
  }
}
