package io.noetl.playbook;

/**
 * Limits on the text of one playbook. Every refusal names the limit and the value that broke it.
 *
 * @param maxTextBytes {@code playbook.max-text-bytes}: UTF-8 size of the decoded text
 * @param maxSteps {@code playbook.max-steps}: entries of {@code workflow}
 * @param maxDepth {@code playbook.max-depth}: nesting of lists and maps, aliases followed
 * @param maxAliasExpansion {@code playbook.max-alias-expansion}: nodes plus characters that aliases
 *     and merges add to the text, all together
 * @param maxDiagnostics {@code playbook.max-diagnostics}: errors, and warnings, that are reported;
 *     the rest is counted
 */
public record PlaybookLimits(
    int maxTextBytes, int maxSteps, int maxDepth, long maxAliasExpansion, int maxDiagnostics) {

  public static final PlaybookLimits DEFAULT =
      new PlaybookLimits(4 * 1024 * 1024, 10_000, 200, 4L * 1024 * 1024, 1_000);

  public PlaybookLimits {
    check("playbook.max-text-bytes", maxTextBytes, 64 * 1024 * 1024);
    check("playbook.max-steps", maxSteps, 1_000_000);
    // A tool travels inside an event as JSON, which is read to a depth of 500.
    check("playbook.max-depth", maxDepth, 400);
    check("playbook.max-alias-expansion", maxAliasExpansion, 64L * 1024 * 1024);
    check("playbook.max-diagnostics", maxDiagnostics, 100_000);
  }

  private static void check(String name, long value, long max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(
          "Expected " + name + " between 1 and " + max + ", but it is " + value);
    }
  }
}
