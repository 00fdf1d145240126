package io.noetl;

/** Entry point of every role. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("noetl");
  }
}
