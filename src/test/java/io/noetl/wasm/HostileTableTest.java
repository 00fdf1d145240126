package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Every case of the hostile suite names tests that there are. */
final class HostileTableTest {
  private static final Path TABLE = Path.of("docs/plugins/hostile.md");
  private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\|.*\\| ([^|]*) \\|");
  private static final Pattern TEST = Pattern.compile("`([a-zA-Z/]+)#([a-zA-Z]+)`");

  @Test
  void namesATestForEachOfTheFortyOneCases() throws Exception {
    List<Integer> numbers = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        numbers.add(Integer.valueOf(row.group(1)));
        assertThat(tests(row.group(2))).as("tests of case " + row.group(1)).isPositive();
      }
    }
    assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, 41).boxed().toList());
  }

  private static int tests(String cell) throws ClassNotFoundException {
    int found = 0;
    Matcher test = TEST.matcher(cell);
    while (test.find()) {
      Class<?> type =
          Class.forName(
              "io.noetl." + test.group(1).replace('/', '.'),
              false,
              HostileTableTest.class.getClassLoader());
      assertThat(Arrays.stream(type.getDeclaredMethods()).filter(HostileTableTest::runs))
          .extracting(Method::getName)
          .as(test.group())
          .contains(test.group(2));
      found++;
    }
    return found;
  }

  private static boolean runs(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }
}
