package io.noetl.result;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Content as it is kept: compressed where that saves something. */
final class Contents {
  static final String PLAIN = "plain";
  static final String DEFLATE = "deflate";

  /** The content is that of an upload; what is kept is the order of its parts. */
  static final String PARTS = "parts";

  private static final int WORTH_IT = 4 * 1024;

  private Contents() {}

  /**
   * @param encoding how the bytes are to be read
   */
  record Kept(String encoding, byte[] bytes) {}

  static byte[] sha256(byte[] content) {
    return sha256().digest(content);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  static Kept kept(byte[] content) {
    if (content.length < WORTH_IT) {
      return new Kept(PLAIN, content);
    }
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(content.length / 4);
      byte[] buffer = new byte[64 * 1024];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
        if (out.size() > content.length - content.length / 8) {
          return new Kept(PLAIN, content);
        }
      }
      return new Kept(DEFLATE, out.toByteArray());
    } finally {
      deflater.end();
    }
  }

  /**
   * @param bytes size of the content
   * @throws IllegalStateException when what is kept is damaged
   */
  static byte[] content(String encoding, byte[] kept, long bytes) {
    if (encoding.equals(PLAIN)) {
      return kept;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(kept);
      byte[] content = new byte[Math.toIntExact(bytes)];
      int size = 0;
      while (size < content.length) {
        int read = inflater.inflate(content, size, content.length - size);
        if (read == 0) {
          throw new IllegalStateException(
              "Expected " + bytes + " bytes of a stored result, but got " + size);
        }
        size += read;
      }
      return content;
    } catch (DataFormatException e) {
      throw new IllegalStateException("A stored result is damaged", e);
    } finally {
      inflater.end();
    }
  }
}
