package io.noetl.playbook.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.Scanner.Token;
import org.jspecify.annotations.Nullable;

/**
 * The parser of the expression library with the grammar of this language. The library's own has
 * other precedences ({@code not a == b} is {@code (not a) == b} there), no chained comparisons, no
 * slices with a step, and looks ahead over whole parentheses, which takes quadratic time; so the
 * levels are parsed here, over its tokens. Operators in a row become one node, so that long sums do
 * not make deep trees.
 */
final class ExpressionParser extends ExpressionTokens {
  /** Precedences, loosest first. */
  private static final int OR = 1;

  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int MEMBER = 4;
  private static final int COMPARE = 5;
  private static final int JOIN = 6;
  private static final int SUM = 7;
  private static final int PRODUCT = 8;
  private static final int POWER = 10;

  ExpressionParser(String text, TemplateLimits limits) {
    super(text, limits);
  }

  /** What is parsed out of a text. */
  interface Rule<R> {
    R parse(ExpressionParser parser) throws ScanException, ParseException, SyntaxFault;
  }

  /** Parses a whole text by a rule. */
  static <R> R parse(String text, TemplateLimits limits, Rule<R> rule) throws SyntaxFault {
    ExpressionParser parser = new ExpressionParser(text, limits);
    try {
      parser.consumeToken();
      parser.consumeToken();
      R result = rule.parse(parser);
      if (parser.getToken().getSymbol() != Symbol.END_EVAL) {
        throw parser.unexpected("the end of the expression");
      }
      return result;
    } catch (ScanException e) {
      throw new SyntaxFault(parser.offset(), "expected a token, but " + e.getMessage());
    } catch (ParseException e) {
      throw new SyntaxFault(parser.offset(), String.valueOf(e.getMessage()));
    }
  }

  static Expression parse(String text, TemplateLimits limits) throws SyntaxFault {
    return parse(text, limits, ExpressionParser::expression);
  }

  /** An expression, with {@code if} and {@code else}. */
  final Expression expression() throws ScanException, ParseException, SyntaxFault {
    deeper();
    Expression value = climb(OR);
    if (getToken() == ExpressionScanner.IF) {
      consumeToken();
      Expression condition = climb(OR);
      Expression otherwise = null;
      if (getToken() == ExpressionScanner.ELSE) {
        consumeToken();
        otherwise = expression();
      }
      value = checked(new Operation.Choice(condition, value, otherwise));
    }
    shallower();
    return value;
  }

  /** An expression without a bare {@code if}, which in some tags begins a condition. */
  final Expression unconditional() throws ScanException, ParseException, SyntaxFault {
    return climb(OR);
  }

  /** Operands and operators of one level that stand in a row. */
  private final class Row {
    private final int level;
    private final List<Expression> operands = new ArrayList<>();
    private final List<String> operators = new ArrayList<>();

    private Row(int level, Expression first) {
      this.level = level;
      operands.add(first);
    }

    private Expression node() throws SyntaxFault {
      Expression[] all = operands.toArray(Expression[]::new);
      String[] between = operators.toArray(String[]::new);
      return checked(
          switch (level) {
            case OR -> new Operation.Logic(true, all);
            case AND -> new Operation.Logic(false, all);
            case COMPARE -> new Operation.Compare(all, between);
            case JOIN -> new Operation.Concatenation(all);
            case SUM, PRODUCT, POWER -> new Operation.Calculation(all, between);
            default -> throw new IllegalStateException("not a level of rows: " + level);
          });
    }
  }

  private Expression climb(int min) throws ScanException, ParseException, SyntaxFault {
    Expression left = prefix(min);
    Row row = null;
    while (true) {
      int level = level();
      if (row != null && level != row.level) {
        left = row.node();
        row = null;
      }
      if (level < min) {
        return left;
      }
      if (level == MEMBER) {
        left = member(left);
        continue;
      }
      if (row == null) {
        row = new Row(level, left);
      }
      row.operators.add(consumeToken().getImage());
      if (level == POWER) {
        // From right to left, as in python: the operand takes all further powers with it.
        deeper();
        row.operands.add(climb(POWER));
        shallower();
      } else {
        row.operands.add(climb(level + 1));
      }
    }
  }

