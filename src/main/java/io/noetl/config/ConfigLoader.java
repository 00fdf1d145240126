package io.noetl.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings of the process: a properties file, then the environment, then flags, each
 * winning over the one before. Collects every fault before it gives up.
 */
public final class ConfigLoader {
  /** Every variable of the environment that starts so is ours. */
  static final String ENVIRONMENT_PREFIX = "NOETL_";

  /** Names the properties file when {@code --config} does not. */
  static final String FILE_VARIABLE = "NOETL_CONFIG";

  /** The token that the command line shows a server. */
  public static final String TOKEN_VARIABLE = "NOETL_TOKEN";

  /** Names that other programs of this family give to the same settings. */
  private static final Map<String, String> OTHER_NAMES = otherNames();

  /** Ours, but read by the launcher script and by tests, before or without this loader. */
  private static final Set<String> NOT_SETTINGS =
      Set.of(FILE_VARIABLE, "NOETL_JAVA_OPTS", "NOETL_JAVA_HOME", "NOETL_JAR", TOKEN_VARIABLE);

  private static final String TEST_PREFIX = "NOETL_TEST_";

  private ConfigLoader() {}

  /**
   * The settings in force, with where each came from.
   *
   * @param entries one per key, in the order of the sections
   */
  public record Loaded(NoetlConfig config, List<Entry> entries) {
    public Loaded {
      entries = List.copyOf(entries);
    }
  }

  /**
   * @param file the properties file, else the one that {@code NOETL_CONFIG} names
   * @param flags by key, as the command line gave them
   * @throws ConfigException with every fault
   */
  public static Loaded load(Optional<Path> file, Map<String, String> flags) {
    return load(file, System.getenv(), flags);
  }

  /** As {@link #load(Optional, Map)}, in a given environment. */
  static Loaded load(
      Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
    List<Fault> faults = new ArrayList<>();
    Set<String> keys = keys();
    Map<String, Setting> settings = new LinkedHashMap<>();
    String fromEnvironment = environment.get(FILE_VARIABLE);
    Path path =
        file.orElse(
            fromEnvironment == null || fromEnvironment.isBlank() ? null : Path.of(fromEnvironment));
    if (path != null) {
      addFile(path, keys, settings, faults);
    }
    addEnvironment(environment, keys, settings, faults);
    addFlags(flags, keys, settings, faults);

    Values values = Values.of(settings);
    NoetlConfig config;
    try {
      config = NoetlConfig.from(values);
    } catch (ConfigException e) {
      faults.addAll(values.faults());
      values.located(e.faults()).forEach(faults::add);
      throw new ConfigException(faults);
    }
    faults.addAll(values.faults());
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
    return new Loaded(config, values.entries());
  }

  /** The environment of this process, for tools that hand it on to programs they start. */
  public static Map<String, String> environment() {
    return System.getenv();
  }

  /** Every key with its default, in the order of the sections. */
  public static List<Entry> reference() {
    Values values = Values.of(Map.of());
    NoetlConfig.from(values);
    return values.entries();
  }

  /** The names that other programs use, with the key that each sets. */
  public static Map<String, String> otherEnvironmentNames() {
    return OTHER_NAMES;
  }

  private static Set<String> keys() {
    Set<String> keys = new HashSet<>();
    reference().forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  private static void addFile(
      Path path, Set<String> keys, Map<String, Setting> settings, List<Fault> faults) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      faults.add(
          new Fault(
              "file " + path,
              null,
              "Expected a properties file that can be read, but " + reason(e)));
      return;
    }
    for (String key : properties.stringPropertyNames().stream().sorted().toList()) {
      String where = "file " + path;
      if (keys.contains(key)) {
        settings.put(key, new Setting(properties.getProperty(key).strip(), where + " " + key));
      } else {
        faults.add(new Fault(where + " " + key, null, unknown("key", Texts.nearest(key, keys))));
      }
    }
  }

  private static void addEnvironment(
      Map<String, String> environment,
      Set<String> keys,
      Map<String, Setting> settings,
      List<Fault> faults) {
    Map<String, String> byName = new LinkedHashMap<>();
    keys.forEach(key -> byName.put(Entry.environmentName(key), key));
    // In order of name, so that messages do not change from run to run; our own names win.
    for (Map.Entry<String, String> other : OTHER_NAMES.entrySet()) {
      String value = environment.get(other.getKey());
      if (value != null && !value.isBlank()) {
        settings.put(other.getValue(), new Setting(value.strip(), "environment " + other.getKey()));
      }
    }
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      String name = variable.getKey();
      String value = variable.getValue().strip();
      if (!name.startsWith(ENVIRONMENT_PREFIX)
          || name.startsWith(TEST_PREFIX)
          || NOT_SETTINGS.contains(name)
          || OTHER_NAMES.containsKey(name)) {
        continue;
      }
      String key = byName.get(name);
      if (key != null) {
        settings.put(key, new Setting(value, "environment " + name));
      } else if (!madeByKubernetes(name, value)) {
        faults.add(
            new Fault(
                "environment " + name,
                null,
                unknown("variable", Texts.nearest(name, byName.keySet()))));
      }
    }
  }

  /** A service named {@code noetl} makes Kubernetes set such variables in every pod beside it. */
  private static boolean madeByKubernetes(String name, String value) {
    if (name.matches("NOETL_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP)(_.*)?)")) {
      return true;
    }
    return name.endsWith("_PORT") && value.matches("(tcp|udp)://.*");
  }

  private static void addFlags(
      Map<String, String> flags,
      Set<String> keys,
      Map<String, Setting> settings,
      List<Fault> faults) {
    for (Map.Entry<String, String> flag : flags.entrySet()) {
      String where = "flag " + flag.getKey();
      if (keys.contains(flag.getKey())) {
        settings.put(flag.getKey(), new Setting(flag.getValue().strip(), where));
      } else {
        faults.add(new Fault(where, null, unknown("key", Texts.nearest(flag.getKey(), keys))));
      }
    }
  }

  private static String unknown(String what, @Nullable String nearest) {
    return "Expected a known "
        + what
        + (nearest == null ? "" : " (did you mean " + nearest + "?)")
        + ", but there is none of this name; `noetl print-config --all` lists them";
  }

  private static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }

  private static Map<String, String> otherNames() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("POSTGRES_HOST", "database.host");
    names.put("POSTGRES_PORT", "database.port");
    names.put("POSTGRES_DATABASE", "database.name");
    names.put("POSTGRES_DB", "database.name");
    names.put("POSTGRES_USER", "database.user");
    names.put("POSTGRES_PASSWORD", "database.password");
    names.put("NATS_URL", "bus.url");
    names.put("NATS_CONSUMER", "bus.consumer");
    names.put("NATS_FILTER_SUBJECT", "bus.filter-subject");
    return Collections.unmodifiableMap(names);
  }
}
