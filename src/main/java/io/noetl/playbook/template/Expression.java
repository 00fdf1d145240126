package io.noetl.playbook.template;

import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.Node;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;
import org.jspecify.annotations.Nullable;

/**
 * A node of a parsed expression: a node of the expression library whose value follows the rules of
 * the playbook language. Immutable, and shared by all evaluations.
 */
abstract class Expression extends AstRightValue {
  private final int depth;

  Expression(int depth) {
    this.depth = depth;
  }

  /** Levels of nodes below and including this one. */
  final int depth() {
    return depth;
  }

  /** The value: plain JSON, {@link TemplateObject#UNDEFINED}, or an object of a template. */
  abstract @Nullable Object evaluate(Evaluation evaluation);

  /** Whether this may yield an id or something of the keychain, which stay as they are. */
  boolean secret() {
    return false;
  }

  /**
   * Whether a string that this yields may be re-typed when it is the whole template: not after a
   * filter that makes text, and not for ids and secrets.
   */
  boolean retyped() {
    return !secret();
  }

  static int deeper(Expression... children) {
    int deepest = 0;
    for (Expression child : children) {
      deepest = Math.max(deepest, child.depth());
    }
    return deepest + 1;
  }

  @Override
  public final @Nullable Object eval(Bindings bindings, ELContext context) {
    return evaluate((Evaluation) context);
  }

  @Override
  public final void appendStructure(StringBuilder builder, Bindings bindings) {
    builder.append(getClass().getSimpleName());
  }

  @Override
  public final int getCardinality() {
    return 0;
  }

  @Override
  public final Node getChild(int index) {
    throw new IndexOutOfBoundsException(index);
  }
}
