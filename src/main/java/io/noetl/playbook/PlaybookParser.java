package io.noetl.playbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads playbook texts: decodes, parses, normalises and validates in one go. Stateless and safe for
 * use by many threads.
 */
public final class PlaybookParser {
  private final PlaybookLimits limits;
  private final TemplateCheck templates;

  public PlaybookParser(PlaybookLimits limits, TemplateCheck templates) {
    this.limits = limits;
    this.templates = templates;
  }

  /**
   * @param text YAML text, or base64 of it
   * @return the playbook, or every fault of the text; never throws for bad input
   */
  public ParseResult parse(String text) {
    Diagnostics diagnostics = new Diagnostics(limits.maxDiagnostics());
    // Base64 with line breaks needs less than twice the room; more is not even decoded.
    String decoded = text.length() > 2L * limits.maxTextBytes() ? text : PlaybookText.decode(text);
    long size = PlaybookText.utf8Length(decoded);
    if (size > limits.maxTextBytes()) {
      diagnostics.error(
          "text.too-large",
          Diagnostics.TOO_LARGE,
          1,
          1,
          "",
          "Playbook text is "
              + size
              + " bytes, more than playbook.max-text-bytes ("
              + limits.maxTextBytes()
              + ")",
          "keep data in files or tables and read it in a step");
      return invalid(diagnostics);
    }
    String yaml = decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
    YamlNode root = new YamlReader(limits, diagnostics).read(yaml);
    if (root == null) {
      return invalid(diagnostics);
    }
    if (!(root instanceof YamlNode.Fields document)) {
      diagnostics.error(
          "yaml.not-a-map",
          Diagnostics.BAD_REQUEST,
          root,
          "",
          "Invalid YAML: the document must be a map, but is " + root.typeName(),
          PlaybookText.looksLikeBase64(decoded)
              ? "base64 is decoded only if the text in it begins with 'apiVersion:' or 'kind:'"
              : "start with 'apiVersion: noetl.io/v2'");
      return invalid(diagnostics);
    }
    Playbook playbook = new DocumentReader(limits, templates, diagnostics).read(document);
    return playbook == null
        ? invalid(diagnostics)
        : new ParseResult.Valid(playbook, diagnostics.warnings(), decoded);
  }

  /**
   * Reads a text as a document of another kind.
   *
   * @param text YAML text, or base64 of it
   * @param kind the word in {@code kind:}
   * @return null when it is none, or cannot be read: then {@link #parse} says why
   */
  public @Nullable OtherDocument other(String text, String kind) {
    if (text.length() > 2L * limits.maxTextBytes()) {
      return null;
    }
    String decoded = PlaybookText.decode(text);
    if (PlaybookText.utf8Length(decoded) > limits.maxTextBytes() || !decoded.contains(kind)) {
      return null;
    }
    String yaml = decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
    YamlNode root = new YamlReader(limits, new Diagnostics(limits.maxDiagnostics())).read(yaml);
    return root instanceof YamlNode.Fields document && kind.equals(document.text("kind"))
        ? new OtherDocument(decoded, document)
        : null;
  }

  /**
   * The plain values of a text that {@link #parse} has accepted, for whoever shows a playbook and
   * does not run it.
   *
   * @return unmodifiable; empty when the text is no YAML map
   */
  public Map<String, @Nullable Object> document(String text) {
    String yaml = text.startsWith("\uFEFF") ? text.substring(1) : text;
    YamlNode root = new YamlReader(limits, new Diagnostics(limits.maxDiagnostics())).read(yaml);
    return root instanceof YamlNode.Fields document ? document.plain() : Map.of();
  }

  /**
   * Why a text is no YAML map, or one that can be read in two ways; empty when there is no doubt,
   * whatever it says.
   */
  public List<Diagnostic> faults(String text) {
    Diagnostics diagnostics = new Diagnostics(limits.maxDiagnostics());
    String yaml = text.startsWith("\uFEFF") ? text.substring(1) : text;
    YamlNode root = new YamlReader(limits, diagnostics).read(yaml);
    if (root instanceof YamlNode.Fields || !diagnostics.errors().isEmpty()) {
      List<Diagnostic> all = new ArrayList<>(diagnostics.errors());
      all.addAll(diagnostics.warnings());
      return all;
    }
    diagnostics.error("document.map", 422, 1, 1, "", "Expected a map, but the text is none", null);
    return diagnostics.errors();
  }

  private static ParseResult invalid(Diagnostics diagnostics) {
    return new ParseResult.Invalid(diagnostics.errors(), diagnostics.warnings());
  }
}
