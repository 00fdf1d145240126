package io.noetl.playbook.template;

import io.noetl.playbook.template.Lexer.Kind;
import io.noetl.playbook.template.Lexer.Piece;
import io.noetl.playbook.template.Segment.Body;
import io.noetl.playbook.template.Segment.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jinjava.de.odysseus.el.tree.impl.Parser.ParseException;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import org.jspecify.annotations.Nullable;

/** Compiles the pieces of a text, block tags included, into a {@link Program}. */
final class BlockParser {
  private static final Set<String> REFUSED =
      Set.of("include", "import", "from", "extends", "block", "super");

  private final List<Piece> pieces;
  private final TemplateLimits limits;
  private int next;
  private int nesting;
  private int deepest;

  private BlockParser(List<Piece> pieces, TemplateLimits limits) {
    this.pieces = pieces;
    this.limits = limits;
  }

  static Program program(String text, TemplateLimits limits) throws SyntaxFault {
    BlockParser parser = new BlockParser(Lexer.pieces(text), limits);
    Expression single = parser.single();
    Body body = parser.body(Set.of());
    return new Program(body, single, parser.deepest);
  }

  private @Nullable Expression single() throws SyntaxFault {
    Piece only = null;
    for (Piece piece : pieces) {
      boolean blank = piece.kind() == Kind.TEXT && piece.content().isBlank();
      if (piece.kind() == Kind.EXPRESSION && only == null) {
        only = piece;
      } else if (!blank) {
        return null;
      }
    }
    return only == null ? null : expression(only);
  }

  private Expression expression(Piece piece) throws SyntaxFault {
    return parse(piece, 0, ExpressionParser::expression);
  }

  /** Parses what stands in a piece after its first {@code skip} characters. */
  private <R> R parse(Piece piece, int skip, ExpressionParser.Rule<R> rule) throws SyntaxFault {
    try {
      return ExpressionParser.parse(piece.content().substring(skip), limits, rule);
    } catch (SyntaxFault e) {
      throw new SyntaxFault(piece.offset() + skip + e.offset(), e.text());
    }
  }

  private <R> R parseTag(Piece tag, ExpressionParser.Rule<R> rule) throws SyntaxFault {
    return parse(tag, tag.tagName().length(), rule);
  }

  /** Parts up to a tag of one of these names, which is left at hand; with none, to the end. */
  private Body body(Set<String> ends) throws SyntaxFault {
    if (++nesting > limits.maxDepth()) {
      throw new SyntaxFault(
          pieces.get(next - 1).offset(),
          "expected block tags nested at most template.max-depth ("
              + limits.maxDepth()
              + ") deep, but they go deeper");
    }
    List<Segment> segments = new ArrayList<>();
    while (next < pieces.size()) {
      Piece piece = pieces.get(next);
      if (piece.kind() == Kind.TAG && ends.contains(piece.tagName())) {
        nesting--;
        return new Body(segments);
      }
      next++;
      segments.add(
          switch (piece.kind()) {
            case TEXT -> new Segment.Literal(piece.content());
            case EXPRESSION -> print(piece);
            case TAG -> tag(piece);
          });
    }
    if (!ends.isEmpty()) {
      throw new SyntaxFault(
          pieces.getLast().offset(), "expected " + words(ends) + ", but the text ends");
    }
    nesting--;
    return new Body(segments);
  }

  private static String words(Set<String> ends) {
    return "one of the tags " + ends.stream().sorted().toList();
  }

  private Segment print(Piece piece) throws SyntaxFault {
    Expression expression = expression(piece);
    note(expression);
    return new Segment.Print(expression);
  }

  private void note(Expression expression) {
    deepest = Math.max(deepest, nesting + expression.depth());
  }

  private Segment tag(Piece tag) throws SyntaxFault {
    return switch (tag.tagName()) {
      case "if" -> conditional(tag);
      case "for" -> loop(tag);
      case "set" -> assign(tag);
      case "with" -> with(tag);
      case "filter" -> filter(tag);
      case "macro" -> macro(tag);
      case "call" -> call(tag);
      default -> {
        String name = tag.tagName();
        throw new SyntaxFault(
            tag.offset(),
            REFUSED.contains(name)
                ? "expected a tag that playbooks may use, but '" + name + "' is not available"
                : "expected a known tag, but found '" + Templates.excerpt(tag.content()) + "'");
      }
    };
  }

  /** The tag at hand, which must be one of those that {@link #body} ended at. */
  private Piece end() throws SyntaxFault {
    Piece end = pieces.get(next++);
    boolean expression = end.tagName().equals("elif");
    if (!expression
        && end.content().length() > end.tagName().length()
        && !end.tagName().equals("endmacro")
        && !end.tagName().equals("endcall")) {
      throw new SyntaxFault(
          end.offset(),
          "expected nothing after '"
              + end.tagName()
              + "', but found '"
              + Templates.excerpt(end.content())
              + "'");
    }
    return end;
  }

  private Segment conditional(Piece start) throws SyntaxFault {
    List<Expression> conditions = new ArrayList<>();
    List<Body> bodies = new ArrayList<>();
    Piece tag = start;
    while (true) {
      Expression condition = parseTag(tag, ExpressionParser::expression);
      note(condition);
      conditions.add(condition);
      bodies.add(body(Set.of("elif", "else", "endif")));
      tag = end();
      if (tag.isTag("else")) {
        bodies.add(body(Set.of("endif")));
        tag = end();
      }
      if (tag.isTag("endif")) {
        return new Segment.If(conditions, bodies);
      }
    }
  }

