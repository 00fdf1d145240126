package io.noetl.tool.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall;
import io.noetl.tool.process.ChildEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Section 9.5. */
@Timeout(60)
class ShellExecutorTest {
  @TempDir Path temp;
  private ShellExecutor executor;

  @BeforeEach
  void start() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("NOETL_ENCRYPTION_KEY", "secret");
    environment.put("PGPASSWORD", "secret");
    environment.put("HARMLESS", "yes");
    executor =
        new ShellExecutor(
            ShellSettings.defaults(ChildEnvironment.of(environment, List.of()), temp));
  }

  @AfterEach
  void stop() {
    executor.close();
  }

  private static ToolCall call(Map<String, Object> fields) {
    return Calls.of(ToolKind.SHELL, fields);
  }

  private Outcome run(String command) throws InterruptedException {
    return executor.run(call(Map.of("command", command)));
  }

  private static void assertRefused(Outcome outcome, String... words) {
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).containsEntry("kind", "configuration");
    assertThat(String.valueOf(outcome.error().get("message"))).contains(words);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  private static boolean gone(long pid) {
    return ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true);
  }

  @Test
  void aCommandGivesItsOutputAndExitCode() throws Exception {
    Outcome outcome = run("echo out; echo err >&2");

    assertThat(outcome.status()).isEqualTo(Status.SUCCESS);
    assertThat(outcome.data())
        .isEqualTo(Map.of("exit_code", 0L, "stdout", "out\n", "stderr", "err\n"));
    assertThat(outcome.streams()).containsEntry("stdout", "out\n").containsEntry("exit_code", 0L);
    assertThat(outcome.meta()).containsKey("duration_ms");
  }

  @Test
  @DisplayName("E30: a list stops at the first command that fails")
  void aListStopsAtTheFirstCommandThatFails() throws Exception {
    Outcome outcome = executor.run(call(Map.of("cmds", List.of("echo a", "exit 3", "echo b"))));

    assertThat(outcome.status()).isEqualTo(Status.ERROR);
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.data()).isEqualTo(Map.of("exit_code", 3L, "stdout", "a\n", "stderr", ""));
    assertThat(outcome.error())
        .containsEntry("kind", "process")
        .containsEntry("code", "EXIT_3")
        .containsEntry("retryable", false)
        .containsEntry("message", "Command exited with code 3");
  }

  @Test
  @DisplayName("E30: a command that takes too long is a soft error with status timeout")
  void aCommandThatTakesTooLongIsKilledWithAllThatItStarted() throws Exception {
    Path pids = temp.resolve("pids");
    ToolCall call =
        call(
            Map.of(
                "command",
                "sleep 90 & echo $! > " + pids + "; echo before; sleep 90; echo after",
                "timeout_seconds",
                1L));
    long start = System.nanoTime();

    Outcome outcome = executor.run(call);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
    assertThat(outcome.status()).isEqualTo(Status.TIMEOUT);
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.data()).isNull();
    assertThat(outcome.error())
        .containsEntry("kind", "timeout")
        .containsEntry("message", "Shell command timed out after 1 s");
    assertThat(outcome.streams()).containsEntry("stdout", "before\n");
    long pid = Long.parseLong(Files.readString(pids).strip());
    await(() -> gone(pid));
  }

  @Test
  void theTimeIsForAllCommandsTogether() throws Exception {
    Outcome outcome =
        executor.run(
            call(
                Map.of(
                    "commands", List.of("sleep 0.6", "sleep 0.6", "sleep 90"), "timeout", "1s")));

    assertThat(outcome.status()).isEqualTo(Status.TIMEOUT);
  }

  @Test
  void theShorterOfTheCallsTimeAndTheFieldsCounts() throws Exception {
    ToolCall call = call(Map.of("command", "sleep 90", "timeout", "80s"));

    Outcome outcome = executor.run(Calls.withTimeout(call, Duration.ofMillis(300)));

    assertThat(outcome.error()).containsEntry("message", "Shell command timed out after 0.3 s");
  }

  @Test
  void anInterruptKillsWhatRuns() throws Exception {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    ToolCall call =
        Calls.withLog(
            call(Map.of("command", "sleep 90 & echo $!; echo $$; wait")),
            (stream, line) -> lines.add(line));
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    executor.run(call);
                    end.complete(new AssertionError("not interrupted"));
                  } catch (InterruptedException e) {
                    end.complete(e);
                  }
                });
    long background = Long.parseLong(lines.poll(20, TimeUnit.SECONDS));
    long shell = Long.parseLong(lines.poll(20, TimeUnit.SECONDS));

    caller.interrupt();

    assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    await(() -> gone(background) && gone(shell));
  }

  @Test
  void closingTheToolEndsWhatRuns() throws Exception {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    ToolCall call =
        Calls.withLog(
            call(Map.of("command", "echo $$; sleep 90")), (stream, line) -> lines.add(line));
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                executor.run(call);
                end.complete(new AssertionError("not interrupted"));
              } catch (InterruptedException e) {
                end.complete(e);
              }
            });
    long shell = Long.parseLong(lines.poll(20, TimeUnit.SECONDS));

    executor.close();

    assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    await(() -> gone(shell));
  }

  @Test
  void whatACommandLeavesInTheBackgroundEndsWithIt() throws Exception {
    Outcome outcome = run("sleep 90 > /dev/null 2>&1 & echo $!");

    long background =
        Long.parseLong(String.valueOf(((Map<?, ?>) outcome.data()).get("stdout")).strip());
    await(() -> gone(background));
  }

  @Test
  void linesReachTheLogWhileTheCommandRuns() throws Exception {
    Path gate = temp.resolve("gate");
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    ToolCall call =
        Calls.withLog(
            call(
                Map.of(
                    "command",
                    "echo first; while [ ! -e " + gate + " ]; do sleep 0.02; done; echo last >&2")),
            (stream, line) -> lines.add(stream + " " + line));
    CompletableFuture<Outcome> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                end.complete(executor.run(call));
              } catch (InterruptedException e) {
                end.completeExceptionally(e);
              }
            });

    assertThat(lines.poll(20, TimeUnit.SECONDS)).isEqualTo("stdout first");
    assertThat(end).isNotDone();
    Files.createFile(gate);
    assertThat(end.get(20, TimeUnit.SECONDS).succeeded()).isTrue();
    assertThat(lines).containsExactly("stderr last");
  }

  @Test
  void theTailOfLongOutputIsKept() throws Exception {
    try (ShellExecutor small =
        new ShellExecutor(
            ShellSettings.defaults(Map.of("PATH", "/usr/bin:/bin"), temp).withStreamLimit(10))) {
      Outcome outcome = small.run(call(Map.of("command", "printf '0123456789abcdefghij'")));

      assertThat(((Map<?, ?>) outcome.data()).get("stdout")).isEqualTo("abcdefghij");
    }
  }

  @Test
  void captureCanBeSwitchedOff() throws Exception {
    Outcome outcome = executor.run(call(Map.of("cmd", "echo much; exit 2", "capture", false)));

    assertThat(outcome.data()).isEqualTo(Map.of("exit_code", 2L, "stdout", "", "stderr", ""));
  }

  @Test
  void aCommandSeesItsOwnVariablesAndNoSecretsOfThePlatform() throws Exception {
    Outcome outcome =
        executor.run(
            call(
                Map.of(
                    "command",
                    "echo \"$OWN|$HARMLESS|$NOETL_ENCRYPTION_KEY|$PGPASSWORD\"",
                    "env",
                    Map.of("OWN", 7L))));

    assertThat(((Map<?, ?>) outcome.data()).get("stdout")).isEqualTo("7|yes||\n");
  }

  @Test
  void commandsRunWhereTheyAreToldOrInAPrivateDirectoryThatIsRemoved() throws Exception {
    Path place = Files.createDirectory(temp.resolve("place"));
    Outcome told = executor.run(call(Map.of("command", "pwd -P", "cwd", place.toString())));
    assertThat(((Map<?, ?>) told.data()).get("stdout")).isEqualTo(place.toRealPath() + "\n");

    Outcome own =
        executor.run(call(Map.of("cmds", List.of("echo x > file", "cat file", "pwd -P"))));
    String[] lines = String.valueOf(((Map<?, ?>) own.data()).get("stdout")).split("\n");
    assertThat(lines[0]).isEqualTo("x");
    assertThat(Path.of(lines[1])).doesNotExist();
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).containsExactly(place);
    }
  }

  @Test
  void aCommandThatReadsFindsTheEndOfItsInput() throws Exception {
    assertThat(run("cat; echo done").data())
        .isEqualTo(Map.of("exit_code", 0L, "stdout", "done\n", "stderr", ""));
  }

  @Test
  void anotherShellMayBeNamed() throws Exception {
    Path shell = Files.writeString(temp.resolve("mine"), "#!/bin/sh\necho \"mine $1 $2\"\n");
    assertThat(shell.toFile().setExecutable(true)).isTrue();

    Outcome outcome = executor.run(call(Map.of("command", "ls", "shell", shell.toString())));

    assertThat(((Map<?, ?>) outcome.data()).get("stdout")).isEqualTo("mine -c ls\n");
  }

  @Test
  void aShellThatDoesNotExistIsAHardError() throws Exception {
    assertRefused(
        executor.run(call(Map.of("command", "ls", "shell", "no-such-shell"))),
        "no-such-shell",
        "shell.program",
        "not found");
  }

  @Test
  void missingAndUnusableFieldsAreHardErrors() throws Exception {
    assertRefused(executor.run(call(Map.of())), "Invalid shell config: missing field 'command'");
    assertRefused(executor.run(call(Map.of("cmds", List.of()))), "missing field 'command'");
    assertRefused(
        executor.run(call(Map.of("command", "ls", "cwd", "/no/such"))), "cwd", "/no/such");
    assertRefused(executor.run(call(Map.of("command", "ls", "timeout", "soon"))), "timeout");
    assertRefused(run("echo \0"), "Expected to start the shell");
  }
}
