package io.noetl.journal;

import io.noetl.envelope.Ids;
import io.noetl.execution.Awaited;
import io.noetl.execution.Awaited.Child;
import io.noetl.execution.Awaited.Signal;
import io.noetl.execution.Awaited.Timer;
import io.noetl.execution.Awaited.Until;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is awaited, as the event that opens a wait stores it, and its row. A kind once released is
 * read for ever.
 */
public final class WaitCodec {
  private static final String KIND = "kind";
  private static final String CHILD = "child";
  private static final String SIGNAL = "signal";
  private static final String TIMER = "timer";
  private static final String EXECUTION = "execution_id";
  private static final String CATALOG = "catalog_id";

  private WaitCodec() {}

  /** The word for what is awaited. */
  static String kind(Awaited awaited) {
    return switch (awaited) {
      case Child _ -> CHILD;
      case Signal _ -> SIGNAL;
      case Timer _ -> TIMER;
    };
  }

  static Map<String, @Nullable Object> encode(Awaited awaited) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put(KIND, kind(awaited));
    switch (awaited) {
      case Child child -> {
        out.put(EXECUTION, Ids.text(child.executionId()));
        if (child.path() != null) {
          out.put("path", child.path());
        }
        if (child.catalogId() != null) {
          out.put(CATALOG, Ids.text(child.catalogId()));
        }
        if (child.version() != null) {
          out.put("version", child.version());
        }
        if (child.pool() != null) {
          out.put("pool", child.pool());
        }
        out.put("until", child.until().name().toLowerCase(Locale.ROOT));
        if (child.step() != null) {
          out.put("step", child.step());
        }
        out.put("payload", child.payload());
      }
      case Signal signal -> out.put("name", signal.name());
      case Timer timer -> {
        if (timer.until() != null) {
          out.put("until", timer.until().toString());
        }
      }
    }
    return out;
  }

  /**
   * @throws IllegalArgumentException when a member is damaged; the message names it
   */
  public static Awaited decode(Map<String, @Nullable Object> in) {
    String kind = Members.text(in, KIND);
    return switch (kind) {
      case CHILD -> child(in);
      case SIGNAL -> new Signal(Members.text(in, "name"));
      case TIMER -> {
        String until = Members.textOrNull(in, "until");
        yield new Timer(until == null ? null : Instant.parse(until));
      }
      default ->
          throw new IllegalArgumentException("Expected a known kind of wait, but got " + kind);
    };
  }

  private static Child child(Map<String, @Nullable Object> in) {
    return new Child(
        Members.id(in, EXECUTION),
        Members.textOrNull(in, "path"),
        Members.idOrNull(in, CATALOG),
        Members.numberOrNull(in, "version"),
        Members.map(in, "payload"),
        Members.textOrNull(in, "pool"),
        Until.valueOf(Members.text(in, "until").toUpperCase(Locale.ROOT)),
        Members.textOrNull(in, "step"));
  }
}
