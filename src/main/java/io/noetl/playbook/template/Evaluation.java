package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import jinjava.javax.el.FunctionMapper;
import jinjava.javax.el.VariableMapper;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of one template: the names it sees, and the account of what it has used up. It is
 * the context that the expression library hands to its nodes; it has no resolver for beans, classes
 * or functions, so nothing but names, maps, lists and our own objects can be reached. Confined to
 * one thread.
 */
final class Evaluation extends ELContext {
  /** Steps between two looks at the clock. */
  private static final int CLOCK_INTERVAL = 256;

  private final Templates templates;
  private final Scope scope;
  private final Account account;
  private final int lazyDepth;
  private @Nullable Frame frame;

  /** What an evaluation, with those that lazy defaults start inside it, has used. */
  private static final class Account {
    private final long end;
    private long steps;
    private long allocated;
    private int depth;

    private Account(TemplateLimits limits) {
      end = System.nanoTime() + limits.maxTime().toNanos();
    }
  }

  Evaluation(Templates templates, Scope scope) {
    this(templates, scope, new Account(templates.limits()), 0);
  }

  private Evaluation(Templates templates, Scope scope, Account account, int lazyDepth) {
    this.templates = templates;
    this.scope = scope;
    this.account = account;
    this.lazyDepth = lazyDepth;
  }

  TemplateLimits limits() {
    return templates.limits();
  }

  Scope scope() {
    return scope;
  }

  /** The value of a name, read, or undefined. Names of the template win over those of the scope. */
  @Nullable Object lookup(String name) {
    for (Frame at = frame; at != null; at = at.parent()) {
      if (at.has(name)) {
        return at.get(name);
      }
    }
    return scope.has(name) ? read(scope.get(name)) : UNDEFINED;
  }

  /** The name if the template itself has set it, else undefined. */
  @Nullable Object local(String name) {
    for (Frame at = frame; at != null; at = at.parent()) {
      if (at.has(name)) {
        return at.get(name);
      }
    }
    return UNDEFINED;
  }

  @Nullable Frame frame() {
    return frame;
  }

  void frame(@Nullable Frame next) {
    frame = next;
  }

  /** The frame that {@code set} writes to. */
  Frame innermost() {
    Frame at = frame;
    if (at == null) {
      at = new Frame(null);
      frame = at;
    }
    return at;
  }

  /** The value itself, or what a lazy default yields for this reader. */
  @Nullable Object read(@Nullable Object value) {
    return value instanceof LazyText lazy ? readLazy(lazy) : value;
  }

  private @Nullable Object readLazy(LazyText lazy) {
    int max = limits().lazyDepth();
    if (lazyDepth >= max) {
      throw new TemplateException(
          "Expected lazy defaults to read each other at most template.lazy-depth ("
              + max
              + ") deep, but '"
              + Templates.excerpt(lazy.text())
              + "' goes deeper");
    }
    return templates.render(lazy.text(), new Evaluation(templates, scope, account, lazyDepth + 1));
  }

  /** Counts one unit of work and looks at the clock now and then. */
  void step() {
    if (++account.steps % CLOCK_INTERVAL == 0) {
      checkTime();
    }
  }

  private void checkTime() {
    if (System.nanoTime() - account.end > 0) {
      throw new TemplateException(
          "Expected the template to end within template.max-time ("
              + limits().maxTime().toMillis()
              + " ms), but it did not");
    }
  }

  /** Accounts for text or elements that are about to be made. */
  void charge(long characters) {
    account.allocated += characters;
    if (account.allocated > limits().maxAllocated() || account.allocated < 0) {
      throw new TemplateException(
          "Expected the template to make at most template.max-allocated ("
              + limits().maxAllocated()
              + ") characters in total, but it makes more");
    }
    step();
  }

  void limitOutput(long characters) {
    if (characters > limits().maxOutput()) {
      throw new TemplateException(
          "Expected the template to make texts of at most template.max-output ("
              + limits().maxOutput()
              + ") characters, but it makes a longer one");
    }
  }

  /** Begins a part that is nested this many levels deep; {@link #leave} ends it. */
  void enter(int levels) {
    step();
    account.depth += levels;
    // Levels are those of the program text, and a macro may be called from the depth of another.
    if (account.depth > 3 * limits().maxDepth()) {
      account.depth -= levels;
      throw tooDeep(limits());
    }
  }

  void leave(int levels) {
    account.depth -= levels;
  }

  static TemplateException tooDeep(TemplateLimits limits) {
    return new TemplateException(
        "Expected the template to be nested at most template.max-depth ("
            + limits.maxDepth()
            + ") deep, but it goes deeper");
  }

  @Override
  public ELResolver getELResolver() {
    throw new UnsupportedOperationException("templates resolve names in their scope only");
  }

  @Override
  public FunctionMapper getFunctionMapper() {
    throw new UnsupportedOperationException("templates call their own functions only");
  }

  @Override
  public VariableMapper getVariableMapper() {
    throw new UnsupportedOperationException("templates resolve names in their scope only");
  }
}
