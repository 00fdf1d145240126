package io.noetl.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A document of the repository, as far as tests look into it. */
record Markdown(Path file, String text) {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```(\\w*)\\R(.*?)^ *```\\s*?$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");

  /** A fenced block; the language is empty when none is named. */
  record Block(String language, String text) {}

  static Markdown read(String file) {
    return read(Path.of(file));
  }

  private static Markdown read(Path file) {
    try {
      return new Markdown(file, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every document that people read, wherever it lies in the sources. */
  static List<Markdown> all() {
    List<Markdown> all = new ArrayList<>();
    for (String place : List.of("", "docs", "wasm-plugins", "src", "migrations")) {
      Path folder = Path.of(place);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder, place.isEmpty() ? 1 : 12)) {
          files
              .filter(file -> file.toString().endsWith(".md"))
              .sorted()
              .map(Markdown::read)
              .forEach(all::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return all;
  }

  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2).stripIndent()));
    }
    return blocks;
  }

  /** The text of all blocks of a language, in order. */
  String blocks(String language) {
    return String.join(
        "\n",
        blocks().stream()
            .filter(block -> block.language().equals(language))
            .map(Block::text)
            .toList());
  }

  /** The text outside blocks. */
  String prose() {
    return BLOCK.matcher(text).replaceAll("");
  }

  List<String> links() {
    List<String> links = new ArrayList<>();
    Matcher matcher = LINK.matcher(prose());
    while (matcher.find()) {
      links.add(matcher.group(1));
    }
    return links;
  }

  /** The names by which links reach headings. */
  List<String> anchors() {
    List<String> anchors = new ArrayList<>();
    Matcher matcher = HEADING.matcher(prose());
    while (matcher.find()) {
      anchors.add(
          matcher
              .group(1)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-'));
    }
    return anchors;
  }
}
