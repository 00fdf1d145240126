package io.noetl.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides in process who a caller is and whether the route is for them. Safe for many threads. */
public interface Access {
  /** Names the tenant that a caller who may act for every tenant acts for. */
  String TENANT_HEADER = "X-Noetl-Tenant";

  /** The tenant of a system without tenants. */
  String DEFAULT_TENANT = "default";

  /**
   * In a token: every tenant. As the tenant of a caller: none of them, so that nothing is found.
   */
  String EVERY_TENANT = "*";

  /** How tenants are named; their names stand in subjects of the bus. */
  Pattern TENANT = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /**
   * @param headers of the request
   * @param wanted the class of the route
   */
  Decision decide(Headers headers, AccessClass wanted);

  /** The word that health shows, such as {@code off}. */
  String mode();

  /** The headers of one request. */
  @FunctionalInterface
  interface Headers {
    Headers NONE = name -> null;

    /** The first value as sent, or null; the name in any case. */
    @Nullable String first(String name);

    /** The method in upper case; empty where there is no request. */
    default String method() {
      return "";
    }

    /** The path and the query as sent; empty where there is no request. */
    default String target() {
      return "";
    }
  }

  /** Whether the caller may go on. */
  sealed interface Decision {
    record Granted(Caller caller) implements Decision {}

    /**
     * No, or an expired, proof of who it is.
     *
     * @param reason a word for programs; null for none
     */
    record Unauthenticated(String sentence, @Nullable String reason) implements Decision {
      Unauthenticated(String sentence) {
        this(sentence, null);
      }
    }

    /** Known, and not allowed. */
    record Forbidden(String sentence) implements Decision {}

    /** The server lacks what it would need to decide. */
    record NotConfigured(String sentence) implements Decision {}
  }
}
