package io.noetl.playbook;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The JSON Schema of a playbook, for editors. It knows shapes and words; what only the parser can
 * see, such as an arc to an unknown step, it lets pass.
 */
public final class PlaybookSchema {
  private static final String RESOURCE = "playbook.schema.json";

  private PlaybookSchema() {}

  /**
   * The schema as JSON in UTF-8, of draft 2020-12.
   *
   * @throws IllegalStateException when the program was built without it
   */
  public static byte[] bytes() {
    try (InputStream in = PlaybookSchema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "Expected the resource " + RESOURCE + " beside this class, but it is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
