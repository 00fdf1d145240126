package io.noetl.playbook.template;

import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Scanner;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.Scanner.Token;

/**
 * The lower half of the expression parser: the tokens of the library, words for what is wrong with
 * them, and the account of nesting.
 */
abstract class ExpressionTokens extends ExtendedParser {
  private static final Builder BUILDER = new ExtendedSyntaxBuilder();
  private static final String START = "#{";

  private final TemplateLimits limits;
  private int nesting;

  ExpressionTokens(String text, TemplateLimits limits) {
    super(BUILDER, START + text + "}");
    this.limits = limits;
  }

  final TemplateLimits limits() {
    return limits;
  }

  @Override
  protected Scanner createScanner(String expression) {
    return new ExpressionScanner(expression);
  }

  final int offset() {
    return Math.max(0, scanner.getPosition() - START.length());
  }

  final SyntaxFault unexpected(String expected) {
    Token token = getToken();
    String found =
        token.getSymbol() == Symbol.END_EVAL || token.getSymbol() == Symbol.EOF
            ? "the expression ends"
            : "found '" + Templates.excerpt(token.getImage()) + "'";
    return new SyntaxFault(offset(), "expected " + expected + ", but " + found);
  }

  /** Begins a nested part; {@link #shallower} ends it. */
  final void deeper() throws SyntaxFault {
    if (++nesting > limits.maxDepth()) {
      throw new SyntaxFault(offset(), tooDeep());
    }
  }

  final void shallower() {
    nesting--;
  }

  private String tooDeep() {
    return "expected an expression nested at most template.max-depth ("
        + limits.maxDepth()
        + ") deep, but it goes deeper";
  }

  /** The node itself, unless it makes the tree too deep. */
  final <E extends Expression> E checked(E expression) throws SyntaxFault {
    if (expression.depth() > limits.maxDepth()) {
      throw new SyntaxFault(offset(), tooDeep());
    }
    return expression;
  }

  /** Whether the token at hand is this one of the library's extensions. */
  final boolean is(String extension) {
    return getToken().getSymbol() == Symbol.EXTENSION && getToken().getImage().equals(extension);
  }

  /** The image of the token at hand when it is a word, keywords included. */
  final String word(String expected) throws SyntaxFault {
    String image = getToken().getImage();
    Symbol symbol = getToken().getSymbol();
    if (symbol == Symbol.STRING
        || image.isEmpty()
        || !Character.isJavaIdentifierStart(image.charAt(0))) {
      throw unexpected(expected);
    }
    return image;
  }

  /** A plain name, not a keyword. */
  final String name() throws ScanException, ParseException, SyntaxFault {
    if (getToken().getSymbol() != Symbol.IDENTIFIER) {
      throw unexpected("a name");
    }
    return consumeToken().getImage();
  }

  /** Whether the token at hand is this word, which it then is past. */
  final boolean accept(String image) throws ScanException, ParseException {
    if (getToken().getSymbol() != Symbol.STRING && getToken().getImage().equals(image)) {
      consumeToken();
      return true;
    }
    return false;
  }

  final void require(String image) throws ScanException, ParseException, SyntaxFault {
    if (!accept(image)) {
      throw unexpected("'" + image + "'");
    }
  }

  final boolean atOpeningParenthesis() {
    return getToken().getSymbol() == Symbol.LPAREN;
  }

  final boolean atEnd() {
    return getToken().getSymbol() == Symbol.END_EVAL;
  }
}
