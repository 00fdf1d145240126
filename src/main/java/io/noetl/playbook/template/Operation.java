package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import org.jspecify.annotations.Nullable;

/** The operators, each over as many operands as stand in a row at its level. */
final class Operation {
  private Operation() {}

  /** {@code a and b and c}, {@code a or b or c}: the operand that decides. */
  static final class Logic extends Expression {
    private final boolean or;
    private final Expression[] operands;

    Logic(boolean or, Expression... operands) {
      super(deeper(operands));
      this.or = or;
      this.operands = operands;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      int last = operands.length - 1;
      for (int i = 0; i < last; i++) {
        Object value = operands[i].evaluate(evaluation);
        if (Values.truth(value) == or) {
          return value;
        }
      }
      return operands[last].evaluate(evaluation);
    }

    @Override
    boolean secret() {
      return anySecret(operands);
    }
  }

  /** {@code not a}, or {@code not not a}. */
  static final class Not extends Expression {
    private final Expression operand;
    private final boolean twice;

    Not(Expression operand, boolean twice) {
      super(deeper(operand));
      this.operand = operand;
      this.twice = twice;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      return Values.truth(operand.evaluate(evaluation)) == twice;
    }
  }

  /** {@code a in b}, {@code a not in b}. */
  static final class Membership extends Expression {
    private final Expression needle;
    private final Expression haystack;
    private final boolean negated;

    Membership(Expression needle, Expression haystack, boolean negated) {
      super(deeper(needle, haystack));
      this.needle = needle;
      this.haystack = haystack;
      this.negated = negated;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      Object what = needle.evaluate(evaluation);
      return Comparison.contains(evaluation, what, haystack.evaluate(evaluation)) != negated;
    }
  }

  /** {@code a < b <= c}: every neighbouring pair must hold; each operand is evaluated once. */
  static final class Compare extends Expression {
    private final Expression[] operands;
    private final String[] operators;

    Compare(Expression[] operands, String[] operators) {
      super(deeper(operands));
      this.operands = operands;
      this.operators = operators;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      Object left = operands[0].evaluate(evaluation);
      for (int i = 0; i < operators.length; i++) {
        Object right = operands[i + 1].evaluate(evaluation);
        if (!holds(evaluation, operators[i], left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    static boolean holds(
        Evaluation evaluation, String operator, @Nullable Object left, @Nullable Object right) {
      return switch (operator) {
        case "==" -> Comparison.equal(evaluation, left, right);
        case "!=" -> !Comparison.equal(evaluation, left, right);
        default -> {
          int order = Comparison.order(evaluation, left, right);
          yield order != Comparison.UNORDERED
              && switch (operator) {
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                case ">=" -> order >= 0;
                default -> throw new IllegalStateException("not a comparison: " + operator);
              };
        }
      };
    }
  }

  /** {@code a + b - c}, {@code a * b / c}, {@code a ** b}: from left to right. */
  static final class Calculation extends Expression {
    private final Expression[] operands;
    private final String[] operators;

    Calculation(Expression[] operands, String[] operators) {
      super(deeper(operands));
      this.operands = operands;
      this.operators = operators;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      Object left = operands[0].evaluate(evaluation);
      for (int i = 0; i < operators.length; i++) {
        evaluation.step();
        left =
            Arithmetic.apply(evaluation, operators[i], left, operands[i + 1].evaluate(evaluation));
      }
      return left;
    }
  }

  /** {@code -a}, {@code +a}. */
  static final class Sign extends Expression {
    private final Expression operand;
    private final boolean negative;

    Sign(Expression operand, boolean negative) {
      super(deeper(operand));
      this.operand = operand;
      this.negative = negative;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      Object value = operand.evaluate(evaluation);
      return negative ? Arithmetic.negate(evaluation, value) : Arithmetic.positive(value);
    }
  }

  /** {@code a ~ b ~ c}: the texts of all, joined. */
  static final class Concatenation extends Expression {
    private final Expression[] operands;

    Concatenation(Expression... operands) {
      super(deeper(operands));
      this.operands = operands;
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      Output out = new Output(evaluation);
      for (Expression operand : operands) {
        out.append(TextForm.of(evaluation, operand.evaluate(evaluation)));
      }
      return out.text();
    }

    @Override
    boolean secret() {
      return anySecret(operands);
    }
  }

  /** {@code a if c else b}. */
  static final class Choice extends Expression {
    private final Expression condition;
    private final Expression yes;
    private final @Nullable Expression no;

    Choice(Expression condition, Expression yes, @Nullable Expression no) {
      super(no == null ? deeper(condition, yes) : deeper(condition, yes, no));
      this.condition = condition;
      this.yes = yes;
      this.no = no;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      if (Values.truth(condition.evaluate(evaluation))) {
        return yes.evaluate(evaluation);
      }
      return no == null ? UNDEFINED : no.evaluate(evaluation);
    }

    @Override
    boolean secret() {
      return yes.secret() || no != null && no.secret();
    }
  }

  /** An expression in parentheses, which keeps it from joining its neighbours. */
  static final class Grouped extends Expression {
    private final Expression inner;

    Grouped(Expression inner) {
      super(deeper(inner));
      this.inner = inner;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      return inner.evaluate(evaluation);
    }

    @Override
    boolean secret() {
      return inner.secret();
    }

    @Override
    boolean retyped() {
      return inner.retyped();
    }
  }

  private static boolean anySecret(Expression... operands) {
    for (Expression operand : operands) {
      if (operand.secret()) {
        return true;
      }
    }
    return false;
  }
}
