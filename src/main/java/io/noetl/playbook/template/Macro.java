package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A macro of a template: its text, and the names around the place where it is defined. */
final class Macro {
  static final String CALLER = "caller";

  /**
   * What the template says of a macro.
   *
   * @param defaults by parameter; parameters without one are undefined when not given
   * @param depth levels of nesting of the body
   */
  record Text(
      String name,
      List<String> parameters,
      Map<String, Expression> defaults,
      Segment.Body body,
      int depth) {}

  private final Text text;
  private final Frame around;

  Macro(Text text, Frame around) {
    this.text = text;
    this.around = around;
  }

  Object call(Evaluation evaluation, Arguments arguments) {
    check(arguments);
    Frame outer = evaluation.frame();
    Frame frame = new Frame(around);
    // Ten levels stand for the frames of a call itself.
    int levels = text.depth() + 10;
    evaluation.enter(levels);
    evaluation.frame(frame);
    try {
      for (int i = 0; i < text.parameters().size(); i++) {
        String parameter = text.parameters().get(i);
        Object value = arguments.at(i, parameter);
        Expression otherwise = text.defaults().get(parameter);
        frame.set(
            parameter,
            value == UNDEFINED && otherwise != null ? otherwise.evaluate(evaluation) : value);
      }
      if (arguments.named().containsKey(CALLER)) {
        frame.set(CALLER, arguments.named().get(CALLER));
      }
      Output out = new Output(evaluation);
      text.body().run(evaluation, out);
      return out.text();
    } finally {
      evaluation.frame(outer);
      evaluation.leave(levels);
    }
  }

  private void check(Arguments arguments) {
    int most = text.parameters().size();
    if (arguments.positional().size() > most) {
      throw new TemplateException(
          "Expected macro '"
              + text.name()
              + "' to get at most "
              + most
              + " arguments, but got "
              + arguments.positional().size());
    }
    Set<String> named = arguments.named().keySet();
    for (String name : named) {
      if (!name.equals(CALLER) && !text.parameters().contains(name)) {
        throw new TemplateException(
            "Expected macro '"
                + text.name()
                + "' to get arguments "
                + text.parameters()
                + ", but got '"
                + name
                + "'");
      }
    }
  }

  /** For error messages only; a macro is not printed. */
  @Override
  public String toString() {
    return "macro " + text.name();
  }
}
