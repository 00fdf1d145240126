package io.noetl.wasm;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The main class of the compiler's process: reads one metered module, writes one answer, ends. The
 * answer is {@link #MAGIC}, a byte that says which, a length, and compiled code or the reason for a
 * refusal: the JVM itself writes to standard output when it ends for want of memory, which must not
 * be taken for an answer.
 */
final class TranslatorMain {
  static final int MAGIC = 0x4e504c47;
  static final int TRANSLATED = 'T';
  static final int REFUSED = 'R';

  private TranslatorMain() {}

  /** Reads standard input, writes standard output. */
  public static void main(String[] args) throws IOException {
    byte[] metered;
    try (DataInputStream in = new DataInputStream(System.in)) {
      metered = new byte[in.readInt()];
      in.readFully(metered);
    }
    byte[] answer;
    int kind = TRANSLATED;
    try {
      answer = new InProcessTranslator(new EndiveEngine()).translate("child", metered);
    } catch (Translator.Untranslatable e) {
      kind = REFUSED;
      answer = e.text().getBytes(StandardCharsets.UTF_8);
    }
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)))) {
      out.writeInt(MAGIC);
      out.write(kind);
      out.writeInt(answer.length);
      out.write(answer);
    }
  }
}
