package io.noetl.playbook.template;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Filters on the text of a value. */
final class TextFilters {
  private TextFilters() {}

  /** The filter of that name, or null when it is not one of these. */
  static Filters.@Nullable Definition find(String name) {
    return switch (name) {
      case "lower" -> Filters.definition("", text((_, text) -> Texts.lower(text)));
      case "upper" -> Filters.definition("", text((_, text) -> Texts.upper(text)));
      case "title" -> Filters.definition("", text((_, text) -> Texts.title(text)));
      case "capitalize" -> Filters.definition("", text((_, text) -> Texts.capitalize(text)));
      case "trim", "strip" ->
          Filters.definition(
              "chars",
              (evaluation, input, arguments) ->
                  Texts.strip(
                      TextForm.of(evaluation, input),
                      arguments.has(0, "chars") ? arguments.text(evaluation, 0, "chars", "") : null,
                      true,
                      true));
      case "replace" -> Filters.definition("old new count", TextFilters::replace);
      case "split" -> Filters.definition("sep maxsplit", TextFilters::split);
      case "b64encode" -> Filters.definition("", text((_, text) -> encode64(text)));
      case "b64decode" -> Filters.definition("", text((_, text) -> decode64(text)));
      case "urlencode" -> Filters.definition("", TextFilters::urlEncode);
      case "md5" -> Filters.definition("", text((_, text) -> digest("MD5", text)));
      case "sha256" -> Filters.definition("", text((_, text) -> digest("SHA-256", text)));
      case "safe" -> Filters.definition("", (_, input, _) -> input);
      case "escape", "e" -> Filters.definition("", text(TextFilters::escape));
      case "sql_escape" ->
          Filters.definition(
              "", text((evaluation, text) -> Texts.replace(evaluation, text, "'", "''", -1)));
      case "format" ->
          Filters.definition(
              "** ...",
              (evaluation, input, arguments) ->
                  Formats.percent(evaluation, TextForm.of(evaluation, input), arguments));
      case "indent" -> Filters.definition("width first blank", TextFilters::indent);
      case "truncate" -> Filters.definition("length killwords end leeway", TextFilters::truncate);
      case "wordcount" ->
          Filters.definition("", (evaluation, input, _) -> words(TextForm.of(evaluation, input)));
      case "striptags" -> Filters.definition("", text(TextFilters::stripTags));
      default -> null;
    };
  }

  private static Filters.Filter text(BiFunction<Evaluation, String, String> change) {
    return (evaluation, input, _) -> {
      String text = TextForm.of(evaluation, input);
      evaluation.charge(text.length());
      String changed = change.apply(evaluation, text);
      evaluation.limitOutput(changed.length());
      evaluation.charge(changed.length());
      return changed;
    };
  }

  private static Object replace(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    return Texts.replace(
        evaluation,
        TextForm.of(evaluation, input),
        arguments.text(evaluation, 0, "old", ""),
        arguments.text(evaluation, 1, "new", ""),
        arguments.integer(2, "count", -1));
  }

  private static Object split(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    String text = TextForm.of(evaluation, input);
    String separator = arguments.text(evaluation, 0, "sep", " ");
    return Methods.split(evaluation, text, separator, arguments.integer(1, "maxsplit", -1));
  }

  static String encode64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String decode64(String text) {
    try {
      return new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new TemplateException("Expected b64decode to get base64 text, but " + e.getMessage());
    }
  }

  private static String digest(String algorithm, String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  private static Object urlEncode(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object plain = Values.plain(input);
    Output out = new Output(evaluation);
    if (plain instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (entry.getKey() != firstKey(map)) {
          out.append('&');
        }
        percent(out, String.valueOf(entry.getKey()), true);
        out.append('=');
        percent(out, TextForm.of(evaluation, entry.getValue()), true);
      }
    } else {
      percent(out, TextForm.of(evaluation, plain), false);
    }
    return out.text();
  }

  private static @Nullable Object firstKey(Map<?, ?> map) {
    return map.keySet().iterator().next();
  }

  private static void percent(Output out, String text, boolean query) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "_.-~".indexOf(c) >= 0;
      if (plain || c == '/' && !query) {
        out.append(c);
      } else if (c == ' ' && query) {
        out.append('+');
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
  }

  private static String escape(Evaluation evaluation, String text) {
    Output out = new Output(evaluation);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&#34;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.text();
  }

  private static Object indent(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    String text = TextForm.of(evaluation, input);
    Object width = Values.plain(arguments.at(0, "width"));
    String margin =
        width instanceof String given
            ? given
            : Texts.repeat(evaluation, " ", arguments.integer(0, "width", 4));
    boolean first = arguments.flag(1, "first", false);
    boolean blank = arguments.flag(2, "blank", false);
    Output out = new Output(evaluation);
    List<@Nullable Object> lines = Texts.split(evaluation, text, "\n", -1);
    for (int i = 0; i < lines.size(); i++) {
      String line = String.valueOf(lines.get(i));
      if (i > 0) {
        out.append('\n');
      }
      if (i == 0 ? first : blank || !line.isBlank()) {
        out.append(margin);
      }
      out.append(line);
    }
    return out.text();
  }

  private static Object truncate(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    String text = TextForm.of(evaluation, input);
    int length = Math.clamp(arguments.integer(0, "length", 255), 0, Integer.MAX_VALUE);
    String end = arguments.text(evaluation, 2, "end", "...");
    long leeway = arguments.integer(3, "leeway", 5);
    if (text.length() <= length + Math.clamp(leeway, 0, Integer.MAX_VALUE)) {
      return text;
    }
    int kept = Math.max(0, length - end.length());
    if (kept > 0 && Character.isHighSurrogate(text.charAt(kept - 1))) {
      kept--;
    }
    String start = text.substring(0, kept);
    int blank = start.lastIndexOf(' ');
    if (!arguments.flag(1, "killwords", false) && blank >= 0) {
      start = start.substring(0, blank);
    }
    evaluation.charge((long) start.length() + end.length());
    return start + end;
  }

  private static Object words(String text) {
    long words = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      boolean part = Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_';
      words += part && !inside ? 1 : 0;
      inside = part;
    }
    return words;
  }

  /** Without comments and tags, runs of blanks made one. */
  private static String stripTags(Evaluation evaluation, String text) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int end = -1;
      if (c == '<') {
        boolean comment = text.startsWith("<!--", i);
        end = text.indexOf(comment ? "-->" : ">", i);
        if (end < 0) {
          out.append(text, i, text.length());
          break;
        }
        i = end + (comment ? 3 : 1);
      } else {
        out.append(c);
        i++;
      }
    }
    StringBuilder words = new StringBuilder();
    for (String word : out.toString().strip().split("\\s+")) {
      words.append(words.isEmpty() ? "" : " ").append(word);
    }
    return words.toString();
  }
}
