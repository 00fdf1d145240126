package io.noetl.playbook;

import io.noetl.playbook.Diagnostic.Severity;
import io.noetl.playbook.YamlNode.Fields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A document of another kind than playbooks. Immutable. */
public final class OtherDocument {
  private final String text;
  private final Fields root;

  OtherDocument(String text, Fields root) {
    this.text = text;
    this.root = root;
  }

  /** The decoded text, to be stored unchanged. */
  public String text() {
    return text;
  }

  /** Its plain values. */
  public Map<String, @Nullable Object> plain() {
    return root.plain();
  }

  /**
   * What to say about a place in it.
   *
   * @param path names of members, with dots between them
   */
  public Diagnostic error(String rule, String path, String message) {
    YamlNode at = root;
    Fields owner = root;
    for (String name : path.split("\\.", -1)) {
      at = owner.key(name);
      Fields next = owner.map(name);
      if (next == null) {
        break;
      }
      owner = next;
    }
    return new Diagnostic(
        Severity.ERROR,
        rule,
        Diagnostics.INVALID,
        at.line(),
        at.column(),
        path,
        Diagnostics.clip(message),
        null);
  }
}
