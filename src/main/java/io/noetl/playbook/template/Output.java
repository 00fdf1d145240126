package io.noetl.playbook.template;

/** Text in the making that may not grow beyond the limits of its evaluation. */
final class Output {
  /** What a text costs besides its characters. */
  private static final int OBJECT = 48;

  private final Evaluation evaluation;
  private final StringBuilder text = new StringBuilder();

  Output(Evaluation evaluation) {
    evaluation.charge(OBJECT);
    this.evaluation = evaluation;
  }

  Output append(String part) {
    return append(part, 0, part.length());
  }

  Output append(String part, int start, int end) {
    evaluation.limitOutput((long) text.length() + end - start);
    evaluation.charge(end - start);
    text.append(part, start, end);
    return this;
  }

  Output append(char c) {
    evaluation.limitOutput(text.length() + 1L);
    evaluation.charge(1);
    text.append(c);
    return this;
  }

  String text() {
    return text.toString();
  }
}
