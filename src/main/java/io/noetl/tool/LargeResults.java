package io.noetl.tool;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a tool stores a result while it makes it, because it would not fit into memory. Safe for
 * use by many threads.
 */
public interface LargeResults {
  /** For calls whose result others in this process go on with: it has to stay here. */
  LargeResults NONE =
      new LargeResults() {
        @Override
        public long threshold() {
          return Long.MAX_VALUE;
        }

        @Override
        public Upload begin() {
          throw new IllegalStateException("Expected a result of any size to stay in memory");
        }
      };

  /** The bytes of JSON from which on a result is stored while it is made. */
  long threshold();

  /**
   * Begins to store one result.
   *
   * @throws Refused when it may not be stored
   */
  Upload begin() throws InterruptedException;

  /** One result on its way. For one thread at a time. */
  interface Upload {
    /** The value without what must not be stored. */
    @Nullable Object clean(@Nullable Object value);

    /**
     * Adds JSON text to the section that was begun last.
     *
     * @throws Refused when it becomes too large
     */
    void write(byte[] json) throws InterruptedException;

    /** Counts items; there is a limit for them, too. */
    void counted(int items);

    /** Ends a section and begins the next. */
    void next() throws InterruptedException;

    /**
     * Makes a result of the sections.
     *
     * @param order numbers of sections, from 0; one may come more than once
     * @param glance the result as far as it is known here: what is selected of it, and the preview,
     *     are taken from this
     * @return its reference
     */
    Map<String, @Nullable Object> finish(List<Integer> order, Object glance)
        throws InterruptedException;
  }

  /** The result cannot be stored, and never will be. */
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String kind;
    private final String code;

    public Refused(String kind, String code, String sentence) {
      super(sentence);
      this.kind = kind;
      this.code = code;
    }

    /** The hard outcome of the call. */
    public Outcome outcome() {
      return Outcome.hard(Errors.of(kind, code, String.valueOf(getMessage()), false));
    }
  }
}
