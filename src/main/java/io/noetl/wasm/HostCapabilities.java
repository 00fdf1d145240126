package io.noetl.wasm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The table of all capabilities a plug-in can ask for. */
public final class HostCapabilities {
  private HostCapabilities() {}

  /**
   * One capability of the ABI.
   *
   * @param name the import's name
   * @param tenantDefault whether a tenant's plug-in has it when nobody decided otherwise
   * @param allows what it lets a plug-in do, for the person who grants it
   */
  public record Entry(String name, boolean tenantDefault, String allows) {}

  /** Every capability of {@code noetl.v1}, whether or not this installation offers it. */
  public static List<Entry> all() {
    return List.of(
        new Entry("host_put_event", true, "record custom events in its own execution"),
        new Entry("host_get_credential", false, "read the credentials the grant names"),
        new Entry("host_query_pg", false, "run SQL with the credential the grant names"),
        new Entry("host_read_event_log", false, "read the events of its own execution"),
        new Entry("host_mutate_catalog", false, "register playbooks under the granted path"),
        new Entry("host_system_call", false, "call the system functions the grant names"));
  }

  /**
   * Grants of these capabilities, as an operator would write them; names in them stand for own
   * ones.
   */
  public static Map<String, Map<String, @Nullable Object>> example(Collection<String> names) {
    Map<String, Map<String, @Nullable Object>> grants = new LinkedHashMap<>();
    for (Entry entry : all()) {
      if (names.contains(entry.name())) {
        grants.put(
            entry.name(),
            switch (entry.name()) {
              case "host_get_credential" -> Map.of("names", List.of("NAME"));
              case "host_query_pg" -> Map.of("credential", "NAME");
              case "host_mutate_catalog" -> Map.of("prefix", "PATH/");
              case "host_system_call" -> Map.of("names", List.of("version"));
              default -> Map.of();
            });
      }
    }
    return grants;
  }

  /** The names, sorted. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (Entry entry : all()) {
      names.add(entry.name());
    }
    return names;
  }

  /** What a tenant's plug-in has when nobody decided otherwise. */
  public static Set<String> usual() {
    List<String> names = new ArrayList<>();
    for (Entry entry : all()) {
      if (entry.tenantDefault()) {
        names.add(entry.name());
      }
    }
    return Set.copyOf(names);
  }
}
