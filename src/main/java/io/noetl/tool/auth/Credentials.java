package io.noetl.tool.auth;

import io.noetl.tool.ToolCall.Identity;

/**
 * Where tools get the secrets that an {@code auth} field names. Safe for use by many threads; a
 * call may block its (virtual) thread.
 */
@FunctionalInterface
public interface Credentials {
  /** Knows none. */
  Credentials NONE =
      (name, _) -> {
        throw CredentialException.notFound(name);
      };

  /**
   * @param name of a keychain entry of the playbook, else of a stored credential
   * @param identity the call that it is for
   * @throws CredentialException when there is none of that name, or it cannot be had now
   */
  Credential get(String name, Identity identity) throws InterruptedException;

  /**
   * A secret that was made from one of {@link #get}, such as a token that was fetched with it. What
   * was handed out for a call is hidden in everything that leaves the worker for that call, and so
   * must this be.
   */
  default void derived(String secret, Identity identity) {
    // Nobody hides anything where there are no secrets.
  }
}
