package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Calls: of functions and macros, of methods, of filters and of tests. */
final class Call {
  private Call() {}

  /** Arguments as written. */
  record Written(List<Expression> positional, Map<String, Expression> named) {
    static final Written NONE = new Written(List.of(), Map.of());

    Written {
      positional = List.copyOf(positional);
      named = Collections.unmodifiableMap(new LinkedHashMap<>(named)); // in the order written
    }

    int depth() {
      int deepest = 0;
      for (Expression argument : positional) {
        deepest = Math.max(deepest, argument.depth());
      }
      for (Expression argument : named.values()) {
        deepest = Math.max(deepest, argument.depth());
      }
      return deepest;
    }

    boolean secret() {
      return positional.stream().anyMatch(Expression::secret)
          || named.values().stream().anyMatch(Expression::secret);
    }

    Arguments evaluate(Evaluation evaluation) {
      if (positional.isEmpty() && named.isEmpty()) {
        return Arguments.NONE;
      }
      List<@Nullable Object> values = new ArrayList<>(positional.size());
      for (Expression argument : positional) {
        values.add(argument.evaluate(evaluation));
      }
      if (named.isEmpty()) {
        return new Arguments(values, Map.of());
      }
      Map<String, @Nullable Object> byName = new LinkedHashMap<>();
      named.forEach((name, argument) -> byName.put(name, argument.evaluate(evaluation)));
      return new Arguments(values, byName);
    }
  }

  /** {@code f(x)}: one of our functions, or a macro of the template. */
  static final class Function extends Expression {
    private final String name;
    private final Written arguments;

    Function(String name, Written arguments) {
      super(1 + arguments.depth());
      this.name = name;
      this.arguments = arguments;
    }

    /** The result of calling a macro that gets another one to call back. */
    Object withCaller(Evaluation evaluation, Macro caller) {
      if (!(evaluation.local(name) instanceof Macro macro)) {
        throw new TemplateException(
            "Expected '" + name + "' to be a macro, but there is no macro of that name");
      }
      Arguments given = arguments.evaluate(evaluation);
      Map<String, @Nullable Object> named = new LinkedHashMap<>(given.named());
      named.put(Macro.CALLER, caller);
      return macro.call(evaluation, new Arguments(given.positional(), named));
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      if (evaluation.local(name) instanceof Macro macro) {
        return macro.call(evaluation, arguments.evaluate(evaluation));
      }
      Functions.Function function = Functions.find(name);
      if (function == null) {
        throw new TemplateException(
            "Expected '" + name + "' to be a function, but there is no function of that name");
      }
      evaluation.step();
      return function.call(evaluation, arguments.evaluate(evaluation));
    }
  }

  /** {@code a.m(x)}. */
  static final class Method extends Expression {
    private final Expression base;
    private final String name;
    private final Written arguments;

    Method(Expression base, String name, Written arguments) {
      super(1 + Math.max(base.depth(), arguments.depth()));
      this.base = base;
      this.name = name;
      this.arguments = arguments;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      Object target = base.evaluate(evaluation);
      if (target instanceof TemplateObject object && object.member(name) instanceof Macro macro) {
        return macro.call(evaluation, arguments.evaluate(evaluation));
      }
      evaluation.step();
      return Methods.call(evaluation, target, name, arguments.evaluate(evaluation));
    }

    @Override
    boolean secret() {
      return base.secret();
    }
  }

  /** {@code a | f(x)}. */
  static final class Filtered extends Expression {
    /** Filters after which a string stays a string. */
    private static final Set<String> MAKES_TEXT =
        Set.of(
            "string",
            "trim",
            "lower",
            "upper",
            "replace",
            "join",
            "b64encode",
            "urlencode",
            "format");

    private final Expression input;
    private final String name;
    private final Filters.Definition filter;
    private final Written arguments;

    Filtered(Expression input, String name, Filters.Definition filter, Written arguments) {
      super(1 + Math.max(input.depth(), arguments.depth()));
      this.input = input;
      this.name = name;
      this.filter = filter;
      this.arguments = arguments;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      Object value = input.evaluate(evaluation);
      evaluation.step();
      if (value == UNDEFINED
          && !filter.seesUndefined()
          && arguments.positional().isEmpty()
          && arguments.named().isEmpty()) {
        return UNDEFINED;
      }
      return filter.filter().apply(evaluation, value, arguments.evaluate(evaluation));
    }

    @Override
    boolean secret() {
      return input.secret() || (name.equals("default") || name.equals("d")) && arguments.secret();
    }

    @Override
    boolean retyped() {
      return !secret() && !MAKES_TEXT.contains(name);
    }
  }

  /** {@code a is t(x)}, {@code a is not t(x)}. */
  static final class Tested extends Expression {
    private final Expression input;
    private final Checks.Check check;
    private final Written arguments;
    private final boolean negated;

    Tested(Expression input, Checks.Check check, Written arguments, boolean negated) {
      super(1 + Math.max(input.depth(), arguments.depth()));
      this.input = input;
      this.check = check;
      this.arguments = arguments;
      this.negated = negated;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      Object value = input.evaluate(evaluation);
      evaluation.step();
      return check.test(evaluation, value, arguments.evaluate(evaluation)) != negated;
    }
  }
}
