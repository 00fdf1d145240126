package io.noetl.tool.http;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/**
 * Refuses addresses that are not on the public internet. The name is looked up here and again by
 * the client; both read the same cache of this process, so that an answer cannot change in between.
 */
final class AddressGuard {
  private final HttpSettings settings;

  AddressGuard(HttpSettings settings) {
    this.settings = settings;
  }

  /**
   * @return why the address may not be called; empty = it may
   * @throws UnknownHostException when the name has no address
   */
  Optional<String> refusal(URI address) throws UnknownHostException {
    if (!settings.denyInternal()) {
      return Optional.empty();
    }
    String host = address.getHost().toLowerCase(Locale.ROOT);
    if (settings.allowedHosts().contains(host)) {
      return Optional.empty();
    }
    for (InetAddress found : InetAddress.getAllByName(host)) {
      if (internal(found)) {
        return Optional.of(
            "Expected the host of an http call to be public (http.deny-internal is on), but '"
                + host
                + "' is not; http.allowed-hosts may name it");
      }
    }
    return Optional.empty();
  }

  static boolean internal(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    return switch (address) {
      case Inet4Address _ -> internal4(bytes[0] & 0xFF, bytes[1] & 0xFF);
      // Unique local addresses, and ways to write an IPv4 address inside an IPv6 one.
      case Inet6Address _ -> (bytes[0] & 0xFE) == 0xFC || embedsInternal4(bytes);
      default -> true;
    };
  }

  private static boolean internal4(int first, int second) {
    return first == 0
        || first == 10
        || first == 127
        || first >= 224
        || (first == 100 && second >= 64 && second < 128)
        || (first == 169 && second == 254)
        || (first == 172 && second >= 16 && second < 32)
        || (first == 192 && second == 168)
        || (first == 192 && second == 0)
        || (first == 198 && (second == 18 || second == 19));
  }

  private static boolean embedsInternal4(byte[] bytes) {
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    if (sixToFour) {
      return internal4(bytes[2] & 0xFF, bytes[3] & 0xFF);
    }
    boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xFF) == 0xFF;
    boolean compatible = true;
    for (int i = 0; i < 10; i++) {
      compatible &= bytes[i] == 0;
    }
    return (nat64 || compatible) && internal4(bytes[12] & 0xFF, bytes[13] & 0xFF);
  }
}
