package io.noetl.playbook;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Finds the YAML text in what a register call carries: the text itself, or base64 of it. */
final class PlaybookText {
  private PlaybookText() {}

  /**
   * The YAML text: the decoded form if {@code sent} is base64 (either alphabet, blanks allowed) of
   * UTF-8 text that begins, after blanks and comments, with {@code apiVersion:} or {@code kind:};
   * anything else unchanged.
   */
  static String decode(String sent) {
    String decoded = base64(sent);
    return decoded != null && beginsLikePlaybook(decoded) ? decoded : sent;
  }

  /** Whether the text could be base64 of something that is not a playbook. */
  static boolean looksLikeBase64(String text) {
    return text.length() >= 16 && base64(text) != null;
  }

  static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair counts two of the pair's four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  private static @Nullable String base64(String sent) {
    StringBuilder digits = new StringBuilder(sent.length());
    for (int i = 0; i < sent.length(); i++) {
      char c = sent.charAt(i);
      if (c == '-') {
        digits.append('+');
      } else if (c == '_') {
        digits.append('/');
      } else if (isDigit(c) || c == '=') {
        digits.append(c);
      } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return null;
      }
    }
    while (!digits.isEmpty() && digits.charAt(digits.length() - 1) == '=') {
      digits.setLength(digits.length() - 1);
    }
    if (digits.isEmpty() || digits.indexOf("=") >= 0 || digits.length() % 4 == 1) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(digits.toString());
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException | IllegalArgumentException notText) {
      return null; // not base64 of text: the caller takes it as written
    }
  }

  private static boolean isDigit(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/';
  }

  private static boolean beginsLikePlaybook(String text) {
    int at = text.startsWith("\uFEFF") ? 1 : 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end + 1;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else {
        return text.startsWith("apiVersion:", at) || text.startsWith("kind:", at);
      }
    }
    return false;
  }
}
