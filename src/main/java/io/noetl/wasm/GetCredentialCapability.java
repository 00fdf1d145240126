package io.noetl.wasm;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code host_get_credential}: one of the credentials that the grant names. A name is exact: no
 * pattern, no path, no other case.
 */
public final class GetCredentialCapability implements HostCapability {
  private static final Set<String> MEMBERS = Set.of("name");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final CapabilityEffect effect;

  /** Requests go to this effect, on the thread of the caller. */
  public GetCredentialCapability(CapabilityEffect effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_get_credential";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    CapabilityRequest asked = CapabilityRequest.of(request, MEMBERS);
    String name = asked.text("name");
    if (!NAME.matcher(name).matches()) {
      return HostReply.refused(
          HostError.DENIED,
          "Expected the exact name of a granted credential, but got another form");
    }
    context.usesCredential().accept(name);
    return HostReply.done(effect.serve(context, asked.members()));
  }
}
