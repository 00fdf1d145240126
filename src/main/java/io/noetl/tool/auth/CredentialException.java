package io.noetl.tool.auth;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A credential that cannot be had or used. An executor makes it a hard outcome. */
public final class CredentialException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CredentialException(String message) {
    super(message);
  }

  /** There is no keychain entry and no stored credential of this name. */
  public static CredentialException notFound(String name) {
    return new CredentialException("Credential alias '" + name + "' not found");
  }

  /** The tool cannot use credentials of this type. */
  public static CredentialException unsupported(Credential credential) {
    return new CredentialException(
        "Credential '" + credential.name() + "' has unsupported type '" + credential.type() + "'");
  }

  /** The hard outcome of a call that needed it. */
  public Outcome outcome() {
    return Outcome.hard(error());
  }

  private Map<String, @Nullable Object> error() {
    return Errors.of("credential", "CREDENTIAL", String.valueOf(getMessage()), false);
  }
}
