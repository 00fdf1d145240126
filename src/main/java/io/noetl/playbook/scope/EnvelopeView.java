package io.noetl.playbook.scope;

import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A raw result envelope whose data is stored out of line. */
final class EnvelopeView implements TemplateObject {
  private static final String DATA = "data";

  private final Outcome outcome;
  private final Map<String, @Nullable Object> known;
  private final DataSource source;
  private @Nullable Map<String, @Nullable Object> whole;

  EnvelopeView(Outcome outcome, DataSource source) {
    this.outcome = outcome;
    this.known = Views.envelope(outcome);
    this.source = source;
  }

  @Override
  public @Nullable Object member(String name) {
    if (name.equals(DATA)) {
      Map<String, @Nullable Object> all = plain();
      return all.containsKey(DATA) ? all.get(DATA) : UNDEFINED;
    }
    return known.containsKey(name) ? known.get(name) : UNDEFINED;
  }

  @Override
  public @Nullable Object element(int index) {
    return UNDEFINED;
  }

  @Override
  public Map<String, @Nullable Object> plain() {
    Map<String, @Nullable Object> reference = outcome.reference();
    if (whole == null) {
      whole =
          reference == null
              ? known
              : Views.envelope(References.with(outcome, source.data(reference), reference));
    }
    return whole;
  }
}
