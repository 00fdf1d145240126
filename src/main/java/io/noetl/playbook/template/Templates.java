package io.noetl.playbook.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles and evaluates templates. Immutable but for its bounded cache; safe for many threads.
 *
 * <p>All methods that evaluate throw {@link TemplateException} when a template has a syntax error,
 * cannot be evaluated, or passes one of the {@link TemplateLimits}; the message says which. Results
 * are plain JSON values; they may share parts with the values of the scope and must not be changed
 * in place.
 */
public final class Templates {
  private static final int EXCERPT = 60;
  private static final int MAX_DEPTH = 500;

  /** Texts that make a guard false, apart from the empty one. */
  private static final Set<String> FALSE_WORDS =
      Set.of("false", "0", "0.0", "no", "none", "null", "undefined", "off", "{}", "[]", "()");

  private final TemplateLimits limits;
  private final boolean retyping;
  private final ProgramCache<Compiled<Program>> programs;
  private final ProgramCache<Compiled<Expression>> expressions;

  /** The outcome of compiling a text; exactly one of the two is set. */
  private record Compiled<C>(@Nullable C code, @Nullable String error) {
    private C orThrow(String text) {
      if (code == null) {
        throw new TemplateException(
            "Expected a template without syntax errors, but '"
                + excerpt(text)
                + "' has one at "
                + error);
      }
      return code;
    }
  }

  public Templates(TemplateLimits limits) {
    this.limits = limits;
    this.retyping = true;
    this.programs =
        new ProgramCache<>(limits.cacheEntries(), limits.cacheCharacters(), this::compile);
    this.expressions =
        new ProgramCache<>(
            limits.cacheEntries(), limits.cacheCharacters(), this::compileExpression);
  }

  private Templates(Templates other, boolean retyping) {
    this.limits = other.limits;
    this.retyping = retyping;
    this.programs = other.programs;
    this.expressions = other.expressions;
  }

  /** These templates with the re-typing of strings switched on or off; the cache is shared. */
  public Templates withRetyping(boolean on) {
    return on == retyping ? this : new Templates(this, on);
  }

  TemplateLimits limits() {
    return limits;
  }

  /** Whether a text is a template at all: it holds a complete pair of delimiters. */
  public static boolean isTemplate(String text) {
    return Lexer.isTemplate(text);
  }

  /** Whether a text is, trimmed, exactly one expression in delimiters. */
  public static boolean isSingleExpression(String text) {
    return Lexer.isSingleExpression(text);
  }

  /**
   * Every identifier-like word inside the delimiters of the template texts of a value (maps and
   * lists are searched). A template reads no name whose word is not in the set, except through a
   * view of all names with a computed key, such as {@code ctx[key]}.
   */
  public static Set<String> words(@Nullable Object value) {
    return Words.of(value);
  }

  /** As {@link #words}, for a guard, which is an expression even without delimiters. */
  public static Set<String> guardWords(@Nullable Object guard) {
    return guard instanceof String text && !isTemplate(text)
        ? Words.ofExpression(text)
        : Words.of(guard);
  }

  /**
   * The value with all templates in it rendered: a single expression yields its value with its
   * type, any other template a text. Map keys are rendered as text.
   */
  public @Nullable Object render(@Nullable Object value, Scope scope) {
    return render(value, scope, 0);
  }

