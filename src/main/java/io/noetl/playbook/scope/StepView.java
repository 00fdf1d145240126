package io.noetl.playbook.scope;

import io.noetl.playbook.template.StatusToken;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The step value, {@code output} in its step form, and {@code output} in its set form: the data of
 * an outcome with members that show through where the data has none of that name.
 */
final class StepView implements TemplateObject {
  /** Which of the three this is. */
  enum Form {
    STEP,
    OUTPUT,
    SET
  }

  private static final String DATA = "data";

  /** Members that are those of the reference, so that asking for them gets no data. */
  private static final Set<String> OF_REFERENCE = Set.of("_ref", "_store");

  private final Outcome outcome;
  private final Form form;
  private final DataSource source;
  private boolean made;
  private @Nullable Object data;
  private @Nullable Object value;

  StepView(Outcome outcome, Form form, DataSource source) {
    this.outcome = outcome;
    this.form = form;
    this.source = source;
  }

  /** The value; what is stored out of line is got when it is first touched. */
  private @Nullable Object value() {
    if (!made) {
      Map<String, @Nullable Object> reference = outcome.reference();
      data =
          reference != null && References.elsewhere(outcome)
              ? source.data(reference)
              : outcome.data();
      value = value(data, form);
      made = true;
    }
    return value;
  }

  private @Nullable Object whole() {
    value();
    return data;
  }

  private static @Nullable Object value(@Nullable Object data, Form form) {
    if (form == Form.SET) {
      return data;
    }
    if (data == null) {
      return Map.of();
    }
    if (data instanceof Map<?, ?> map && !map.containsKey(DATA)) {
      Map<Object, @Nullable Object> withData = new LinkedHashMap<>(map);
      withData.put(DATA, map);
      return withData;
    }
    return data;
  }

  @Override
  public @Nullable Object plain() {
    return value();
  }

  /** A loop acts as the list of its results. */
  @Override
  public @Nullable Object items() {
    return outcome.shape() == Outcome.Shape.LOOP && results() instanceof List<?> results
        ? results
        : value();
  }

  private @Nullable Object results() {
    return whole() instanceof Map<?, ?> map ? map.get("results") : null;
  }

  @Override
  public @Nullable Object element(int index) {
    if (items() instanceof List<?> list) {
      return Elements.of(list, index);
    }
    return value() instanceof Map<?, ?>
        ? member(String.valueOf(index))
        : Elements.ofText(value(), index);
  }

  @Override
  public @Nullable Object member(String name) {
    if (References.elsewhere(outcome) && !made) {
      Object inline = extracted(name);
      if (inline != UNDEFINED) {
        return inline;
      }
      Map<String, @Nullable Object> reference = outcome.reference();
      if (OF_REFERENCE.contains(name)
          || reference != null && !name.equals(DATA) && References.lacks(reference, name)) {
        return shown(name);
      }
    }
    if (name.equals(DATA)) {
      return data();
    }
    if (value() instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return shown(name);
  }

  /** The member {@code data}: the data's own, else the data, else nothing. */
  private @Nullable Object data() {
    Object data = whole();
    if (data instanceof Map<?, ?> map && map.containsKey(DATA)) {
      Object inner = map.get(DATA);
      return form == Form.STEP ? inner : DataView.of(outcome, inner);
    }
    if (data == null) {
      return form == Form.STEP ? UNDEFINED : null;
    }
    return form == Form.STEP ? RowsView.of(outcome, data) : DataView.of(outcome, data);
  }

  private @Nullable Object shown(String name) {
    return switch (name) {
      case "result" -> this;
      case "results" -> labels();
      case "status" -> new StatusToken(outcome.status().word());
      case "error" -> defined(outcome.error());
      case "context" -> {
        Map<String, @Nullable Object> context = new LinkedHashMap<>();
        context.put(DATA, value());
        context.put("status", new StatusToken(outcome.status().word()));
        yield context;
      }
      case "_ref" -> reference("uri");
      case "_store" -> reference("store");
      default -> form == Form.STEP ? extracted(name) : further(name);
    };
  }

  /** What only {@code output} has. */
  private @Nullable Object further(String name) {
    return switch (name) {
      case "http" -> defined(outcome.http());
      case "ref" -> reference("uri");
      case "meta" -> outcome.meta();
      default -> extracted(name);
    };
  }

  private static Object defined(@Nullable Object value) {
    return value == null ? UNDEFINED : value;
  }

  private @Nullable Object labels() {
    return outcome.shape() == Outcome.Shape.SEQUENCE
        ? SequenceData.labels(References.with(outcome, whole(), outcome.reference()))
        : UNDEFINED;
  }

  private Object reference(String name) {
    Map<String, @Nullable Object> reference = outcome.reference();
    return reference == null ? UNDEFINED : defined(reference.get(name));
  }

  /** A selected field that stays inline beside a reference. */
  private @Nullable Object extracted(String name) {
    return outcome.reference() instanceof Map<?, ?> reference
            && reference.get("extracted") instanceof Map<?, ?> fields
            && fields.containsKey(name)
        ? fields.get(name)
        : UNDEFINED;
  }
}
