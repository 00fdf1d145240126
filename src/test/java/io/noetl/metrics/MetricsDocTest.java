package io.noetl.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The table in docs/metrics.md is what the components register. A component takes part by having a
 * class {@code XMetrics} with a constructor whose first parameter is the registry and whose others
 * are numbers or texts.
 */
class MetricsDocTest {
  private static final Pattern ROW = Pattern.compile("\\| `(noetl_\\w+)` \\| (\\w+) \\|.*");
  private static final Pattern TYPE = Pattern.compile("# TYPE (noetl_\\w+) (\\w+)");

  @Test
  void everyRegisteredMeterHasItsRow() throws Exception {
    try (Metrics metrics = new Metrics("test")) {
      for (Class<?> component : componentMetrics()) {
        register(component, metrics.registry());
      }

      assertThat(families(TYPE, metrics.scrape()))
          .isEqualTo(families(ROW, Files.readString(Path.of("docs/metrics.md"))));
    }
  }

  private static List<Class<?>> componentMetrics() {
    List<Class<?>> found = new ArrayList<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.noetl")) {
      if (type.getSimpleName().matches("\\w+Metrics")) {
        found.add(type.reflect());
      }
    }
    assertThat(found).isNotEmpty();
    return found;
  }

  private static void register(Class<?> component, MeterRegistry registry)
      throws ReflectiveOperationException {
    Constructor<?> constructor = component.getDeclaredConstructors()[0];
    Class<?>[] types = constructor.getParameterTypes();
    assertThat(types).as("parameters of %s", constructor).startsWith(MeterRegistry.class);
    Object[] arguments = new Object[types.length];
    arguments[0] = registry;
    for (int i = 1; i < types.length; i++) {
      arguments[i] = argument(types[i], constructor);
    }
    constructor.setAccessible(true);
    try {
      constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new AssertionError(component + " cannot be made", e.getCause());
    }
  }

  private static Object argument(Class<?> type, Constructor<?> constructor) {
    assertThat(type).as("a parameter of %s", constructor).isIn(int.class, String.class);
    return type == int.class ? (Object) 1 : "test";
  }

  private static Map<String, String> families(Pattern line, String text) {
    Map<String, String> families = new TreeMap<>();
    Matcher matcher = line.matcher(text);
    while (matcher.find()) {
      families.put(matcher.group(1), matcher.group(2));
    }
    return families;
  }
}
