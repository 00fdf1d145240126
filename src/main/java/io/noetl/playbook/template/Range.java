package io.noetl.playbook.template;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** The integers of a {@code range} call, computed when read. */
final class Range extends AbstractList<@Nullable Object> implements RandomAccess {
  private final long first;
  private final long step;
  private final int size;

  private Range(long first, long step, int size) {
    this.first = first;
    this.step = step;
    this.size = size;
  }

  /**
   * @throws TemplateException when the step is zero or there are more than {@code max} items
   */
  static Range of(long start, long stop, long step, int max) {
    if (step == 0) {
      throw new TemplateException("Expected the step of range() to differ from 0, but it is 0");
    }
    double count = Math.ceil(((double) stop - (double) start) / step);
    if (count > max) {
      throw new TemplateException(
          "Expected range() to have at most template.max-range ("
              + max
              + ") items, but it has "
              + (long) count);
    }
    return new Range(start, step, (int) Math.max(0, count));
  }

  @Override
  public Object get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return first + step * index;
  }

  @Override
  public int size() {
    return size;
  }

  List<@Nullable Object> items() {
    return new ArrayList<>(this);
  }
}
