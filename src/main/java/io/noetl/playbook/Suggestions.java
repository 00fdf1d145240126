package io.noetl.playbook;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the name that an author may have meant. Confined to one parse, for its work is bounded. */
final class Suggestions {
  private static final int MAX_WORD = 64;
  private int budget = 50_000;

  /** {@code did you mean 'x'?}, or null when nothing is near. */
  @Nullable String didYouMean(String word, Collection<String> names) {
    String nearest = nearest(word, names);
    return nearest == null ? null : "did you mean '" + nearest + "'?";
  }

  @Nullable String nearest(String word, Collection<String> names) {
    if (word.isEmpty() || word.length() > MAX_WORD) {
      return null;
    }
    int best = Math.max(1, word.length() / 3) + 1;
    String found = null;
    for (String name : names) {
      if (Math.abs(name.length() - word.length()) >= best || name.length() > MAX_WORD) {
        continue;
      }
      if (--budget < 0) {
        break;
      }
      int distance = distance(word, name);
      if (distance < best) {
        best = distance;
        found = name;
      }
    }
    return found;
  }

  /** Insertions, deletions, replacements and swaps of neighbours between two words. */
  private static int distance(String a, String b) {
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int cost = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1);
        cost = Math.min(cost, rows[i - 1][j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost = Math.min(cost, rows[i - 2][j - 2] + 1);
        }
        rows[i][j] = cost;
      }
    }
    return rows[a.length()][b.length()];
  }
}
