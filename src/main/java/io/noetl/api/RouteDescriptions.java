package io.noetl.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The descriptions of all routes, from {@code routes.txt} beside this class. A block begins at the
 * start of a line with a method and a path, or with one of the words for a named shape; its parts
 * are indented, and what is indented more continues the line before.
 *
 * @param routes by method and template, such as {@code GET /health}
 * @param types shapes by name, already JSON Schema
 */
record RouteDescriptions(
    Map<String, Description> routes, Map<String, Map<String, @Nullable Object>> types) {
  private static final String FILE = "routes.txt";
  private static final Set<String> PARTS = Set.of("query", "header", "body", "body?", "reply");

  /**
   * One route.
   *
   * @param query members of the query, as a shape without braces; null when there are none
   * @param headers likewise
   */
  record Description(
      String summary,
      @Nullable String query,
      @Nullable String headers,
      List<Content> bodies,
      boolean bodyRequired,
      List<Content> replies) {}

  /**
   * What is sent.
   *
   * @param status of a reply; 0 for a request
   * @param shape of it
   */
  record Content(int status, String mediaType, String shape) {}

  /**
   * @throws IllegalArgumentException when the file is damaged
   */
  static RouteDescriptions load() {
    try (InputStream in = RouteDescriptions.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("Expected " + FILE + " in the jar, but it is missing");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RouteDescriptions parse(String text) {
    Map<String, Description> routes = new LinkedHashMap<>();
    Map<String, Map<String, @Nullable Object>> types = new LinkedHashMap<>();
    for (List<String> block : blocks(text)) {
      String head = block.getFirst();
      if (head.startsWith("type ") || head.startsWith("request-type ")) {
        String[] parts = String.join(" ", block).split("\\s+", 3);
        types.put(parts[1], Shape.schema(parts[2], head.startsWith("request")));
      } else if (routes.put(head, description(head, block)) != null) {
        throw new IllegalArgumentException("Expected one description of " + head);
      }
    }
    return new RouteDescriptions(routes, types);
  }

  /** Lines of each block, those that continue one put into it. */
  private static List<List<String>> blocks(String text) {
    List<List<String>> blocks = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (!line.startsWith(" ")) {
        blocks.add(new ArrayList<>(List.of(line.strip())));
        continue;
      }
      List<String> block = blocks.getLast();
      if (line.startsWith("    ")) {
        block.set(block.size() - 1, block.getLast() + " " + line.strip());
      } else {
        block.add(line.strip());
      }
    }
    return blocks;
  }

  private static Description description(String head, List<String> block) {
    String summary = "";
    String query = null;
    String headers = null;
    List<Content> bodies = new ArrayList<>();
    boolean required = true;
    List<Content> replies = new ArrayList<>();
    for (String line : block.subList(1, block.size())) {
      String[] parts = line.split("\\s+", 2);
      switch (PARTS.contains(parts[0]) ? parts[0] : "") {
        case "query" -> query = parts[1];
        case "header" -> headers = parts[1];
        case "body" -> bodies.add(content(parts[1], false));
        case "body?" -> {
          required = false;
          bodies.add(content(parts[1], false));
        }
        case "reply" -> replies.add(content(parts[1], true));
        default -> summary = summary.isEmpty() ? line : summary + " " + line;
      }
    }
    if (summary.isEmpty() || replies.isEmpty()) {
      throw new IllegalArgumentException("Expected a sentence and a reply of " + head);
    }
    return new Description(summary, query, headers, bodies, required, replies);
  }

  /** {@code [status] [media/type] shape}. */
  private static Content content(String text, boolean reply) {
    String rest = text;
    int status = reply ? 200 : 0;
    if (reply && rest.matches("\\d{3}\\b.*")) {
      status = Integer.parseInt(rest.substring(0, 3));
      rest = rest.substring(3).strip();
    }
    String type = "application/json";
    String first = rest.split("\\s+", 2)[0];
    if (first.matches("[a-z*]+/[a-z0-9.*+-]+")) {
      type = first;
      rest = rest.substring(first.length()).strip();
    }
    return new Content(status, type, rest);
  }
}
