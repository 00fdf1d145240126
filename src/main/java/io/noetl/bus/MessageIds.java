package io.noetl.bus;

/** The rules for what is published, the same for every bus. */
final class MessageIds {

  private static final int MAX_LENGTH = 200;

  private MessageIds() {}

  static void require(String messageId) {
    boolean fits = !messageId.isEmpty() && messageId.length() <= MAX_LENGTH;
    for (int i = 0; fits && i < messageId.length(); i++) {
      fits = messageId.charAt(i) > ' ' && messageId.charAt(i) < 0x7F;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "Expected a message id of 1 to %d printable ASCII characters, but it is '%s'"
              .formatted(MAX_LENGTH, messageId));
    }
  }

  static BusRefused tooLarge(String subject, String messageId, int bytes, long limit) {
    return new BusRefused(
        "Expected a body of at most maxMessageBytes=%d, but it has %d bytes (subject=%s, id=%s)"
            .formatted(limit, bytes, subject, messageId));
  }
}
