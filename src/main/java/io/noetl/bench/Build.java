package io.noetl.bench;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A build that can be started.
 *
 * @param name in the report
 * @param classPath of its program
 * @param archived whether its processes may use the class archive that this process uses
 */
record Build(String name, String classPath, boolean archived) {
  private static final String MAIN = "io.noetl.Main";

  /**
   * The one that runs this.
   *
   * @param alone whether no other build takes turns with it: an archive belongs to one jar, and
   *     builds are compared on equal terms
   */
  static Build own(boolean alone) {
    return new Build("this", System.getProperty("java.class.path"), alone);
  }

  static Build of(Path jar) {
    return new Build(String.valueOf(jar.getFileName()), jar.toString(), false);
  }

  /**
   * The command line of one of its processes, with the same options for the JVM as this one has.
   */
  List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(
        Path.of(System.getProperty("java.home"), "bin", "java")
            .toString()
            .replace('/', File.separatorChar));
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // An agent belongs to one process.
      if ((archived || !option.startsWith("-XX:AOTCache"))
          && !option.startsWith("-javaagent")
          && !option.startsWith("-agentlib")) {
        command.add(option);
      }
    }
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(classPath);
    command.add(MAIN);
    command.addAll(arguments);
    return command;
  }
}
