package io.noetl.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/**
 * Which build of the program this is, from the manifest of its jar.
 *
 * @param version of the program; {@code development} when it does not run from its jar
 * @param commit of its sources, or {@code unknown}
 */
public record BuildInfo(String version, String commit) {
  private static final String TITLE = "noetl";

  /** Reads the manifest; costs a few milliseconds. */
  public static BuildInfo read() {
    try {
      for (URL url :
          Collections.list(BuildInfo.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
        try (InputStream stream = url.openStream()) {
          Attributes attributes = new Manifest(stream).getMainAttributes();
          if (TITLE.equals(attributes.getValue("Implementation-Title"))) {
            String commit = attributes.getValue("Git-Commit");
            return new BuildInfo(
                String.valueOf(attributes.getValue("Implementation-Version")),
                commit == null ? "unknown" : commit);
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("Expected to read the jar's manifest, but it is broken", e);
    }
    return new BuildInfo("development", "unknown");
  }
}
