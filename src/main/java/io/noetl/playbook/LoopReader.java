package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the {@code loop} of a step. */
final class LoopReader {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final String NEEDS_ONE = "loop requires 'in' or 'cursor'";
  private static final String ITERATOR = "item";

  private final StepReport report;

  LoopReader(StepReport report) {
    this.report = report;
  }

  /** The loop, or null when the step has none or an error was reported. */
  @Nullable Loop read(@Nullable YamlNode node) {
    if (node == null) {
      return null;
    }
    if (!(node instanceof Fields loop)) {
      report.error(
          "loop.shape", node, "loop", NEEDS_ONE, "write loop: {in: \"{{ ... }}\", iterator: item}");
      return null;
    }
    YamlNode in = loop.get("in");
    YamlNode cursorNode = loop.get("cursor");
    if ((in == null) == (cursorNode == null)) {
      report.error(
          "loop.source",
          loop,
          "loop",
          NEEDS_ONE,
          in == null
              ? "write in: \"{{ ... }}\", a list, or cursor: {kind: postgres, claim: ...}"
              : "keep one of the two");
    }
    report.templates(in, "loop.in");
    Loop.Mode mode = mode(loop, cursorNode != null);
    Loop.Cursor cursor = cursorNode == null ? null : cursor(cursorNode);
    if (mode == Loop.Mode.CURSOR && cursorNode == null && in != null) {
      report.error(
          "loop.cursor.claim",
          loop,
          "loop.cursor",
          "loop mode 'cursor' needs cursor.claim",
          "write cursor: {kind: postgres, auth: ..., claim: \"UPDATE ... RETURNING ...\"}");
    }
    return new Loop(
        in == null ? null : in.plain(),
        cursor,
        iterator(loop),
        mode,
        option(loop, "max_in_flight"),
        frame(loop));
  }

  private String iterator(Fields loop) {
    if (loop.get("iterator") == null) {
      return ITERATOR;
    }
    String name = loop.text("iterator");
    if (name == null || name.isBlank()) {
      report.error(
          "loop.iterator.empty",
          loop.key("iterator"),
          "loop.iterator",
          "loop iterator must be a name",
          "write iterator: item");
      return ITERATOR;
    }
    if (!IDENTIFIER.matcher(name).matches()) {
      report.warn(
          "loop.iterator.name",
          loop.key("iterator"),
          "loop.iterator",
          "loop iterator '"
              + Diagnostics.clip(name)
              + "' is not an identifier, so templates "
              + "cannot name it",
          "use letters, digits and _");
    }
    return name;
  }

  private Loop.Mode mode(Fields loop, boolean cursor) {
    Fields spec = loop.map("spec");
    YamlNode node = spec == null ? null : spec.get("mode");
    String place = "loop.spec.mode";
    if (node == null && loop.get("mode") != null) {
      node = loop.get("mode");
      place = "loop.mode";
      report.warn(
          "loop.mode.place",
          loop.key("mode"),
          place,
          "'loop.mode' is another spelling",
          "write loop: {spec: {mode: ...}}");
    }
    if (node == null) {
      return cursor ? Loop.Mode.CURSOR : Loop.Mode.SEQUENTIAL;
    }
    String word =
        node instanceof Scalar scalar
            ? scalar.text().strip().toLowerCase(Locale.ROOT)
            : node.typeName();
    return switch (word) {
      case "cursor" -> Loop.Mode.CURSOR;
      // A claim cannot be fanned out by index, so a cursor makes the loop a cursor loop.
      case "sequential" -> cursor ? Loop.Mode.CURSOR : Loop.Mode.SEQUENTIAL;
      case "parallel" -> cursor ? Loop.Mode.CURSOR : Loop.Mode.PARALLEL;
      default -> unknownMode(word, node, place);
    };
  }

  private Loop.Mode unknownMode(String word, YamlNode node, String place) {
    String near =
        report.suggestions().didYouMean(word, List.of("sequential", "parallel", "cursor"));
    report.error(
        "loop.mode.unknown",
        node,
        place,
        "loop mode '" + Diagnostics.clip(word) + "' is unknown",
        near == null ? "write sequential, parallel or cursor" : near);
    return Loop.Mode.SEQUENTIAL;
  }

  private Loop.@Nullable Cursor cursor(YamlNode node) {
    String hint = "write cursor: {kind: postgres, auth: ..., claim: \"UPDATE ... RETURNING ...\"}";
    Fields cursor = node instanceof Fields map ? map : null;
    String claim = cursor == null ? null : cursor.text("claim");
    if (cursor == null || claim == null || claim.isBlank()) {
      report.error(
          "loop.cursor.claim", node, "loop.cursor.claim", "loop cursor needs 'claim'", hint);
    }
    if (cursor == null) {
      return null;
    }
    String word = cursor.text("kind");
    ToolKind kind =
        word == null ? ToolKind.POSTGRES : ToolKind.of(word.strip()).orElse(ToolKind.NOOP);
    if (kind != ToolKind.POSTGRES && kind != ToolKind.DUCKDB) {
      report.error(
          "loop.cursor.kind",
          cursor.key("kind"),
          "loop.cursor.kind",
          "loop cursor kind '" + Diagnostics.clip(String.valueOf(word)) + "' is unknown",
          "write postgres or duckdb");
    }
    Map<String, Field> members = new LinkedHashMap<>(cursor.fields());
    ToolFields.alias(report, cursor, "loop.cursor", members, "credential", "auth");
    members.remove("kind");
    members.remove("claim");
    return claim == null ? null : new Loop.Cursor(kind, claim, cursor.with(members).plain());
  }

  private Map<String, @Nullable Object> frame(Fields loop) {
    Map<String, @Nullable Object> frame = new LinkedHashMap<>();
    if (option(loop, "frame") instanceof Map<?, ?> options) {
      options.forEach((key, value) -> frame.put(String.valueOf(key), value));
    }
    Object process = option(loop, "process");
    if (process != null) {
      frame.putIfAbsent("process", process);
    }
    return Collections.unmodifiableMap(frame);
  }

  private static @Nullable Object option(Fields loop, String name) {
    Fields spec = loop.map("spec");
    Object value = spec == null ? null : spec.plain().get(name);
    return value == null ? loop.plain().get(name) : value;
  }
}
