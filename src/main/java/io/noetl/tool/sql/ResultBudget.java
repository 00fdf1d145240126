package io.noetl.tool.sql;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts about how many bytes of JSON a result will have, and stops it at a limit. One thread. */
public final class ResultBudget {
  private static final int PUNCTUATION = 3;
  private static final int NUMBER = 8;

  private final long limit;
  private final String setting;
  private long used;

  /**
   * @param limit in bytes
   * @param setting its name for the message
   */
  public ResultBudget(long limit, String setting) {
    this.limit = limit;
    this.setting = setting;
  }

  /** The result has more bytes than the limit. */
  public static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLarge(String message) {
      super(message);
    }

    /** The hard outcome of the call. */
    public Outcome outcome() {
      return Outcome.hard(
          Errors.of("limit", "RESULT_TOO_LARGE", String.valueOf(getMessage()), false));
    }
  }

  /**
   * @param times how often the value is part of the result
   * @throws TooLarge when the limit is passed
   */
  public void add(@Nullable Object value, int times) {
    used += size(value) * times;
    if (used > limit) {
      throw exceeded();
    }
  }

  /** What is thrown when the limit is passed. */
  public TooLarge exceeded() {
    return new TooLarge(
        "Expected a result of at most "
            + limit
            + " bytes ("
            + setting
            + "), but it is larger: select fewer rows or columns");
  }

  private static long size(@Nullable Object value) {
    return switch (value) {
      case null -> NUMBER;
      case String text -> text.length() + PUNCTUATION;
      case List<?> list -> {
        long sum = PUNCTUATION;
        for (Object item : list) {
          sum += size(item);
        }
        yield sum;
      }
      case Map<?, ?> map -> {
        long sum = PUNCTUATION;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          sum += PUNCTUATION + String.valueOf(entry.getKey()).length() + size(entry.getValue());
        }
        yield sum;
      }
      default -> NUMBER;
    };
  }
}
