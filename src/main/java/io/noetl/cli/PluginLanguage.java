package io.noetl.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** The languages that a plug-in can be begun in. */
enum PluginLanguage {
  /** With clang. */
  c(".c", "noetl.h"),
  /** With the npm package of the same name. */
  assemblyscript(".ts", "noetl.ts"),
  /** With rustc. */
  rust(".rs", "noetl.rs");

  private final String suffix;
  private final String library;

  PluginLanguage(String suffix, String library) {
    this.suffix = suffix;
    this.library = library;
  }

  /** The files of a new plug-in, and which file of the kit each is copied from. */
  Map<String, String> files(String plugin) {
    String template = "template/" + name() + "/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put(plugin + suffix, template + "plugin" + suffix);
    files.put(library, "sdk/" + name() + "/" + library);
    for (String file : new String[] {"build.sh", "plugin.yaml", "fixtures/hello.json"}) {
      files.put(file, template + file);
    }
    if (this == assemblyscript) {
      files.put("package.json", template + "package.json");
    }
    return files;
  }
}