  /** The level of the operator at hand, 0 when there is none. */
  private int level() throws ScanException, ParseException {
    Token token = getToken();
    String image = token.getImage();
    return switch (token.getSymbol()) {
      case OR -> image.equals("or") ? OR : 0;
      case AND -> image.equals("and") ? AND : 0;
      case NOT -> lookahead(0) == ExpressionScanner.IN && image.equals("not") ? MEMBER : 0;
      case EQ, NE, LT, LE, GT, GE -> COMPARE;
      case PLUS, MINUS -> SUM;
      case MUL, DIV, MOD -> PRODUCT;
      case EXTENSION -> {
        if (token == ExpressionScanner.IN || token == ExpressionScanner.IS) {
          yield MEMBER;
        }
        yield switch (image) {
          case "~" -> JOIN;
          case "//" -> PRODUCT;
          case "**" -> POWER;
          default -> 0;
        };
      }
      default -> 0;
    };
  }

  /** {@code in}, {@code not in}, {@code is} and {@code is not}, after their left operand. */
  private Expression member(Expression left) throws ScanException, ParseException, SyntaxFault {
    Token operator = consumeToken();
    if (operator == ExpressionScanner.IS) {
      return test(left);
    }
    boolean negated = operator.getSymbol() == Symbol.NOT;
    if (negated) {
      consumeToken();
    }
    return checked(new Operation.Membership(left, climb(COMPARE), negated));
  }

  private Expression test(Expression left) throws ScanException, ParseException, SyntaxFault {
    boolean negated = getToken().getSymbol() == Symbol.NOT;
    if (negated) {
      consumeToken();
    }
    String name = word("the name of a test");
    Checks.Check check = Checks.find(name);
    if (check == null) {
      throw new SyntaxFault(offset(), "expected a known test, but there is no test '" + name + "'");
    }
    consumeToken();
    Call.Written arguments = Call.Written.NONE;
    if (getToken().getSymbol() == Symbol.LPAREN) {
      arguments = arguments();
    } else if (startsArgument()) {
      arguments = new Call.Written(List.of(postfix()), Map.of());
    }
    return checked(new Call.Tested(left, check, arguments, negated));
  }

  private boolean startsArgument() {
    return switch (getToken().getSymbol()) {
      case IDENTIFIER, STRING, INTEGER, FLOAT, LBRACK, TRUE, FALSE, NULL -> true;
      default -> is("{");
    };
  }

  private Expression prefix(int min) throws ScanException, ParseException, SyntaxFault {
    Token token = getToken();
    if (token.getSymbol() == Symbol.NOT && token.getImage().equals("not") && min <= NOT) {
      boolean twice = true;
      while (getToken().getSymbol() == Symbol.NOT) {
        consumeToken();
        twice = !twice;
      }
      return checked(new Operation.Not(climb(MEMBER), twice));
    }
    if (token.getSymbol() == Symbol.MINUS || token.getSymbol() == Symbol.PLUS) {
      boolean negative = false;
      while (getToken().getSymbol() == Symbol.MINUS || getToken().getSymbol() == Symbol.PLUS) {
        negative ^= consumeToken().getSymbol() == Symbol.MINUS;
      }
      return checked(new Operation.Sign(climb(POWER), negative));
    }
    return postfix();
  }

  private Expression postfix() throws ScanException, ParseException, SyntaxFault {
    Expression value = primary();
    while (true) {
      Token token = getToken();
      switch (token.getSymbol()) {
        case DOT -> {
          consumeToken();
          String name = word("the name of a member");
          consumeToken();
          value =
              getToken().getSymbol() == Symbol.LPAREN
                  ? new Call.Method(value, name, arguments())
                  : new Access.Member(value, name);
        }
        case FLOAT -> {
          String digits = token.getImage().substring(1);
          if (token.getImage().charAt(0) != '.'
              || digits.length() > 9
              || digits.indexOf('e') >= 0
              || digits.indexOf('E') >= 0) {
            return value;
          }
          consumeToken();
          value = new Access.Subscript(value, new Literals.Constant(Long.valueOf(digits)));
        }
        case LBRACK -> value = subscript(value);
        default -> {
          if (!is("|")) {
            return value;
          }
          value = filter(value);
        }
      }
      checked(value);
    }
  }

  /** {@code | f(x)}, after its input. */
  private Expression filter(Expression input) throws ScanException, ParseException, SyntaxFault {
    consumeToken();
    return applied(input);
  }

  /** The name of a filter and its arguments, applied to an input. */
  final Expression applied(Expression input) throws ScanException, ParseException, SyntaxFault {
    String name = word("the name of a filter");
    Filters.Definition filter = Filters.find(name);
    if (filter == null) {
      throw new SyntaxFault(
          offset(), "expected a known filter, but there is no filter '" + name + "'");
    }
    consumeToken();
    Call.Written arguments =
        getToken().getSymbol() == Symbol.LPAREN ? arguments() : Call.Written.NONE;
    String wrong = filter.wrong(name, arguments);
    if (wrong != null) {
      throw new SyntaxFault(offset(), wrong);
    }
    return checked(new Call.Filtered(input, name, filter, arguments));
  }

