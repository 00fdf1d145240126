package io.noetl;

import io.noetl.cli.NoetlCommand;
import io.noetl.cli.PatientLogManager;
import io.noetl.mode.Wiring;

/** Entry point of every role and of the command line. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    // Before the first logger is made.
    System.setProperty("java.util.logging.manager", PatientLogManager.class.getName());
    System.exit(NoetlCommand.execute(new Wiring(), args));
  }
}
