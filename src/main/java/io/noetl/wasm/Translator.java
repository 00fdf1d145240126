package io.noetl.wasm;

/** Turns a metered module into classes of the JVM. Safe for many threads. */
interface Translator {
  /**
   * @param name of the plug-in, for threads and messages
   * @return what {@link Engine#load} takes
   * @throws Untranslatable when the module is at fault, or costs too much to translate
   */
  byte[] translate(String name, byte[] metered);

  /** The module cannot be translated; trying again gives the same. */
  final class Untranslatable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Untranslatable(String message) {
      super(message);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }
}
