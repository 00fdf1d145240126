package io.noetl.tool.python;

import static io.noetl.tool.Calls.python;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.process.ChildEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens around a call: processes, time, sizes, isolation. */
@Rule("10.1")
class PythonProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path temp;
  private PythonExecutor executor;

  @BeforeEach
  void start() {
    executor = new PythonExecutor(settings(), new NoopExecutor());
  }

  @AfterEach
  void stop() {
    executor.close();
  }

  private PythonSettings settings() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("NOETL_ENCRYPTION_KEY", "secret");
    environment.put("PGPASSWORD", "secret");
    environment.put("GITHUB_TOKEN", "secret");
    environment.put("MY_OWN", "secret");
    environment.put("HARMLESS", "yes");
    return PythonSettings.defaults(ChildEnvironment.of(environment, List.of("MY_*")), temp);
  }

  private Outcome run(String code) throws InterruptedException {
    return executor.run(python(code));
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  private static boolean gone(long pid) {
    return ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true);
  }

  /** Makes a slot's first look at its child end in vain, just before the child answers and ends. */
  private static final String BLIND_FIRST_LOOK =
      """
      import os, select

      real = select.poll

      class BlindAtFirst:
          def __init__(self):
              self.poller = real()
              self.looked = False
              self.register = self.poller.register
              self.unregister = self.poller.unregister

          def poll(self, timeout):
              if self.looked:
                  return self.poller.poll(timeout)
              self.looked = True
              os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
              return []

      select.poll = BlindAtFirst
      """;

  @Test
  void anAnswerThatComesBetweenTwoLooksIsNotLost(@TempDir Path site) throws Exception {
    Files.writeString(site.resolve("sitecustomize.py"), BLIND_FIRST_LOOK);
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("PYTHONPATH", site.toString());
    PythonSettings settings =
        PythonSettings.defaults(ChildEnvironment.of(environment, List.of()), temp);
    try (PythonExecutor unlucky = new PythonExecutor(settings, new NoopExecutor())) {
      Outcome outcome = unlucky.run(python("result = {'n': 7}"));

      assertThat(outcome.status()).isEqualTo(Status.SUCCESS);
      assertThat(outcome.data()).isEqualTo(Map.of("n", 7L));
    }
  }

  @Test
  void nothingSurvivesACall() throws Exception {
    for (int i = 0; i < 6; i++) {
      Outcome outcome =
          run(
              """
              import builtins, json as j
              seen = [hasattr(builtins, "leak"), "LEAK" in os.environ, j.dumps([]) != "[]",
                      "leaked_module" in sys.modules, os.path.exists("leak.txt"),
                      "leak" in globals()]
              leak = builtins.leak = 1
              os.environ["LEAK"] = "1"
              j.dumps = lambda *a, **k: "patched"
              sys.modules["leaked_module"] = sys
              open("leak.txt", "w").close()
              os.umask(0o777)
              result = str(seen)
              """);
      assertThat(outcome.data()).isEqualTo("[False, False, False, False, False, False]");
    }
  }

  @Test
  void environmentHasNoSecretsOfThePlatform() throws Exception {
    ToolCall call =
        Calls.with(
            python(
                "names = ['NOETL_ENCRYPTION_KEY', 'PGPASSWORD', 'GITHUB_TOKEN', 'MY_OWN',"
                    + " 'HARMLESS', 'EXTRA']\n"
                    + "import subprocess\n"
                    + "result = [[os.environ.get(n) for n in names],"
                    + " subprocess.check_output('echo $EXTRA$MY_OWN', shell=True, text=True)]"),
            "env",
            Map.of("EXTRA", 5L));
    List<String> expected = new ArrayList<>();
    expected.add(null);
    expected.add(null);
    expected.add(null);
    expected.add(null);
    expected.add("yes");
    expected.add("5");
    assertThat(executor.run(call).data()).isEqualTo(List.of(expected, "5\n"));
  }

  @Test
  void variablesOfTheInterpreterItselfAreHeeded() throws Exception {
    Files.writeString(temp.resolve("my_own_module.py"), "X = 5\n");
    ToolCall call =
        Calls.with(
            python("import my_own_module\nprint('out')\nresult = my_own_module.X"),
            "env",
            Map.of("PYTHONPATH", temp.toString()));
    Outcome outcome = executor.run(call);
    assertThat(outcome.error()).isNull();
    assertThat(outcome.data()).isEqualTo(5L);
    assertThat(outcome.streams()).containsEntry("stdout", "out\n");
  }

  @Test
  void workingDirectoryIsPrivateAndRemoved() throws Exception {
    Outcome outcome = run("open('x.txt', 'w').write('1')\nresult = os.getcwd()");
    Path directory = Path.of(String.valueOf(outcome.data()));
    assertThat(directory.startsWith(executor.home().toString())).isTrue();
    await(() -> !Files.exists(directory));
    Outcome own = executor.run(Calls.with(python("result = os.getcwd()"), "cwd", temp.toString()));
    assertThat(own.data()).isEqualTo(temp.toRealPath().toString());
    Outcome none = executor.run(Calls.with(python("result = 1"), "cwd", "/no/such/dir"));
    assertThat(none.hard()).isTrue();
    assertThat(String.valueOf(none.error().get("message"))).contains("/no/such/dir");
  }

  @Test
  void filesLeftOpenAreFlushedBeforeTheCallEnds() throws Exception {
    Path file = temp.resolve("left-open.txt");
    run("f = open('" + file + "', 'w')\nf.write('text')\nresult = 1");
    assertThat(file).hasContent("text");
  }

  @Test
  void threadsAndExitHandlersMayFinish() throws Exception {
    Outcome outcome =
        run(
            """
            import threading, atexit
            atexit.register(lambda: print("bye"))
            def late():
                time.sleep(0.05)
                print("late")
            threading.Thread(target=late).start()
            result = 1
            """);
    assertThat(outcome.streams()).containsEntry("stdout", "late\nbye\n");
  }

  @Test
  @Rule("10.7")
  void timeoutKillsTheWholeGroup() throws Exception {
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(10);
    ToolCall call =
        Calls.withLog(
            Calls.with(
                python(
                    """
                    import subprocess
                    child = subprocess.Popen(["sleep", "600"])
                    print(child.pid, os.getpid())
                    child.wait()
                    """),
                "timeout_seconds",
                0.4),
            (stream, line) -> lines.add(line));
    long start = System.nanoTime();
    Outcome outcome = executor.run(call);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(390), Duration.ofSeconds(3));
    assertThat(outcome.status()).isEqualTo(Status.TIMEOUT);
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.data()).isNull();
    assertThat(outcome.error())
        .containsEntry("kind", "timeout")
        .containsEntry("retryable", true)
        .containsEntry("message", "Python script timed out after 0.4 s");
    String line = lines.poll(5, TimeUnit.SECONDS);
    for (String pid : line.split(" ")) {
      await(() -> gone(Long.parseLong(pid)));
    }
    assertThat(run("result = 1").data()).isEqualTo(1L);
  }

  @Test
  void timeoutOfAColdCallKillsTheWholeGroup() throws Exception {
    AtomicReference<String> pid = new AtomicReference<>();
    ToolCall call =
        Calls.withTimeout(
            Calls.withLog(
                Calls.with(
                    python(
                        "import subprocess\np = subprocess.Popen(['sleep', '600'])\n"
                            + "print(p.pid)\np.wait()"),
                    "env",
                    Map.of("PYTHONHASHSEED", "1")),
                (stream, line) -> pid.set(line)),
            Duration.ofSeconds(2));
    assertThat(executor.run(call).status()).isEqualTo(Status.TIMEOUT);
    await(() -> gone(Long.parseLong(pid.get())));
  }

  @Test
  void processesLeftBehindEndWithTheCall() throws Exception {
    Outcome outcome = run("import subprocess\nresult = subprocess.Popen(['sleep', '600']).pid");
    await(() -> gone((Long) outcome.data()));
  }

  @Test
  void interruptStopsTheCall() throws Exception {
    BlockingQueue<Long> pids = new ArrayBlockingQueue<>(1);
    ToolCall call =
        Calls.withLog(
            python("print(os.getpid())\ntime.sleep(600)"),
            (stream, line) -> pids.add(Long.parseLong(line)));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    executor.run(call);
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    long pid = pids.poll(10, TimeUnit.SECONDS);
    thread.interrupt();
    assertThat(thread.join(PATIENCE)).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    await(() -> gone(pid));
  }

  @Test
  void closeInterruptsRunningCallsAndEndsEveryProcess() throws Exception {
    BlockingQueue<String> pids = new ArrayBlockingQueue<>(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    executor.run(
                        Calls.withLog(
                            python("print(os.getpid(), os.getppid())\ntime.sleep(600)"),
                            (stream, line) -> pids.add(line)));
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    String line = pids.poll(10, TimeUnit.SECONDS);
    long zygote = executor.zygotePid();
    executor.close();
    assertThat(thread.join(PATIENCE)).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    for (String pid : line.split(" ")) {
      await(() -> gone(Long.parseLong(pid)));
    }
    await(() -> gone(zygote));
    assertThatThrownBy(() -> run("result = 1")).isInstanceOf(InterruptedException.class);
  }

  @Test
  void killedZygoteIsReplacedAndRunningCallsGoOn() throws Exception {
    BlockingQueue<String> started = new ArrayBlockingQueue<>(1);
    Path go = temp.resolve("go");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Outcome> running =
          threads.submit(
              () ->
                  executor.run(
                      Calls.withLog(
                          python(
                              "print('started')\nwhile not os.path.exists('"
                                  + go
                                  + "'): time.sleep(0.01)\nresult = 'went on'"),
                          (stream, line) -> started.add(line))));
      started.poll(10, TimeUnit.SECONDS);
      long zygote = executor.zygotePid();
      ProcessHandle.of(zygote).orElseThrow().destroyForcibly();
      await(() -> gone(zygote));
      for (int i = 0; i < 4; i++) {
        threads.submit(() -> executor.run(python("time.sleep(0.2)")));
      }
      assertThat(run("result = 2").data()).isEqualTo(2L);
      Files.createFile(go);
      assertThat(running.get(10, TimeUnit.SECONDS).data()).isEqualTo("went on");
    }
    assertThat(executor.zygotePid()).isPositive();
  }

  @Test
  void killedSlotEndsItsCallHardAndTheCodeWithIt() throws Exception {
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Outcome> running =
          threads.submit(
              () ->
                  executor.run(
                      Calls.withLog(
                          python(
                              "import subprocess\np = subprocess.Popen(['sleep', '600'])\n"
                                  + "print(os.getppid(), os.getpid(), p.pid)\np.wait()"),
                          (stream, line) -> lines.add(line))));
      String[] pids = lines.poll(10, TimeUnit.SECONDS).split(" ");
      ProcessHandle.of(Long.parseLong(pids[0])).orElseThrow().destroyForcibly();
      Outcome outcome = running.get(10, TimeUnit.SECONDS);
      assertThat(outcome.hard()).isTrue();
      assertThat(outcome.error())
          .containsEntry("kind", "process")
          .containsEntry("code", "PYTHON_PROCESS_LOST")
          .containsEntry("retryable", true);
      for (String pid : pids) {
        await(() -> gone(Long.parseLong(pid)));
      }
    }
    assertThat(run("result = 1").data()).isEqualTo(1L);
  }

  @Test
  void stoppedSlotIsGivenUpAndKilled() throws Exception {
    AtomicReference<String> pids = new AtomicReference<>();
    ToolCall call =
        Calls.withTimeout(
            Calls.withLog(
                python(
                    "import signal\nprint(os.getppid(), os.getpid())\ntime.sleep(0.1)\n"
                        + "os.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(600)"),
                (stream, line) -> pids.set(line)),
            Duration.ofMillis(500));
    assertThat(executor.run(call).status()).isEqualTo(Status.TIMEOUT);
    for (String pid : pids.get().split(" ")) {
      await(() -> gone(Long.parseLong(pid)));
    }
  }

  @Test
  void killedIdleSlotIsReplacedUnseen() throws Exception {
    for (int i = 0; i < 4; i++) {
      long slot = (Long) run("result = os.getppid()").data();
      ProcessHandle.of(slot).orElseThrow().destroyForcibly();
      await(() -> gone(slot));
    }
    assertThat(run("result = 1").data()).isEqualTo(1L);
  }

  @Test
  @Rule("10.7")
  void missingInterpreterIsAConfigurationError() throws Exception {
    Outcome outcome = executor.run(Calls.with(python("result = 1"), "python", "no-such-python-9"));
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).containsEntry("kind", "configuration");
    assertThat(String.valueOf(outcome.error().get("message")))
        .contains("no-such-python-9", "python.interpreter", "field 'python'");
    Outcome wrong = executor.run(Calls.with(python("result = 1"), "python", "false"));
    assertThat(wrong.hard()).isTrue();
    assertThat(String.valueOf(wrong.error().get("message"))).contains("'false'", "exit code 1");
  }

  @Test
  void inputAndResultOfManyMegabytesPass() throws Exception {
    String item = "x".repeat(1000);
    List<String> items = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      items.add(item);
    }
    Outcome outcome = executor.run(python("result = {'items': items}", Map.of("items", items)));
    assertThat(outcome.error()).isNull();
    assertThat(outcome.data()).isEqualTo(Map.of("items", items));
  }

  @Test
  void resultBeyondTheLimitIsHardAndNamesIt() throws Exception {
    Outcome outcome = run("result = 'x' * (65 << 20)");
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).containsEntry("code", "RESULT_TOO_LARGE");
    assertThat(String.valueOf(outcome.error().get("message")))
        .contains("python.result-limit", "67108864");
  }

  @Test
  void floodOfOutputKeepsItsTail() throws Exception {
    Outcome outcome =
        run(
            """
            block = b"0123456789abcde\\n" * 4096
            for i in range(400):
                os.write(1, block)
            os.write(2, b"end of errors")
            os.write(1, "žend".encode())
            """);
    String stdout = String.valueOf(outcome.streams().get("stdout"));
    assertThat(stdout).endsWith("0123456789abcde\nžend");
    assertThat(stdout.getBytes(java.nio.charset.StandardCharsets.UTF_8)).hasSize(1 << 20);
    assertThat(outcome.streams()).containsEntry("stderr", "end of errors");
  }

  @Test
  void outputOfDescriptorsAndSubprocessesIsCapturedInLinesAsItComes() throws Exception {
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(20);
    Path go = temp.resolve("go");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Outcome> running =
          threads.submit(
              () ->
                  executor.run(
                      Calls.withLog(
                          python(
                              "import subprocess\nprint('one')\n"
                                  + "while not os.path.exists('"
                                  + go
                                  + "'): time.sleep(0.01)\n"
                                  + "os.write(1, b'two\\nthr')\nos.write(1, b'ee\\n')\n"
                                  + "subprocess.run('echo four; echo five > /dev/stderr',"
                                  + " shell=True)\nprint('six', end='')"),
                          (stream, line) -> lines.add(stream + ":" + line))));
      assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo("stdout:one");
      Files.createFile(go);
      Outcome outcome = running.get(10, TimeUnit.SECONDS);
      assertThat(outcome.streams())
          .containsEntry("stdout", "one\ntwo\nthree\nfour\nsix")
          .containsEntry("stderr", "five\n");
      assertThat(lines)
          .containsExactlyInAnyOrder(
              "stdout:two", "stdout:three", "stdout:four", "stderr:five", "stdout:six");
    }
  }

  @Test
  void aForkOfTheCodesOwnMakingHasNothingToSay() throws Exception {
    assertThat(run("pid = os.fork()\nif pid: os.waitpid(pid, 0)\nresult = 'x'").data())
        .isEqualTo("x");
  }

  @Test
  void atMostTheSettingsNumberOfCallsRunAtOnce() throws Exception {
    executor.close();
    executor = new PythonExecutor(settings().withMaxConcurrent(2), new NoopExecutor());
    Path counter = Files.createDirectory(temp.resolve("running"));
    String code =
        "f = '%s/' + str(os.getpid())\nopen(f, 'w').close()\nn = len(os.listdir('%s'))\n"
                .formatted(counter, counter)
            + "time.sleep(0.05)\nos.remove(f)\nresult = n";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(threads.submit(() -> executor.run(python(code))));
      }
      for (Future<Outcome> call : calls) {
        assertThat((Long) call.get(20, TimeUnit.SECONDS).data()).isBetween(1L, 2L);
      }
    }
  }

  @Test
  void manyCallsAtOnceDoNotMixUp() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> calls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Map<String, Object> input = Map.of("n", (long) i);
        calls.add(threads.submit(() -> executor.run(python("print(n)\nresult = n", input))));
      }
      for (int i = 0; i < 100; i++) {
        Outcome outcome = calls.get(i).get(60, TimeUnit.SECONDS);
        assertThat(outcome.data()).isEqualTo((long) i);
        assertThat(outcome.streams()).containsEntry("stdout", i + "\n");
      }
    }
  }

  @Test
  void withoutWarmProcessesEveryCallStartsAnInterpreter() throws Exception {
    executor.close();
    executor = new PythonExecutor(settings().withWarm(false), new NoopExecutor());
    assertThat(run("result = {'a': 1}").data()).isEqualTo(Map.of("a", 1L));
    assertThat(run("print('x')\nsys.exit(3)").error()).containsEntry("code", "EXIT_3");
    assertThat(run("os.kill(os.getpid(), 9)").error()).containsEntry("code", "EXIT_137");
    assertThat(
            executor
                .run(Calls.of(ToolKind.PYTHON, Map.of("code", "x", "python", "no-such-python-9")))
                .hard())
        .isTrue();
  }

  @Test
  void everythingIsRemovedAtTheEnd() throws Exception {
    run("result = 1");
    executor.close();
    await(
        () -> {
          try (Stream<Path> left = Files.list(temp)) {
            return left.noneMatch(path -> path.getFileName().toString().startsWith("noetl-py"));
          }
        });
  }

  @Test
  void aTrivialCallCostsLittle() throws Exception {
    int calls = 300;
    long[] micros = new long[calls];
    for (int i = -50; i < calls; i++) {
      long start = System.nanoTime();
      Outcome outcome = run("result = 1");
      if (i >= 0) {
        micros[i] = (System.nanoTime() - start) / 1000;
      }
      assertThat(outcome.data()).isEqualTo(1L);
    }
    java.util.Arrays.sort(micros);
    System.out.printf(
        "python trivial call: p50 %d us, p99 %d us%n", micros[calls / 2], micros[calls * 99 / 100]);
    assertThat(micros[calls / 2]).as("p50 in microseconds").isLessThan(20_000);
  }
}
