package io.noetl.playbook.scope;

import io.noetl.playbook.Mutation;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of a {@code set} block write. Nothing is written here: the answer is a list of
 * writes, which the caller applies to its own maps with {@link #applied}.
 */
public final class Mutations {
  private Mutations() {}

  /** Where a {@code set} block stands. */
  public enum Place {
    STEP,
    ARC,
    TASK,
    POLICY;

    /** Whether the block is evaluated inside a running command. */
    boolean insideCommand() {
      return this == TASK || this == POLICY;
    }
  }

  /** What a write goes to. */
  public enum Target {
    /** The durable variables of the execution. */
    CTX,
    /** The map {@code iter} of the running command. */
    ITER,
    /** Names that live until the running command ends. */
    LOCAL
  }

  /**
   * One write.
   *
   * @param path names from the outermost map inwards; at least one
   * @param value a plain JSON value
   */
  public record Write(Target target, List<String> path, @Nullable Object value) {
    public Write {
      path = List.copyOf(path);
      if (path.isEmpty()) {
        throw new IllegalArgumentException("Expected a write to have a path, but it is empty");
      }
    }

    /** The name of the variable that this changes. */
    public String name() {
      return path.getFirst();
    }
  }

  /**
   * The writes of a block in order, and what went wrong without stopping it.
   *
   * @param warnings one sentence for each value that could not be rendered and was kept as written
   */
  public record Writes(List<Write> writes, List<String> warnings) {
    public static final Writes NONE = new Writes(List.of(), List.of());

    public Writes {
      writes = List.copyOf(writes);
      warnings = List.copyOf(warnings);
    }

    /** The writes that go to one target, in order. */
    public List<Write> to(Target target) {
      return writes.stream().filter(write -> write.target() == target).toList();
    }
  }

  /**
   * Renders a block. In a policy each value sees the writes before it; elsewhere all values see the
   * scope as it is.
   *
   * @throws TemplateException in a task or a policy, when a value cannot be rendered; the message
   *     names the key
   */
  public static Writes of(List<Mutation> block, Place place, Templates templates, Scope scope) {
    if (block.isEmpty()) {
      return Writes.NONE;
    }
    List<Write> writes = new ArrayList<>(block.size());
    List<String> warnings = new ArrayList<>();
    Scope current = scope;
    for (Mutation mutation : block) {
      Write target = target(mutation.key(), place);
      Object value;
      try {
        value = templates.render(mutation.value(), current);
      } catch (TemplateException e) {
        if (place.insideCommand()) {
          throw new TemplateException("set " + mutation.key() + ": " + e.getMessage());
        }
        warnings.add("set " + mutation.key() + " keeps its text: " + e.getMessage());
        value = mutation.value();
      }
      Write write = new Write(target.target(), target.path(), value);
      writes.add(write);
      if (place == Place.POLICY) {
        current = WrittenScope.over(scope, writes);
      }
    }
    return new Writes(writes, warnings);
  }

  /** Where a key writes to. The value is not looked at. */
  private static Write target(String key, Place place) {
    List<String> parts = Arrays.asList(key.split("\\.", -1));
    Target bare = place == Place.TASK ? Target.LOCAL : Target.CTX;
    if (parts.size() == 1 || parts.contains("")) {
      return new Write(bare, List.of(key), null);
    }
    List<String> rest = parts.subList(1, parts.size());
    return switch (parts.getFirst()) {
      case "ctx", "vars", "step" -> new Write(Target.CTX, rest, null);
      case "iter" -> new Write(place.insideCommand() ? Target.ITER : Target.CTX, rest, null);
      default -> new Write(bare, place.insideCommand() ? parts : List.of(key), null);
    };
  }

  /**
   * A map with the writes applied, in order. Deeper paths make maps on the way and replace what is
   * no map. Neither the map nor any value in it is changed.
   */
  public static Map<String, @Nullable Object> applied(
      Map<String, ? extends @Nullable Object> base, List<Write> writes) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>(base);
    for (Write write : writes) {
      String name = write.name();
      result.put(name, merged(result.get(name), write.path(), 1, write.value()));
    }
    return result;
  }

  /**
   * The new values of just those variables that the writes change, by name: what an event records.
   */
  public static Map<String, @Nullable Object> changed(
      Map<String, ? extends @Nullable Object> base, List<Write> writes) {
    Map<String, @Nullable Object> after = applied(base, writes);
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    for (Write write : writes) {
      changed.put(write.name(), after.get(write.name()));
    }
    return changed;
  }

  static @Nullable Object merged(
      @Nullable Object old, List<String> path, int depth, @Nullable Object value) {
    if (depth == path.size()) {
      return value;
    }
    Map<Object, @Nullable Object> copy =
        old instanceof Map<?, ?> map ? new LinkedHashMap<>(map) : new LinkedHashMap<>();
    String name = path.get(depth);
    copy.put(name, merged(copy.get(name), path, depth + 1, value));
    return copy;
  }
}
