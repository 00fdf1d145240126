package io.noetl.tool.python;

import static io.noetl.tool.Calls.json;
import static io.noetl.tool.Calls.python;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Calls;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.process.ChildEnvironment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Sections 10.3 to 10.7 of the language, with a real interpreter. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Rule({"9.4", "10.5", "10.6"})
class PythonResultTest {
  private PythonExecutor executor;

  @BeforeAll
  void start() {
    executor =
        new PythonExecutor(
            PythonSettings.defaults(
                ChildEnvironment.of(System.getenv(), List.of()),
                Path.of(System.getProperty("java.io.tmpdir"))),
            new NoopExecutor());
  }

  @AfterAll
  void stop() {
    executor.close();
  }

  private Outcome run(String code) throws InterruptedException {
    return executor.run(python(code));
  }

  private Outcome run(String code, String input) throws InterruptedException {
    return executor.run(python(code, json(input)));
  }

  private void assertData(Outcome outcome, String expected) {
    assertThat(outcome.error()).as("error").isNull();
    assertThat(Json.text(outcome.data())).isEqualTo(Json.text(json(expected)));
  }

  @Test
  @Rule("E1")
  void e1ModuleFormGivesItsResult() throws Exception {
    assertData(run("result = {'msg': 'hi ' + who}", "{'who': 'Ada'}"), "{'msg': 'hi Ada'}");
  }

  @Test
  @Rule("E4")
  void e4ReturnFormBranches() throws Exception {
    String code = "if x > 2:\n    return {'big': True}\nreturn {'big': False}";
    assertData(run(code, "{'x': 3}"), "{'big': true}");
    assertData(run(code, "{'x': 1}"), "{'big': false}");
  }

  @Test
  @Rule("E4")
  void e4AsyncMainGetsInputByNameAndTheRestAsKeywords() throws Exception {
    String code =
        """
        async def main(a, b=1, **kw):
            return {"sum": a + b, "kw": kw}
        """;
    assertData(run(code, "{'a': 2, 'b': 5, 'extra': 1}"), "{'sum': 7, 'kw': {'extra': 1}}");
  }

  @Test
  @Rule("E4")
  void e4NoResultGivesTheOutput() throws Exception {
    Outcome outcome = run("print('hello')");
    assertData(outcome, "{'stdout': 'hello\\n', 'stderr': ''}");
    assertThat(outcome.streams()).containsEntry("stdout", "hello\n").containsEntry("exit_code", 0);
  }

  @Test
  @Rule({"E5", "10.3"})
  void e5LibrariesInputDataAndRebinding() throws Exception {
    String code =
        """
        v = [m.sqrt(i) for i in input_data.get("v", [])]
        result = {"r": v, "d": Dec("1.10"), "same": args == {"v": [1, 4, 9]}}
        """;
    Outcome outcome =
        executor.run(
            Calls.with(
                python(code, json("{'v': [1, 4, 9]}")),
                "libs",
                json("{'m': 'math', 'Dec': {'from': 'decimal', 'import': 'Decimal'}}")));
    assertData(outcome, "{'r': [1.0, 2.0, 3.0], 'd': '1.10', 'same': true}");
  }

