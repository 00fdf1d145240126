package io.noetl.cli;

/**
 * What a person names of dead letters: a command by its id, a message by {@code m} and its number.
 *
 * @param id digits
 */
record DeadLetter(boolean message, String id) {
  /**
   * @throws UserError when it is neither
   */
  static DeadLetter of(String text) {
    if (!text.matches("m?[0-9]{1,19}")) {
      throw new UserError(
          "Expected the id of a dead command, which is a number, or of a dead message, such as m12,"
              + " but got "
              + text
              + "; noetl dead list shows them");
    }
    boolean message = text.startsWith("m");
    return new DeadLetter(message, message ? text.substring(1) : text);
  }

  String path() {
    return (message ? "/api/dead-messages/" : "/api/commands/") + id;
  }

  @Override
  public String toString() {
    return (message ? "message m" : "command ") + id;
  }
}
