package io.noetl.tool.python;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Ends processes together with what they started. */
final class ProcessGroups {
  private ProcessGroups() {}

  /**
   * Kills the group that the process leads, and the process. Used where the runner cannot do it
   * itself; a group that has ended already is fine.
   */
  static void kill(long pid) {
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
