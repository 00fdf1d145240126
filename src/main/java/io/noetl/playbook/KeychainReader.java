package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the {@code keychain} of the document; what an entry means is decided when it is used. */
final class KeychainReader {
  private static final String SHAPE =
      "write keychain: [{name: x, kind: credential, credential: y}]";
  private final Diagnostics diagnostics;

  KeychainReader(Diagnostics diagnostics) {
    this.diagnostics = diagnostics;
  }

  List<Map<String, @Nullable Object>> read(@Nullable YamlNode keychain) {
    List<Map<String, @Nullable Object>> entries = new ArrayList<>();
    if (keychain == null) {
      return entries;
    }
    if (!(keychain instanceof Items list)) {
      diagnostics.error(
          "keychain.shape",
          Diagnostics.INVALID,
          keychain,
          "keychain",
          "keychain must be a list, but is " + keychain.typeName(),
          SHAPE);
      return entries;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < list.items().size(); i++) {
      String path = "keychain[" + i + "]";
      YamlNode item = list.items().get(i);
      String name = item instanceof Fields entry ? entry.text("name") : null;
      if (!(item instanceof Fields entry) || name == null || name.isBlank()) {
        diagnostics.warn(
            "keychain.name", item, path, path + ": missing 'name'; the entry is ignored", SHAPE);
      } else {
        if (!names.add(name)) {
          diagnostics.warn(
              "keychain.duplicate",
              entry.key("name"),
              path + ".name",
              "keychain entry '" + Diagnostics.clip(name) + "' exists twice; the last one counts",
              "give each entry its own name");
        }
        entries.add(entry.plain());
      }
    }
    return entries;
  }
}