  private Expression subscript(Expression base) throws ScanException, ParseException, SyntaxFault {
    consumeToken();
    Expression first = getToken().getSymbol() == Symbol.COLON ? null : expression();
    if (first != null && getToken().getSymbol() == Symbol.RBRACK) {
      consumeToken();
      return new Access.Subscript(base, first);
    }
    require(":");
    Expression stop = sliceBound();
    Expression step = accept(":") ? sliceBound() : null;
    require("]");
    return new Access.Slice(base, first, stop, step);
  }

  private @Nullable Expression sliceBound() throws ScanException, ParseException, SyntaxFault {
    Symbol symbol = getToken().getSymbol();
    return symbol == Symbol.COLON || symbol == Symbol.RBRACK ? null : expression();
  }

  /** Arguments in parentheses. */
  final Call.Written arguments() throws ScanException, ParseException, SyntaxFault {
    consumeToken();
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (getToken().getSymbol() != Symbol.RPAREN) {
      if (getToken().getSymbol() == Symbol.IDENTIFIER
          && lookahead(0).getImage().equals("=")
          && lookahead(0).getSymbol() == Symbol.EXTENSION) {
        String name = consumeToken().getImage();
        consumeToken();
        named.put(name, expression());
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw unexpected("a named argument");
      }
      if (getToken().getSymbol() != Symbol.RPAREN) {
        require(",");
      }
    }
    consumeToken();
    return new Call.Written(positional, named);
  }

  private Expression primary() throws ScanException, ParseException, SyntaxFault {
    Token token = getToken();
    switch (token.getSymbol()) {
      case IDENTIFIER -> {
        consumeToken();
        return getToken().getSymbol() == Symbol.LPAREN
            ? checked(new Call.Function(token.getImage(), arguments()))
            : new Access.Name(token.getImage());
      }
      case STRING -> {
        consumeToken();
        return new Literals.Constant(token.getImage());
      }
      case INTEGER -> {
        consumeToken();
        return new Literals.Constant(integer(token.getImage()));
      }
      case FLOAT -> {
        consumeToken();
        return new Literals.Constant(Double.valueOf(token.getImage()));
      }
      case TRUE, FALSE -> {
        consumeToken();
        return new Literals.Constant(token.getSymbol() == Symbol.TRUE);
      }
      case NULL -> {
        consumeToken();
        return new Literals.Constant(null);
      }
      case LBRACK -> {
        consumeToken();
        List<Expression> elements = elements(new ArrayList<>(), Symbol.RBRACK);
        require("]");
        return checked(new Literals.Sequence(elements));
      }
      case LPAREN -> {
        return group();
      }
      default -> {
        if (is("{")) {
          return dictionary();
        }
        throw unexpected("a value");
      }
    }
  }

  private Number integer(String digits) throws SyntaxFault {
    if (digits.length() > limits().maxDigits()) {
      throw new SyntaxFault(
          offset(),
          "expected an integer of at most template.max-digits ("
              + limits().maxDigits()
              + ") digits, but it has "
              + digits.length());
    }
    return Arithmetic.shortest(new java.math.BigInteger(digits));
  }

  private List<Expression> elements(List<Expression> elements, Symbol end)
      throws ScanException, ParseException, SyntaxFault {
    while (getToken().getSymbol() != end) {
      elements.add(expression());
      if (getToken().getSymbol() != end) {
        require(",");
      }
    }
    return elements;
  }

  /** Parentheses: a group, or with a comma a sequence. */
  private Expression group() throws ScanException, ParseException, SyntaxFault {
    consumeToken();
    if (getToken().getSymbol() == Symbol.RPAREN) {
      consumeToken();
      return new Literals.Sequence(List.of());
    }
    Expression first = expression();
    if (getToken().getSymbol() == Symbol.COMMA) {
      consumeToken();
      List<Expression> elements = new ArrayList<>();
      elements.add(first);
      elements(elements, Symbol.RPAREN);
      require(")");
      return checked(new Literals.Sequence(elements));
    }
    require(")");
    return checked(new Operation.Grouped(first));
  }

  /** The opening brace is at hand. The library calls its own rule of this kind {@code dict}. */
  private Expression dictionary() throws ScanException, ParseException, SyntaxFault {
    consumeToken();
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!is("}")) {
      keys.add(expression());
      require(":");
      values.add(expression());
      if (!is("}")) {
        require(",");
      }
    }
    consumeToken();
    return checked(new Literals.Dictionary(keys, values));
  }
}