  private @Nullable Object render(@Nullable Object value, Scope scope, int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException(
          "Expected rendered values to be nested at most " + MAX_DEPTH + " deep, but they are not");
    }
    return switch (value) {
      case null -> null;
      case String text -> isTemplate(text) ? safely(text, scope) : text;
      case Map<?, ?> map -> renderMap(map, scope, depth);
      case List<?> list -> renderList(list, scope, depth);
      case LazyText lazy -> safely(lazy.text(), scope);
      case TemplateObject object -> Binding.bind(new Evaluation(this, scope), object);
      default -> value;
    };
  }

  private Object renderMap(Map<?, ?> map, Scope scope, int depth) {
    Map<String, @Nullable Object> rendered = LinkedHashMap.newLinkedHashMap(map.size());
    boolean changed = false;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = String.valueOf(entry.getKey());
      String renderedKey = renderText(key, scope);
      Object value = render(entry.getValue(), scope, depth + 1);
      rendered.put(renderedKey, value);
      changed |= value != entry.getValue() || !renderedKey.equals(entry.getKey());
    }
    return changed ? rendered : map;
  }

  private Object renderList(List<?> list, Scope scope, int depth) {
    List<@Nullable Object> rendered = new ArrayList<>(list.size());
    boolean changed = false;
    for (Object item : list) {
      Object value = render(item, scope, depth + 1);
      rendered.add(value);
      changed |= value != item;
    }
    return changed ? rendered : list;
  }

  private @Nullable Object safely(String text, Scope scope) {
    try {
      return render(text, new Evaluation(this, scope));
    } catch (StackOverflowError e) {
      throw Evaluation.tooDeep(limits);
    }
  }

  /** Renders one text for an evaluation that is under way, or begins. */
  @Nullable Object render(String text, Evaluation evaluation) {
    if (!isTemplate(text)) {
      return text;
    }
    Program program = programs.get(text).orThrow(text);
    evaluation.enter(program.depth());
    try {
      Expression single = program.single();
      if (single == null) {
        return Retyping.structure(written(program, evaluation));
      }
      Object value = Binding.bind(evaluation, single.evaluate(evaluation));
      return value instanceof String string && retyping && single.retyped()
          ? Retyping.of(string)
          : value;
    } finally {
      evaluation.leave(program.depth());
    }
  }

  private static String written(Program program, Evaluation evaluation) {
    Output out = new Output(evaluation);
    program.body().run(evaluation, out);
    return out.text();
  }

  /**
   * The text that a template makes, for fields that are always text: never re-typed; a single
   * expression that yields a map or list is compact JSON.
   */
  public String renderText(String template, Scope scope) {
    if (!isTemplate(template)) {
      return template;
    }
    Program program = programs.get(template).orThrow(template);
    Evaluation evaluation = new Evaluation(this, scope);
    try {
      Expression single = program.single();
      if (single == null) {
        return written(program, evaluation);
      }
      String printed = field(evaluation, single.evaluate(evaluation));
      Output out = new Output(evaluation);
      for (Segment segment : program.body().segments()) {
        // Around the expression there are only blanks.
        if (segment instanceof Segment.Print) {
          out.append(printed);
        } else {
          segment.run(evaluation, out);
        }
      }
      return out.text();
    } catch (StackOverflowError e) {
      throw Evaluation.tooDeep(limits);
    }
  }

  private static String field(Evaluation evaluation, @Nullable Object value) {
    Object plain = Values.plain(value);
    return plain instanceof Map<?, ?> || plain instanceof List<?>
        ? TextForm.json(evaluation, plain)
        : TextForm.of(evaluation, plain);
  }

  /**
   * The text of a field that is always text, whatever type the author wrote there: a template is
   * rendered, a map or list becomes compact JSON with its templates rendered.
   */
  public String renderText(@Nullable Object value, Scope scope) {
    if (value instanceof String text) {
      return renderText(text, scope);
    }
    Object rendered = render(value, scope);
    return rendered instanceof String text ? text : field(new Evaluation(this, scope), rendered);
  }

  /**
   * How a value is printed in a text: {@code True}, {@code 1.0}, {@code None}, maps and lists as
   * JSON with a blank after comma and colon.
   */
  public String textOf(@Nullable Object value) {
    return TextForm.of(new Evaluation(this, Scope.NONE), value);
  }

  /**
   * Whether a guard lets pass. A boolean is its own answer, null is true; a text without delimiters
   * is an expression; any other result is false when its text is one of the words for nothing.
   */
  public boolean guard(@Nullable Object guard, Scope scope) {
    if (guard == null) {
      return true;
    }
    if (guard instanceof Boolean flag) {
      return flag;
    }
    try {
      Evaluation evaluation = new Evaluation(this, scope);
      if (!(guard instanceof String text)) {
        return passes(evaluation, render(guard, scope));
      }
      if (!isTemplate(text)) {
        return !text.isBlank()
            && passes(evaluation, expressions.get(text).orThrow(text).evaluate(evaluation));
      }
      Program program = programs.get(text).orThrow(text);
      Expression single = program.single();
      evaluation.enter(program.depth());
      return passes(
          evaluation, single == null ? written(program, evaluation) : single.evaluate(evaluation));
    } catch (StackOverflowError e) {
      throw Evaluation.tooDeep(limits);
    }
  }

  private static boolean passes(Evaluation evaluation, @Nullable Object result) {
    Object plain = Values.plain(result);
    return switch (plain) {
      case null -> false;
      case Boolean flag -> flag;
      // Their texts are "{}" and "[]" when they are empty.
      case Map<?, ?> map -> !map.isEmpty();
      case List<?> list -> !list.isEmpty();
      default -> {
        String text = Texts.lower(TextForm.of(evaluation, plain).strip());
        yield !text.isEmpty() && !FALSE_WORDS.contains(text);
      }
    };
  }

  /**
   * The value of an expression written without delimiters, for example {@code workload.items};
   * undefined is null. A text with delimiters is rendered as by {@link #render}.
   */
  public @Nullable Object evaluate(String expression, Scope scope) {
    if (isTemplate(expression)) {
      return render(expression, scope);
    }
    try {
      Evaluation evaluation = new Evaluation(this, scope);
      return Binding.bind(
          evaluation, expressions.get(expression).orThrow(expression).evaluate(evaluation));
    } catch (StackOverflowError e) {
      throw Evaluation.tooDeep(limits);
    }
  }

  /** What is wrong with the syntax of a text, with line and column in it; null when nothing is. */
  public @Nullable String syntaxError(String template) {
    return isTemplate(template) ? programs.get(template).error() : null;
  }

  /** As {@link #syntaxError}, for a guard, which is an expression even without delimiters. */
  public @Nullable String guardSyntaxError(String guard) {
    return isTemplate(guard)
        ? programs.get(guard).error()
        : guard.isBlank() ? null : expressions.get(guard).error();
  }

  private Compiled<Program> compile(String text) {
    try {
      return new Compiled<>(BlockParser.program(text, limits), null);
    } catch (SyntaxFault e) {
      return new Compiled<>(null, place(text, e));
    } catch (StackOverflowError e) {
      return new Compiled<>(null, "line 1: " + Evaluation.tooDeep(limits).getMessage());
    }
  }

  private Compiled<Expression> compileExpression(String text) {
    try {
      return new Compiled<>(ExpressionParser.parse(text, limits), null);
    } catch (SyntaxFault e) {
      return new Compiled<>(null, place(text, e));
    } catch (StackOverflowError e) {
      return new Compiled<>(null, "line 1: " + Evaluation.tooDeep(limits).getMessage());
    }
  }

  private static String place(String text, SyntaxFault fault) {
    int offset = Math.min(fault.offset(), text.length());
    int line = 1;
    int start = 0;
    for (int at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
      line++;
      start = at + 1;
    }
    return "line " + line + ", column " + (offset - start + 1) + ": " + fault.text();
  }

  /** The beginning of a text, for error messages. */
  static String excerpt(String text) {
    String oneLine = text.replace('\n', ' ');
    return oneLine.length() <= EXCERPT ? oneLine : oneLine.substring(0, EXCERPT) + "...";
  }
}
