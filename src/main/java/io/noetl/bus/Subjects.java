package io.noetl.bus;

/**
 * The subjects of the bus and the filters over them. A token is 1 to 64 characters of {@code
 * [A-Za-z0-9_-]}. Pure functions.
 */
public final class Subjects {

  /** The longest token of a subject, in characters. */
  public static final int MAX_TOKEN_LENGTH = 64;

  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private static final int EVENT_TOKENS = 3;
  private static final int COMMAND_TOKENS = 2;

  private Subjects() {}

  /** {@code noetl.events.<tenant>.<shard>.<execution_id>}. */
  public static String event(String tenant, int shard, long executionId) {
    requireShard(shard);
    return BusStream.EVENTS.prefix() + token("tenant", tenant) + "." + shard + "." + executionId;
  }

  /** {@code noetl.commands.<pool>.<execution_id>}. */
  public static String command(String pool, long executionId) {
    return BusStream.COMMANDS.prefix() + token("pool", pool) + "." + executionId;
  }

  /** The filter of one projector shard: its events of every tenant. */
  public static String eventsOfShard(int shard) {
    requireShard(shard);
    return BusStream.EVENTS.prefix() + "*." + shard + ".*";
  }

  /** The filter of one tenant's events. */
  public static String eventsOfTenant(String tenant) {
    return BusStream.EVENTS.prefix() + token("tenant", tenant) + ".>";
  }

  /** The filter of one pool's commands. */
  public static String commandsOfPool(String pool) {
    return BusStream.COMMANDS.prefix() + token("pool", pool) + ".>";
  }

  /**
   * The shard of an execution: XxHash64, seed 0, of the id as 8 little-endian bytes, unsigned
   * modulo {@code shardCount}. Ids have mostly-zero low bits, so a plain modulus would send nearly
   * all to one shard. Publisher and projector must agree on {@code shardCount}.
   *
   * @param shardCount 1 or more
   */
  public static int shardOf(long executionId, int shardCount) {
    if (shardCount < 1) {
      throw new IllegalArgumentException(
          "Expected shardCount of 1 or more, but it is %d (execution=%d)"
              .formatted(shardCount, executionId));
    }
    return (int) Long.remainderUnsigned(hash(executionId), shardCount);
  }

  /** XxHash64, seed 0, of the value as 8 little-endian bytes. */
  static long hash(long value) {
    long hash = PRIME_5 + Long.BYTES;
    hash ^= Long.rotateLeft(value * PRIME_2, 31) * PRIME_1;
    hash = Long.rotateLeft(hash, 27) * PRIME_1 + PRIME_4;
    hash = (hash ^ (hash >>> 33)) * PRIME_2;
    hash = (hash ^ (hash >>> 29)) * PRIME_3;
    return hash ^ (hash >>> 32);
  }

  /** Returns {@code value} if it may be one token of a subject. */
  public static String token(String name, String value) {
    if (!isToken(value, 0, value.length())) {
      throw new IllegalArgumentException(
          "Expected %s of 1 to %d characters [A-Za-z0-9_-], but it is '%s'"
              .formatted(name, MAX_TOKEN_LENGTH, value));
    }
    return value;
  }

  /** Whether {@code value} may be one token of a subject. */
  public static boolean isToken(String value) {
    return isToken(value, 0, value.length());
  }

  /** The stream of a complete subject without wildcards, as made by this class. */
  static BusStream streamOf(String subject) {
    for (BusStream stream : BusStream.values()) {
      int tokens =
          switch (stream) {
            case EVENTS -> EVENT_TOKENS;
            case COMMANDS -> COMMAND_TOKENS;
          };
      if (subject.startsWith(stream.prefix())
          && countTokens(subject, stream.prefix().length()) == tokens) {
        return stream;
      }
    }
    throw new IllegalArgumentException(
        "Expected a subject noetl.events.<tenant>.<shard>.<execution_id> or"
            + " noetl.commands.<pool>.<execution_id> with tokens of [A-Za-z0-9_-], but it is '"
            + subject
            + "'");
  }

  /** Returns {@code filter} if it can only match subjects of {@code stream}. */
  static String requireFilter(BusStream stream, String filter) {
    String[] tokens =
        filter.startsWith(stream.prefix())
            ? filter.substring(stream.prefix().length()).split("\\.", -1)
            : new String[] {""};
    for (int i = 0; i < tokens.length; i++) {
      boolean wildcard = tokens[i].equals("*") || (tokens[i].equals(">") && i == tokens.length - 1);
      if (!wildcard && !isToken(tokens[i])) {
        throw new IllegalArgumentException(
            "Expected a filter '%s' followed by tokens, '*' or a last '>', but it is '%s'"
                .formatted(stream.prefix(), filter));
      }
    }
    return filter;
  }

  /** Whether a filter takes a subject; {@code *} is one token, a last {@code >} one or more. */
  static boolean matches(String filter, String subject) {
    return overlaps(filter, subject);
  }

  /** Whether some subject is taken by both filters. */
  static boolean overlaps(String one, String other) {
    String[] left = one.split("\\.", -1);
    String[] right = other.split("\\.", -1);
    for (int i = 0; i < left.length && i < right.length; i++) {
      if (left[i].equals(">") || right[i].equals(">")) {
        return true;
      }
      if (!left[i].equals(right[i]) && !left[i].equals("*") && !right[i].equals("*")) {
        return false;
      }
    }
    return left.length == right.length;
  }

  /** The number of well-formed tokens from {@code start}, or -1 if one is malformed. */
  private static int countTokens(String subject, int start) {
    int count = 0;
    int from = start;
    for (int i = start; i <= subject.length(); i++) {
      if (i == subject.length() || subject.charAt(i) == '.') {
        if (!isToken(subject, from, i)) {
          return -1;
        }
        count++;
        from = i + 1;
      }
    }
    return count;
  }

  private static boolean isToken(String value, int from, int to) {
    if (to == from || to - from > MAX_TOKEN_LENGTH) {
      return false;
    }
    for (int i = from; i < to; i++) {
      char c = value.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
      if (!allowed) {
        return false;
      }
    }
    return true;
  }

  private static void requireShard(int shard) {
    if (shard < 0) {
      throw new IllegalArgumentException(
          "Expected shard of 0 or more, but it is %d".formatted(shard));
    }
  }
}
