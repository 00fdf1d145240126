package io.noetl.playbook.template;

/** A template that cannot be compiled or evaluated; the message says why, for its author. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }
}