  /** What a {@code for} tag says. */
  private record LoopHead(Target target, Expression sequence, @Nullable Expression condition) {}

  private Segment loop(Piece tag) throws SyntaxFault {
    LoopHead head =
        parseTag(
            tag,
            parser -> {
              Target target = targets(parser);
              parser.require("in");
              Expression sequence = parser.unconditional();
              Expression condition = parser.accept("if") ? parser.expression() : null;
              return new LoopHead(target, sequence, condition);
            });
    note(head.sequence());
    if (head.condition() != null) {
      note(head.condition());
    }
    Body body = body(Set.of("else", "endfor"));
    Body otherwise = null;
    if (end().isTag("else")) {
      otherwise = body(Set.of("endfor"));
      end();
    }
    return new Segment.For(head.target(), head.sequence(), head.condition(), body, otherwise);
  }

  private static Target targets(ExpressionParser parser)
      throws ScanException, ParseException, SyntaxFault {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    do {
      if (parser.accept("(")) {
        targets.add(targets(parser));
        parser.require(")");
      } else {
        String name = parser.name();
        targets.add(new Target(name, parser.accept(".") ? parser.name() : null, List.of()));
      }
      several |= targets.size() > 1;
    } while (parser.accept(","));
    return several ? new Target(null, null, targets) : targets.getFirst();
  }

  /** What a {@code set} tag says: a value, or filters for what follows. */
  private record SetHead(Target target, @Nullable Expression value, @Nullable Expression filters) {}

  private Segment assign(Piece tag) throws SyntaxFault {
    SetHead head =
        parseTag(
            tag,
            parser -> {
              Target target = targets(parser);
              if (parser.accept("=")) {
                return new SetHead(target, value(parser), null);
              }
              return new SetHead(target, null, parser.accept("|") ? filters(parser) : null);
            });
    Expression value = head.value();
    if (value != null) {
      note(value);
      return new Segment.Assign(head.target(), value);
    }
    Body body = body(Set.of("endset"));
    end();
    return new Segment.Capture(head.target(), head.filters(), body);
  }

  private static Expression value(ExpressionParser parser)
      throws ScanException, ParseException, SyntaxFault {
    Expression first = parser.expression();
    if (!parser.accept(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (!parser.atEnd()) {
      elements.add(parser.expression());
      if (!parser.atEnd()) {
        parser.require(",");
      }
    }
    return new Literals.Sequence(elements);
  }

  private static Expression filters(ExpressionParser parser)
      throws ScanException, ParseException, SyntaxFault {
    Expression filtered = new Access.Name(Segment.Capture.NAME);
    do {
      filtered = parser.applied(filtered);
    } while (parser.accept("|"));
    return filtered;
  }

  private Segment filter(Piece tag) throws SyntaxFault {
    Expression filters = parseTag(tag, BlockParser::filters);
    note(filters);
    Body body = body(Set.of("endfilter"));
    end();
    return new Segment.Capture(null, filters, body);
  }

  private Segment with(Piece tag) throws SyntaxFault {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    parseTag(
        tag,
        parser -> {
          while (!parser.atEnd()) {
            targets.add(new Target(parser.name(), null, List.of()));
            parser.require("=");
            values.add(parser.expression());
            if (!parser.atEnd()) {
              parser.require(",");
            }
          }
          return targets;
        });
    values.forEach(this::note);
    Body body = body(Set.of("endwith"));
    end();
    return new Segment.With(targets, values, body);
  }

  /** Name and parameters of a macro. */
  private record MacroHead(
      String name, List<String> parameters, Map<String, Expression> defaults) {}

  private static MacroHead macroHead(String name, ExpressionParser parser)
      throws ScanException, ParseException, SyntaxFault {
    List<String> parameters = new ArrayList<>();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    parser.require("(");
    while (!parser.accept(")")) {
      String parameter = parser.name();
      parameters.add(parameter);
      if (parser.accept("=")) {
        defaults.put(parameter, parser.expression());
      }
      if (!parser.accept(",")) {
        parser.require(")");
        break;
      }
    }
    return new MacroHead(name, List.copyOf(parameters), Map.copyOf(defaults));
  }

  private Segment macro(Piece tag) throws SyntaxFault {
    MacroHead head = parseTag(tag, parser -> macroHead(parser.name(), parser));
    return new Segment.Define(text(head, "endmacro"));
  }

  private Macro.Text text(MacroHead head, String end) throws SyntaxFault {
    int outerDeepest = deepest;
    deepest = nesting + 1;
    head.defaults().values().forEach(this::note);
    Body body = body(Set.of(end));
    end();
    int depth = deepest - nesting;
    deepest = Math.max(outerDeepest, deepest);
    return new Macro.Text(head.name(), head.parameters(), head.defaults(), body, depth);
  }

  /** What a {@code call} tag says. */
  private record CallHead(MacroHead caller, Call.Function call) {}

  private Segment call(Piece tag) throws SyntaxFault {
    CallHead head =
        parseTag(
            tag,
            parser -> {
              MacroHead caller =
                  parser.atOpeningParenthesis()
                      ? macroHead(Macro.CALLER, parser)
                      : new MacroHead(Macro.CALLER, List.of(), Map.of());
              if (parser.expression() instanceof Call.Function call) {
                return new CallHead(caller, call);
              }
              throw parser.unexpected("the call of a macro");
            });
    note(head.call());
    return new Segment.CallBlock(head.call(), text(head.caller(), "endcall"));
  }
}
