package io.noetl.tool.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts programs as leaders of a process group, and ends them together with what they started. */
public final class ProcessGroups {
  private ProcessGroups() {}

  /**
   * The command, changed so that its process leads a group (and session) of its own. Where the
   * system has no program for that, the command as it is: then only descendants are found at a
   * kill.
   *
   * @param path directories to look in, as in the variable PATH
   */
  public static List<String> leader(List<String> command, String path) {
    // The JDK cannot start a process in a new group. This program replaces itself by the command.
    Optional<Path> program = Executables.find("setsid", path);
    if (program.isEmpty()) {
      return List.copyOf(command);
    }
    List<String> all = new ArrayList<>(command.size() + 1);
    all.add(program.get().toString());
    all.addAll(command);
    return all;
  }

  /**
   * Kills the group that the process leads, and the process. Used where nobody below can do it; a
   * group that has ended already is fine.
   */
  public static void kill(long pid) {
    // The JDK cannot signal a group; a kill command is on every POSIX system.
    try {
      Process kill =
          new ProcessBuilder("kill", "-KILL", "--", "-" + pid)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(2, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      // No such command here: descendants are found one by one instead.
      ProcessHandle.of(pid)
          .ifPresent(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