  @Test
  @Rule({"E6", "10.7"})
  void e6UncaughtExceptionIsSoft() throws Exception {
    Outcome outcome = run("x = 1\nraise ValueError('boom')");
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.status()).isEqualTo(Status.ERROR);
    assertThat(outcome.error())
        .containsEntry("kind", "python")
        .containsEntry("code", "PY_ValueError")
        .containsEntry("message", "ValueError: boom")
        .containsEntry("exception", "ValueError")
        .containsEntry("retryable", false);
    assertThat(String.valueOf(outcome.error().get("traceback")))
        .contains("line 2", "raise ValueError('boom')")
        .doesNotContain("noetl_runner");
    assertThat((Map<?, ?>) outcome.data()).extracting("stdout").isEqualTo("");
    assertThat(String.valueOf(((Map<?, ?>) outcome.data()).get("stderr")))
        .contains("ValueError: boom");
    assertThat(outcome.meta())
        .containsEntry("message", "Python script exited with code 1: ValueError: boom");
  }

  @Test
  @Rule("E42")
  void e42InputCalledResultCountsOnlyWhenRebound() throws Exception {
    assertData(
        run(
            "assert result['status'] == 'success'\nresult = {'ok': 1}",
            "{'result': {'status': 'success'}}"),
        "{'ok': 1}");
    assertData(run("print(result)", "{'result': 5}"), "{'stdout': '5\\n', 'stderr': ''}");
    assertData(run("result = 5", "{'result': 5}"), "5");
    assertData(run("result += 1", "{'result': 5}"), "6");
    assertData(
        run("if False:\n  return 1\nprint(result)", "{'result': 5}"),
        "{'stdout': '5\\n', 'stderr': ''}");
  }

  @Test
  @Rule("10.7")
  void syntaxErrorIsSoft() throws Exception {
    Outcome outcome = run("result = = 1");
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.error())
        .containsEntry("code", "PY_SyntaxError")
        .containsEntry("kind", "python");
  }

  @Test
  @Rule({"10.3", "10.7"})
  void importErrorHasItsKind() throws Exception {
    assertThat(run("import no_such_module_x").error()).containsEntry("kind", "import");
    Outcome libs =
        executor.run(
            Calls.of(
                ToolKind.PYTHON,
                Map.of("code", "result = 1", "libs", List.of("no_such_module_x"))));
    assertThat(libs.hard()).isFalse();
    assertThat(libs.error())
        .containsEntry("kind", "import")
        .containsEntry("code", "PY_ModuleNotFoundError");
  }

  @Test
  @Rule("10.7")
  void exitCodesAreProcessErrors() throws Exception {
    assertThat(run("import sys; sys.exit(3)").error())
        .containsEntry("kind", "process")
        .containsEntry("code", "EXIT_3")
        .containsEntry("message", "Python script exited with code 3");
    assertThat(run("os._exit(4)").error()).containsEntry("code", "EXIT_4");
    assertThat(run("sys.exit('no good')").data())
        .isEqualTo(json("{'stdout': '', 'stderr': 'no good\\n'}"));
    Outcome killed = run("import signal\nos.kill(os.getpid(), signal.SIGSEGV)\ntime.sleep(9)");
    assertThat(killed.hard()).isFalse();
    assertThat(killed.error()).containsEntry("code", "EXIT_139");
  }

  @Test
  void exitWithZeroMakesADocumentOnStdoutTheResult() throws Exception {
    assertData(run("print(json.dumps({'a': 1}))\nsys.exit(0)"), "{'a': 1}");
    assertData(run("print('{\"a\": 2}', flush=True)\nos._exit(0)"), "{'a': 2}");
    assertData(run("print('plain')\nsys.exit(0)"), "{'stdout': 'plain\\n', 'stderr': ''}");
    assertData(run("print('{\"a\": 1}')"), "{'stdout': '{\\\"a\\\": 1}\\n', 'stderr': ''}");
  }

  @Test
  void falsyResultsAreResults() throws Exception {
    for (String value : List.of("0", "\"\"", "[]", "{}")) {
      assertData(run("result = " + value), value);
    }
    assertData(run("result = False"), "false");
  }

  @Test
  void memberNamesOfTheResultMeanNothing() throws Exception {
    assertData(
        run("result = {'status': 'error', 'error': 'x'}"), "{'status': 'error', 'error': 'x'}");
  }

  @Test
  void valuesAreConvertedToJson() throws Exception {
    String code =
        """
        import enum, dataclasses, decimal
        class Color(enum.Enum):
            RED = "r"
        class Num(enum.IntEnum):
            ONE = 1
        @dataclasses.dataclass
        class P:
            x: int
            when: object
        class Other:
            def __str__(self):
                return "other!"
        result = {
            "t": (1, 2), "s": {3, 1, 2}, "mixed": {"b", 1}, "d": datetime.date(2024, 1, 2),
            "dt": datetime.datetime(2024, 1, 2, 3, 4, 5), "tm": datetime.time(1, 2),
            "dec": decimal.Decimal("1.50"), "u": uuid.UUID(int=1), "b": b"hi",
            "e": Color.RED, "i": Num.ONE, "p": P(1, datetime.date(2024, 1, 2)), "o": Other(),
            "nan": float("nan"), "inf": [float("inf"), 1.5], 1: "int", None: "none", True: "yes",
            "big": 2**80, "uni": "žů\\U0001F600",
        }
        """;
    Outcome outcome = run(code);
    assertData(
        outcome,
        """
        {'t': [1, 2], 's': [1, 2, 3], 'mixed': [1, 'b'], 'd': '2024-01-02',
         'dt': '2024-01-02T03:04:05', 'tm': '01:02:00',
         'dec': '1.50', 'u': '00000000-0000-0000-0000-000000000001', 'b': 'aGk=',
         'e': 'r', 'i': 1, 'p': {'x': 1, 'when': '2024-01-02'}, 'o': 'other!',
         'nan': null, 'inf': [null, 1.5], '1': 'yes', 'null': 'none',
         'big': 1208925819614629174706176, 'uni': 'žů\uD83D\uDE00'}
        """);
  }

  @Test
  void whatCannotBeConvertedBecomesNullWithANote() throws Exception {
    for (String code :
        List.of(
            "a = []\na.append(a)\nresult = a",
            "result = {(1, 2): 3}",
            "result = 1\nfor _ in range(100000): result = [result]",
            "class X:\n  def __str__(self): raise ValueError('no')\nresult = X()")) {
      Outcome outcome = run(code);
      assertThat(outcome.succeeded()).isTrue();
      assertThat(String.valueOf(((Map<?, ?>) outcome.data()).get("stderr")))
          .as(code)
          .startsWith("noetl: the result is not kept: ");
    }
  }

  @Test
  void nestingBeyondTheLimitIsASoftErrorThatNamesIt() throws Exception {
    Outcome outcome = run("result = 1\nfor _ in range(700): result = [result]");
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.error()).containsEntry("code", "PY_RESULT");
  }

  @Test
  void returnFormBindsInjectedNamesAsParameters() throws Exception {
    assertData(
        run("x = x + 1\nif x > 5:\n    return None\nresult = {'x': x}", "{'x': 1}"), "{'x': 2}");
    assertData(
        run(
            """
            import math as m2
            text = '''
            no indent
              two'''
            def f(n):
                return n if n < 2 else f(n - 1) + f(n - 2)
            json = json.dumps({"f": f(10), "sq": m2.sqrt(n)})
            return [text, json]
            """,
            "{'n': 9}"),
        "['\\nno indent\\n  two', '{\\\"f\\\": 55, \\\"sq\\\": 3.0}']");
    assertData(run("from math import *\nreturn floor(pi)"), "3");
    assertData(run("global x\nx = x + 1\nreturn x", "{'x': 1}"), "2");
  }

  @Test
  void returnFormMayAwait() throws Exception {
    assertData(
        run("import asyncio\nawait asyncio.sleep(0)\nif True:\n    return 'slept'"), "'slept'");
  }

  @Test
  void moduleFormMayAwait() throws Exception {
    assertData(run("import asyncio\nawait asyncio.sleep(0)\nresult = [i for i in (1,)]"), "[1]");
  }

  @Test
  void yieldOutsideAFunctionIsASyntaxError() throws Exception {
    assertThat(run("yield 1\nreturn 2").error()).containsEntry("code", "PY_SyntaxError");
  }

  @Test
  void mainIsCalledOnlyWithoutAResult() throws Exception {
    assertData(run("def main():\n    return 1\nresult = 2"), "2");
    assertData(
        run("def main(args, input_data): return [args, input_data]", "{'a': 1}"),
        "[{'a': 1}, {'a': 1}]");
    assertData(run("def main(*a, x, y=3): return [a, x, y]", "{'x': 1}"), "[[], 1, 3]");
    assertData(run("def main(x, /, y): return [x, y]", "{'x': 1, 'y': 2}"), "[1, 2]");
    assertThat(run("def main(missing): pass").error()).containsEntry("code", "PY_TypeError");
    assertData(
        executor.run(
            Calls.withNames(
                python("def main(w, context): return [w, context['w'], context['step']]"),
                Map.of("w", 7L))),
        "[7, 7, 'start']");
  }

  @Test
  void theNameOfTheModuleIsMain() throws Exception {
    assertData(run("if __name__ == '__main__':\n    result = 1"), "1");
  }

  @Test
  @Rule("10.4")
  void dispatchContextIsReachableAndNotGlobal() throws Exception {
    Map<String, Object> names =
        Map.of(
            "w", 1L,
            "workload", Map.of("w", 1L),
            "ctx", Map.of("c", 2L),
            "iter", Map.of("item", 3L));
    assertData(
        executor.run(
            Calls.withNames(
                python(
                    "result = [workload['w'], ctx['c'], ctx['w'], ctx.get('zz'), iter['item'],"
                        + " context['w'], variables['w'], context['args'], 'args' in variables,"
                        + " execution_id, step, server_url, ctx]",
                    json("{'a': 1}")),
                names)),
        "[1, 2, 1, null, 3, 1, 1, {'a': 1}, false, '123456789', 'start', 'http://127.0.0.1:1',"
            + " {'c': 2}]");
    assertThat(executor.run(Calls.withNames(python("result = w"), names)).error())
        .containsEntry("code", "PY_NameError");
  }

  @Test
  @Rule("10.4")
  void inputNamesWinOverBuiltInOnes() throws Exception {
    assertData(
        run("result = [args, context, step]", "{'args': 1, 'context': 2, 'step': 3}"), "[1, 2, 3]");
    assertData(run("result = [args, input_data]", "[1, 2]"), "[[1, 2], [1, 2]]");
  }

  @Test
  @Rule("10.4")
  void argsAndInputDataAreIndependent() throws Exception {
    assertData(
        run("args['l'].append(2)\nresult = [args, input_data, l]", "{'l': [1]}"),
        "[{'l': [1, 2]}, {'l': [1]}, [1]]");
  }

  @Test
  void commonIndentationIsRemoved() throws Exception {
    assertData(run("\n    x = 1\n    if x:\n        result = x\n"), "1");
  }

  @Test
  @Rule("10.2")
  void codeComesFromBase64AndInlineScript() throws Exception {
    assertData(
        executor.run(Calls.of(ToolKind.PYTHON, Map.of("code_b64", "cmVzdWx0ID0gMQ=="))), "1");
    assertData(
        executor.run(
            Calls.of(
                ToolKind.PYTHON,
                Map.of(
                    "script",
                    json(
                        "{'uri': 'inline', 'source': {'type': 'inline', 'code':"
                            + " 'result = {\\\"ok\\\": True}'}}")))),
        "{'ok': true}");
  }

  @Test
  @Rule({"10.2", "10.7"})
  void missingCodeAndUnknownSourcesAreHard() throws Exception {
    Outcome none = executor.run(Calls.of(ToolKind.PYTHON, Map.of()));
    assertThat(none.hard()).isTrue();
    assertThat(none.error())
        .containsEntry("kind", "configuration")
        .containsEntry("message", "Invalid python config: missing field 'code'");
    for (String source :
        List.of(
            "{'uri': '/no/such/file.py', 'source': {'type': 'file'}}",
            "{'uri': 'gs://b/x.py', 'source': {'type': 'gcs'}}")) {
      Outcome outcome = executor.run(Calls.of(ToolKind.PYTHON, Map.of("script", json(source))));
      assertThat(outcome.hard()).as(source).isTrue();
    }
  }

  @Test
  void printedTracebackShowsTheCodeOfTheStep() throws Exception {
    Outcome outcome = run("def f():\n    return {}['k']\nf()");
    assertThat(String.valueOf(outcome.error().get("traceback"))).contains("in f", "return {}['k']");
    assertThat(outcome.error()).containsEntry("message", "KeyError: 'k'");
  }
}
