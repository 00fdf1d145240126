package io.noetl.playbook;

import io.noetl.json.Json;
import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Turns a YAML text into nodes with places. It composes the events of the scanner itself, with an
 * explicit stack: so nesting and alias expansion are bounded before they cost anything, scalars get
 * the types of {@link YamlScalars}, and no tag can make an object.
 */
final class YamlReader {
  private static final int MAX_COMPLEX_KEY = 500;

  private final PlaybookLimits limits;
  private final Diagnostics diagnostics;
  private final Deque<Frame> stack = new ArrayDeque<>();
  private final Map<String, YamlNode> anchors = new HashMap<>();
  private final Set<String> openAnchors = new HashSet<>();
  private long expanded;
  private int documents;
  private @Nullable YamlNode root;

  YamlReader(PlaybookLimits limits, Diagnostics diagnostics) {
    this.limits = limits;
    this.diagnostics = diagnostics;
  }

  /** The root of the one document, or null after an error was reported. */
  @Nullable YamlNode read(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(Integer.MAX_VALUE)
            // A scalar longer than the buffer would be copied once for every refill of it.
            .setBufferSize(Math.max(1024, text.length()))
            .setVersionFunction(version -> version)
            .build();
    try {
      Iterator<Event> events = new Parse(settings).parseString(text).iterator();
      while (events.hasNext()) {
        accept(events.next());
      }
    } catch (Refusal refusal) {
      diagnostics.error(
          refusal.rule,
          Diagnostics.BAD_REQUEST,
          refusal.line,
          refusal.column,
          path(),
          "Invalid YAML: " + refusal.getMessage(),
          refusal.hint);
      return null;
    } catch (YamlEngineException e) {
      YamlFaults.report(e, text, diagnostics);
      return null;
    }
    if (root == null) {
      diagnostics.error(
          "yaml.empty",
          Diagnostics.BAD_REQUEST,
          1,
          1,
          "",
          "Invalid YAML: the text holds no document",
          "start with 'apiVersion: noetl.io/v2'");
    }
    return root;
  }

  private void accept(Event event) throws Refusal {
    switch (event) {
      case DocumentStartEvent _ -> documents++;
      case ScalarEvent scalar -> scalar(scalar);
      case AliasEvent alias -> add(aliased(alias), alias, false);
      case CollectionStartEvent start -> open(start);
      case CollectionEndEvent end -> close(end);
      default -> {
        // Ends of documents and of the stream carry nothing.
      }
    }
  }

  private void scalar(ScalarEvent event) throws Refusal {
    String text = event.getValue();
    Optional<String> tag = event.getTag();
    if (documents > 1 && text.isEmpty()) {
      return; // a trailing '---' opens an empty document
    }
    boolean plain = event.isPlain() && tag.isEmpty();
    Object value =
        tag.isPresent()
            ? YamlScalars.tagged(tag.get(), text)
            : plain ? YamlScalars.plain(text) : text;
    Scalar node = new Scalar(line(event), column(event), value, text);
    remember(event.getAnchor(), node);
    warnAboutTag(tag, event);
    Frame top = stack.peek();
    if (plain
        && value instanceof String
        && (top == null || !top.expectsKey())
        && YamlScalars.isLeadingZero(text)) {
      diagnostics.warn(
          "yaml.number.leading-zero",
          node,
          warningPath(),
          "'" + Diagnostics.clip(text) + "' starts with 0 and is read as text",
          "write \"" + Diagnostics.clip(text) + "\" for text, 0o... for an octal number");
    }
    add(node, event, plain && text.equals("<<"));
  }

  private YamlNode aliased(AliasEvent event) throws Refusal {
    String name = event.getAlias().getValue();
    YamlNode node = anchors.get(name);
    if (openAnchors.contains(name)) {
      throw new Refusal("yaml.alias.recursive", event, "alias '" + name + "' contains itself");
    }
    if (node == null) {
      throw new Refusal("yaml.alias.unknown", event, "alias '" + name + "' has no anchor");
    }
    expanded += node.weight();
    if (expanded > limits.maxAliasExpansion()) {
      throw new Refusal(
          "yaml.alias.expansion",
          event,
          "aliases expand to more than playbook.max-alias-expansion ("
              + limits.maxAliasExpansion()
              + ") nodes and characters");
    }
    checkDepth(stack.size() + node.height(), event);
    return node;
  }

  private void open(CollectionStartEvent event) throws Refusal {
    if (documents > 1) {
      throw more(event);
    }
    checkDepth(stack.size() + 1, event);
    warnAboutTag(event.getTag(), event);
    event.getAnchor().ifPresent(anchor -> openAnchors.add(anchor.getValue()));
    stack.push(new Frame(event));
  }

  private void close(CollectionEndEvent event) throws Refusal {
    Frame frame = stack.pop();
    YamlNode node = frame.finish();
    frame.start.getAnchor().ifPresent(anchor -> openAnchors.remove(anchor.getValue()));
    remember(frame.start.getAnchor(), node);
    add(node, event, false);
  }

  private void remember(Optional<Anchor> anchor, YamlNode node) {
    anchor.ifPresent(name -> anchors.put(name.getValue(), node));
  }

