package io.noetl.pool;

import io.noetl.playbook.template.Templates;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.sequence.CommandContext;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of a worker's running commands. Tools ask by the identity of their call, which tells
 * the command, and with it the playbook whose keychain comes first. Safe for use by many threads.
 */
public final class Secrets implements Credentials {
  private final SecretStore store;
  private final KeychainEntries entries;
  private final Templates templates;
  private final InstantSource clock;
  private final boolean failUnresolved;
  private final Map<Identity, CommandSecrets> running = new ConcurrentHashMap<>();

  /**
   * @param tokens for entries and credentials that stand for a token
   */
  public Secrets(
      ServerClient server,
      AccessTokens tokens,
      Templates templates,
      KeychainSettings settings,
      InstantSource clock) {
    this.store = new SecretStore(server, settings, System::nanoTime);
    this.entries = new KeychainEntries(tokens, settings);
    this.templates = templates;
    this.clock = clock;
    this.failUnresolved = settings.failUnresolved();
  }

  /** Begins a command; {@link #end} must follow. */
  CommandSecrets begin(CommandContext command, Identity identity) {
    CommandSecrets secrets =
        new CommandSecrets(store, entries, templates, clock, failUnresolved, command, identity);
    running.put(command(identity), secrets);
    return secrets;
  }

  void end(Identity identity, CommandSecrets secrets) {
    running.remove(command(identity), secrets);
  }

  /**
   * @throws CredentialException when there is none of that name, it cannot be had now, or the
   *     command has ended
   */
  @Override
  public Credential get(String name, Identity identity) throws InterruptedException {
    return of(identity, name).get(name);
  }

  @Override
  public void derived(String secret, Identity identity) {
    CommandSecrets secrets = running.get(command(identity));
    if (secrets != null) {
      secrets.derived(secret);
    }
  }

  /** A credential that a call has got in another way than by {@link #get}. */
  void handedOut(Credential credential, Identity identity) {
    of(identity, credential.name()).hide(credential);
  }

  /** The text without what the command was given. */
  String clean(String text, Identity identity) {
    CommandSecrets secrets = running.get(command(identity));
    return secrets == null ? text : secrets.clean(text);
  }

  /** The members without what the command was given. */
  Map<String, @Nullable Object> cleaned(Map<String, @Nullable Object> members, Identity identity) {
    CommandSecrets secrets = running.get(command(identity));
    return secrets == null ? members : secrets.cleaned(members);
  }

  /** The calls of one command differ in nothing but their number. */
  private static Identity command(Identity call) {
    return call.at(1);
  }

  private CommandSecrets of(Identity identity, String name) {
    CommandSecrets secrets = running.get(command(identity));
    if (secrets == null) {
      throw new CredentialException(
          "Credential '" + name + "' cannot be had: its command does not run any more");
    }
    return secrets;
  }
}
