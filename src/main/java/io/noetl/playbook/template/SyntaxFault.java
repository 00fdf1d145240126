package io.noetl.playbook.template;

/** What is wrong with the text of an expression, and how many characters into it. */
final class SyntaxFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final int offset;

  SyntaxFault(int offset, String message) {
    super(message);
    this.offset = offset;
  }

  int offset() {
    return offset;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
