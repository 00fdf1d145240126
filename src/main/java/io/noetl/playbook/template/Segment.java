package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import io.noetl.playbook.template.Functions.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a compiled text that writes something when it runs. Immutable. */
interface Segment {
  void run(Evaluation evaluation, Output out);

  /** Parts one after the other. */
  record Body(List<Segment> segments) {
    public Body {
      segments = List.copyOf(segments);
    }

    void run(Evaluation evaluation, Output out) {
      for (Segment segment : segments) {
        evaluation.step();
        segment.run(evaluation, out);
      }
    }

    /** What the parts write, with names of their own. */
    String captured(Evaluation evaluation) {
      Output out = new Output(evaluation);
      Frame outer = evaluation.frame();
      evaluation.frame(new Frame(outer));
      try {
        run(evaluation, out);
      } finally {
        evaluation.frame(outer);
      }
      return out.text();
    }
  }

  /** Literal text. */
  record Literal(String text) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      out.append(text);
    }
  }

  /** <code>{{ x }}</code>. */
  record Print(Expression expression) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      out.append(TextForm.of(evaluation, expression.evaluate(evaluation)));
    }
  }

  /** {@code if}, {@code elif} and {@code else}; the bodies are one longer when there is an else. */
  record If(List<Expression> conditions, List<Body> bodies) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      for (int i = 0; i < conditions.size(); i++) {
        if (Values.truth(conditions.get(i).evaluate(evaluation))) {
          bodies.get(i).run(evaluation, out);
          return;
        }
      }
      if (bodies.size() > conditions.size()) {
        bodies.getLast().run(evaluation, out);
      }
    }
  }

  /** Where a value goes: a name, a member of a namespace, or several of them. */
  record Target(@Nullable String name, @Nullable String member, List<Target> parts) {
    void set(Evaluation evaluation, Frame frame, @Nullable Object value) {
      if (name != null && member != null) {
        if (!(evaluation.lookup(name) instanceof Namespace namespace)) {
          throw new TemplateException(
              "Expected '" + name + "' to be a namespace, since only those have members to set");
        }
        namespace.set(member, value);
      } else if (name != null) {
        frame.set(name, value);
      } else {
        List<@Nullable Object> values = Values.items(evaluation, value, "unpacking");
        if (values.size() != parts.size()) {
          throw new TemplateException(
              "Expected " + parts.size() + " values to unpack, but got " + values.size());
        }
        for (int i = 0; i < parts.size(); i++) {
          parts.get(i).set(evaluation, frame, values.get(i));
        }
      }
    }
  }

  /** {@code for}. */
  record For(
      Target target,
      Expression sequence,
      @Nullable Expression condition,
      Body body,
      @Nullable Body otherwise)
      implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      Frame outer = evaluation.frame();
      try {
        List<@Nullable Object> items =
            Values.items(evaluation, sequence.evaluate(evaluation), "for");
        if (condition != null) {
          items = selected(evaluation, outer, items, condition);
        }
        for (int i = 0; i < items.size(); i++) {
          Frame frame = new Frame(outer);
          evaluation.frame(frame);
          frame.set("loop", new Loop(items, i));
          target.set(evaluation, frame, items.get(i));
          body.run(evaluation, out);
        }
        evaluation.frame(outer);
        if (items.isEmpty() && otherwise != null) {
          otherwise.run(evaluation, out);
        }
      } finally {
        evaluation.frame(outer);
      }
    }

    private List<@Nullable Object> selected(
        Evaluation evaluation,
        @Nullable Frame outer,
        List<@Nullable Object> items,
        Expression wanted) {
      List<@Nullable Object> selected = new ArrayList<>();
      for (Object item : items) {
        Frame frame = new Frame(outer);
        evaluation.frame(frame);
        target.set(evaluation, frame, item);
        if (Values.truth(wanted.evaluate(evaluation))) {
          selected.add(item);
        }
      }
      evaluation.frame(outer);
      return selected;
    }
  }

  /** The name {@code loop} inside a {@code for}. */
  record Loop(List<@Nullable Object> items, int at) implements TemplateObject {
    @Override
    public @Nullable Object member(String name) {
      int size = items.size();
      return switch (name) {
        case "index" -> at + 1L;
        case "index0" -> (long) at;
        case "revindex" -> (long) size - at;
        case "revindex0" -> size - at - 1L;
        case "first" -> at == 0;
        case "last" -> at == size - 1;
        case "length" -> (long) size;
        case "previtem" -> at == 0 ? UNDEFINED : items.get(at - 1);
        case "nextitem" -> at == size - 1 ? UNDEFINED : items.get(at + 1);
        default -> UNDEFINED;
      };
    }

    @Override
    public Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public Object plain() {
      return Map.of("index", at + 1L, "index0", (long) at, "length", (long) items.size());
    }
  }

  /** {@code set x = y}. */
  record Assign(Target target, Expression value) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      target.set(evaluation, evaluation.innermost(), value.evaluate(evaluation));
    }
  }

  /** {@code set x} and {@code filter f}: what a body writes, filtered, goes to a name or out. */
  record Capture(@Nullable Target target, @Nullable Expression filters, Body body)
      implements Segment {
    /** The name under which filters see the text; no template can write it. */
    static final String NAME = " captured";

    @Override
    public void run(Evaluation evaluation, Output out) {
      Object value = body.captured(evaluation);
      if (filters != null) {
        Frame outer = evaluation.frame();
        Frame frame = new Frame(outer);
        frame.set(NAME, value);
        evaluation.frame(frame);
        try {
          value = filters.evaluate(evaluation);
        } finally {
          evaluation.frame(outer);
        }
      }
      if (target != null) {
        target.set(evaluation, evaluation.innermost(), value);
      } else {
        out.append(TextForm.of(evaluation, value));
      }
    }
  }

  /** {@code with a = b}. */
  record With(List<Target> targets, List<Expression> values, Body body) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      Frame outer = evaluation.frame();
      Frame frame = new Frame(outer);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).set(evaluation, frame, values.get(i).evaluate(evaluation));
      }
      evaluation.frame(frame);
      try {
        body.run(evaluation, out);
      } finally {
        evaluation.frame(outer);
      }
    }
  }

  /** {@code macro}. */
  record Define(Macro.Text macro) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      Frame frame = evaluation.innermost();
      frame.set(macro.name(), new Macro(macro, frame));
    }
  }

  /** {@code call}: a macro called with a body that it may call back. */
  record CallBlock(Call.Function call, Macro.Text caller) implements Segment {
    @Override
    public void run(Evaluation evaluation, Output out) {
      Frame frame = evaluation.innermost();
      out.append(TextForm.of(evaluation, call.withCaller(evaluation, new Macro(caller, frame))));
    }
  }
}
