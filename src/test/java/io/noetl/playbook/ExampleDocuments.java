package io.noetl.playbook;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Complete documents that together use the language as authors do, by name. */
final class ExampleDocuments {
  private static final String MARK = "### ";

  private ExampleDocuments() {}

  static Map<String, String> all() {
    Map<String, String> documents = new LinkedHashMap<>();
    for (String part : ("\n" + resource()).split("\n" + MARK)) {
      if (!part.isBlank()) {
        int end = part.indexOf('\n');
        String name = part.substring(0, end);
        documents.put(
            name,
            "apiVersion: noetl.io/v2\nkind: Playbook\n"
                + "metadata: {name: %s, path: spec/%s}\n".formatted(name, name)
                + part.substring(end + 1));
      }
    }
    return documents;
  }

  private static String resource() {
    try (InputStream in = ExampleDocuments.class.getResourceAsStream("examples.txt")) {
      if (in == null) {
        throw new IllegalStateException("Expected the resource examples.txt, but it is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
