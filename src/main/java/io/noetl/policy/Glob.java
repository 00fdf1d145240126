package io.noetl.policy;

/**
 * A pattern of text: {@code *} stands for any characters but a slash, {@code **} for any,
 * everything else for itself. Matching takes at most the product of both lengths. Immutable.
 */
public final class Glob {
  private static final int ANY_BUT_SLASH = -1;
  private static final int ANY = -2;

  private final String text;
  private final int[] tokens;
  private final boolean literal;

  /**
   * @param text any text is a pattern
   */
  public Glob(String text) {
    this.text = text;
    int[] found = new int[text.length()];
    int size = 0;
    boolean plain = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '*') {
        found[size++] = c;
        continue;
      }
      plain = false;
      boolean two = i + 1 < text.length() && text.charAt(i + 1) == '*';
      while (i + 1 < text.length() && text.charAt(i + 1) == '*') {
        i++;
      }
      found[size++] = two ? ANY : ANY_BUT_SLASH;
    }
    this.tokens = java.util.Arrays.copyOf(found, size);
    this.literal = plain;
  }

  /** Whether the whole value is as the pattern says. */
  public boolean matches(String value) {
    return literal ? text.equals(value) : simulated(value);
  }

  private boolean simulated(String value) {
    // Which tokens may come next: no backtracking, so no pattern takes long.
    boolean[] now = new boolean[tokens.length + 1];
    now[0] = true;
    skipStars(now);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean[] next = new boolean[tokens.length + 1];
      boolean alive = false;
      for (int t = 0; t < tokens.length; t++) {
        if (!now[t]) {
          continue;
        }
        int token = tokens[t];
        if (token == ANY || token == ANY_BUT_SLASH && c != '/') {
          next[t] = true;
          alive = true;
        } else if (token == c) {
          next[t + 1] = true;
          alive = true;
        }
      }
      if (!alive) {
        return false;
      }
      skipStars(next);
      now = next;
    }
    return now[tokens.length];
  }

  /** A star may stand for nothing. */
  private void skipStars(boolean[] states) {
    for (int t = 0; t < tokens.length; t++) {
      if (states[t] && tokens[t] < 0) {
        states[t + 1] = true;
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && glob.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
