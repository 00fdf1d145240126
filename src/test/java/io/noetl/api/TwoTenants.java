package io.noetl.api;

/** Tells two tenants apart by what they send; whoever sends nothing is of the first. */
record TwoTenants(String first, String second) implements Access {
  /** The header that makes a caller one of the second tenant. */
  static final String[] SECOND = {"Authorization", "Bearer of-the-second-tenant"};

  @Override
  public Decision decide(Headers headers, AccessClass wanted) {
    boolean second = SECOND[1].equals(headers.first(SECOND[0]));
    return new Decision.Granted(new Caller(second ? this.second : first, "somebody"));
  }

  @Override
  public String mode() {
    return "two tenants";
  }
}
