package io.noetl.wasm;

import org.jspecify.annotations.Nullable;

/**
 * Translates in this JVM: for the child process, which does nothing else, and for modules that are
 * trusted, such as those of a test. On a thread with a stack of its own, because the depth of a
 * module decides the depth here.
 */
record InProcessTranslator(Engine engine) implements Translator {
  private static final int STACK_BYTES = 16 * 1024 * 1024;

  @Override
  public byte[] translate(String name, byte[] metered) {
    Work work = new Work(engine, metered);
    Thread thread =
        Thread.ofPlatform()
            .name("plugin-compile-" + name)
            .daemon()
            .inheritInheritableThreadLocals(false)
            .stackSize(STACK_BYTES)
            .start(work);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        // Others wait for the same module; the interrupt is given back when it is there.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    byte[] translated = work.translated;
    if (translated == null) {
      throw new Untranslatable(work.problem);
    }
    return translated;
  }

  private static final class Work implements Runnable {
    private final Engine engine;
    private final byte[] metered;
    private byte @Nullable [] translated;
    private String problem = "the compiler ended early";

    Work(Engine engine, byte[] metered) {
      this.engine = engine;
      this.metered = metered;
    }

    @Override
    public void run() {
      try {
        translated = engine.translate(metered);
      } catch (Throwable e) {
        // Random bytes make an engine throw anything, errors included: the type must not decide.
        problem = e.getClass().getSimpleName() + ": " + e.getMessage();
      }
    }
  }
}
