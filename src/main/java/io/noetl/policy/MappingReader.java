package io.noetl.policy;

import io.noetl.policy.PolicyReader.Outcome;
import io.noetl.policy.PolicyReader.Read;
import io.noetl.policy.PolicyReader.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads compiled mappings: {@code {"format": "noetl.auth/1", "entries": [{"name", "subjects"?,
 * "groups"?, "claims"?, "tenant"?, "roles"?}]}}. Stateless.
 */
public final class MappingReader {
  /** What a document says that it is. */
  public static final String FORMAT = "noetl.auth/1";

  /**
   * No mapping gives these: who may repair a mapping must not depend on one, and workers hold
   * tokens.
   */
  public static final Set<String> NEVER_GIVEN = Set.of("operator", "worker");

  private static final Set<String> MEMBERS = Set.of("format", "entries");
  private static final Set<String> ENTRY =
      Set.of("name", "subjects", "groups", "claims", "tenant", "roles");

  private MappingReader() {}

  /** Reads the text of a document. */
  public static Outcome<Mapping> read(String text, PolicyLimits limits) {
    Readings readings = new Readings();
    Map<String, ?> document = PolicyReader.object(text, limits, readings);
    if (document == null) {
      return new Refused<>(readings.faults());
    }
    readings.known("", document, MEMBERS);
    readings.format(document, FORMAT);
    List<Mapping.Entry> entries = new ArrayList<>();
    List<?> found = readings.list(document, "entries", limits.rules(), "policy.max-rules");
    for (int i = 0; i < found.size(); i++) {
      String path = "entries[" + i + "]";
      Map<?, ?> entry = readings.object(path, found.get(i));
      if (entry != null) {
        entries.add(entry(readings, path, entry));
      }
    }
    return readings.faults().isEmpty()
        ? new Read<>(new Mapping(entries))
        : new Refused<>(readings.faults());
  }

  private static Mapping.Entry entry(Readings readings, String path, Map<?, ?> entry) {
    readings.known(path, entry, ENTRY);
    Set<String> roles = readings.words(path, entry, "roles", Readings.ROLE);
    for (String role : roles) {
      if (NEVER_GIVEN.contains(role)) {
        readings.fault(
            path + ".roles",
            "Expected no role "
                + role
                + ": tokens and gateways give it, so that a mapping can always be repaired");
      }
    }
    return new Mapping.Entry(
        readings.text(path + ".name", entry.get("name")),
        readings.globs(path, entry, "subjects"),
        Set.copyOf(readings.texts(path, entry, "groups")),
        claims(readings, path, entry),
        tenant(readings, path, entry),
        roles);
  }

  private static @Nullable String tenant(Readings readings, String path, Map<?, ?> entry) {
    if (!entry.containsKey("tenant")) {
      return null;
    }
    String tenant = readings.text(path + ".tenant", entry.get("tenant"));
    if (!tenant.isEmpty() && !Readings.TENANT.matcher(tenant).matches()) {
      readings.fault(
          path + ".tenant", "Expected 1 to 64 of A-Z a-z 0-9 _ -, but got '" + tenant + "'");
    }
    return tenant;
  }

  private static Map<String, String> claims(Readings readings, String path, Map<?, ?> entry) {
    if (!entry.containsKey("claims")) {
      return Map.of();
    }
    Map<?, ?> found = readings.object(path + ".claims", entry.get("claims"));
    Map<String, String> claims = new LinkedHashMap<>();
    if (found != null) {
      if (found.isEmpty() || found.size() > PolicyLimits.ENTRIES) {
        readings.fault(
            path + ".claims",
            "Expected 1 to " + PolicyLimits.ENTRIES + " claims, or no such member for any");
      }
      found.forEach(
          (name, value) ->
              claims.put(String.valueOf(name), readings.text(path + ".claims." + name, value)));
    }
    return claims;
  }
}
