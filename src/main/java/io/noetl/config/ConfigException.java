package io.noetl.config;

import java.util.List;

/** The settings cannot be used; the message lists every fault, one a line. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  public ConfigException(List<Fault> faults) {
    super(message(faults));
    this.faults = List.copyOf(faults);
  }

  /** At least one. */
  public List<Fault> faults() {
    return faults;
  }

  private static String message(List<Fault> faults) {
    StringBuilder text = new StringBuilder("Configuration: ");
    text.append(faults.size()).append(faults.size() == 1 ? " fault" : " faults");
    for (Fault fault : faults) {
      text.append("\n  ").append(fault);
    }
    return text.toString();
  }
}
