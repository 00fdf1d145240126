package io.noetl.playbook.template;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Keeps what was compiled, bounded by number and by length of text, roughly by use: entries live in
 * two halves, use moves an entry to the young half, and when that is full the old one is dropped.
 * Safe for many threads; a hit takes no lock. Compiling happens outside, so two threads may compile
 * the same text once each.
 */
final class ProgramCache<V> {
  private final int entries;
  private final int characters;
  private final Function<String, V> compile;
  private volatile Half<V> young = new Half<>();
  private volatile Half<V> old = new Half<>();

  private static final class Half<V> {
    private final ConcurrentHashMap<String, V> map = new ConcurrentHashMap<>();
    private final AtomicInteger characters = new AtomicInteger();
  }

  ProgramCache(int entries, int characters, Function<String, V> compile) {
    this.entries = Math.max(1, entries / 2);
    this.characters = characters / 2;
    this.compile = compile;
  }

  V get(String text) {
    V found = young.map.get(text);
    if (found != null) {
      return found;
    }
    V value = old.map.get(text);
    if (value == null) {
      value = compile.apply(text);
    }
    if (text.length() <= characters) {
      keep(text, value);
    }
    return value;
  }

  private void keep(String text, V value) {
    Half<V> half = young;
    if (half.map.putIfAbsent(text, value) == null) {
      int length = half.characters.addAndGet(text.length());
      if (half.map.size() >= entries || length >= characters) {
        turn(half);
      }
    }
  }

  private synchronized void turn(Half<V> full) {
    if (young == full) {
      old = full;
      young = new Half<>();
    }
  }

  int size() {
    return young.map.size() + old.map.size();
  }
}