  private void add(YamlNode node, Event event, boolean merge) throws Refusal {
    Frame top = stack.peek();
    if (top != null) {
      top.add(node, event, merge);
    } else if (root == null && documents <= 1) {
      root = node;
    } else {
      throw more(event);
    }
  }

  private void checkDepth(int depth, Event event) throws Refusal {
    if (depth > limits.maxDepth()) {
      throw new Refusal(
          "yaml.depth",
          event,
          "lists and maps are nested deeper than playbook.max-depth (" + limits.maxDepth() + ")");
    }
  }

  private void warnAboutTag(Optional<String> tag, Event event) {
    if (tag.isPresent() && !YamlScalars.known(tag.get())) {
      diagnostics.warn(
          "yaml.tag.ignored",
          line(event),
          column(event),
          warningPath(),
          "tag '" + Diagnostics.clip(tag.get()) + "' has no meaning here and is ignored",
          "leave it out");
    }
  }

  private static Refusal more(Event event) {
    return new Refusal(
        "yaml.documents",
        event,
        "more than one document",
        "keep one playbook per text; separate files are registered one by one");
  }

  /** Where the reader stands, for a warning; nothing when warnings are only counted. */
  private String warningPath() {
    return diagnostics.warningsAreFull() ? "" : path();
  }

  /** Where the reader stands in the document. */
  private String path() {
    StringBuilder path = new StringBuilder();
    Iterator<Frame> outermostFirst = stack.descendingIterator();
    while (outermostFirst.hasNext()) {
      outermostFirst.next().appendTo(path);
    }
    return path.toString();
  }

  private static int line(Event event) {
    return event.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  private static int column(Event event) {
    return event.getStartMark().map(Mark::getColumn).orElse(0) + 1;
  }

  /** A text that is YAML but not one that this reader takes. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final String rule;
    private final int line;
    private final int column;
    private final @Nullable String hint;

    Refusal(String rule, Event event, String detail) {
      this(rule, event, detail, null);
    }

    Refusal(String rule, Event event, String detail, @Nullable String hint) {
      super(detail);
      this.rule = rule;
      this.line = line(event);
      this.column = column(event);
      this.hint = hint;
    }
  }

  /** A list or map whose end has not come yet. */
  private final class Frame {
    private final CollectionStartEvent start;
    private final boolean map;
    private final List<YamlNode> items = new ArrayList<>();
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final List<Fields> merged = new ArrayList<>();
    private @Nullable YamlNode key;
    private boolean mergeKey;

    Frame(CollectionStartEvent start) {
      this.start = start;
      this.map = start instanceof MappingStartEvent;
    }

    boolean expectsKey() {
      return map && key == null;
    }

    void add(YamlNode node, Event event, boolean merge) throws Refusal {
      if (!map) {
        items.add(node);
      } else if (key == null) {
        key = node;
        mergeKey = merge;
      } else {
        YamlNode name = key;
        if (mergeKey) {
          merge(node, event);
        } else {
          put(name, node);
        }
        key = null;
      }
    }

    private void put(YamlNode name, YamlNode value) throws Refusal {
      String text = keyText(name);
      Field before = fields.put(text, new Field(name.line(), name.column(), value));
      if (before != null) {
        diagnostics.warn(
            "yaml.key.duplicate",
            name,
            warningPath(),
            "duplicate key '"
                + Diagnostics.clip(text)
                + "' (first at line "
                + before.keyLine()
                + "); the last one wins",
            "remove one of the two");
      }
    }

    private String keyText(YamlNode name) throws Refusal {
      if (name instanceof Scalar scalar) {
        return scalar.text();
      }
      // Quotes inside keys inside keys double with every level, so this must stay small.
      if (name.weight() > MAX_COMPLEX_KEY) {
        throw new Refusal(
            "yaml.key.complex",
            start,
            "a map or list used as a key is larger than " + MAX_COMPLEX_KEY + " characters",
            "quote template text: \"{{ ... }}\"");
      }
      diagnostics.warn(
          "yaml.key.complex",
          name,
          warningPath(),
          "a " + (name instanceof Fields ? "map" : "list") + " is used as a key",
          "quote template text: \"{{ ... }}\"");
      return Json.text(name.plain());
    }

    private void merge(YamlNode node, Event event) throws Refusal {
      List<YamlNode> sources = node instanceof Items list ? list.items() : List.of(node);
      for (YamlNode source : sources) {
        if (!(source instanceof Fields other)) {
          throw new Refusal(
              "yaml.merge",
              event,
              "'<<' expects a map or a list of maps, but got " + source.typeName());
        }
        merged.add(other);
      }
    }

    YamlNode finish() {
      int line = line(start);
      int column = column(start);
      if (!map) {
        return Items.of(line, column, items);
      }
      if (merged.isEmpty()) {
        return Fields.of(line, column, fields);
      }
      // Members of the map itself win over merged ones, and earlier merged maps over later ones.
      Map<String, Field> all = new LinkedHashMap<>();
      for (Fields other : merged.reversed()) {
        all.putAll(other.fields());
      }
      all.putAll(fields);
      return Fields.of(line, column, all);
    }

    void appendTo(StringBuilder path) {
      if (!map) {
        path.append('[').append(items.size()).append(']');
      } else if (key instanceof Scalar scalar) {
        path.append(path.isEmpty() ? "" : ".").append(Diagnostics.clip(scalar.text()));
      }
    }
  }
}
