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
    // Before the first HTTP client is made: a playbook may name the virtual host that it asks for.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    System.exit(NoetlCommand.execute(new Wiring(), args));
  }
}
