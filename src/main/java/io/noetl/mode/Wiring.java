package io.noetl.mode;

import io.noetl.config.NoetlConfig;
import io.noetl.support.Lifecycle;

/** Every role, put together by plain constructors. */
public final class Wiring implements Roles {

  @Override
  public Lifecycle role(Mode mode, NoetlConfig config) {
    return switch (mode) {
      case SERVER, PUBLISHER, PROJECTOR, WORKER, SYSTEM_POOL -> new SeparateRole(mode, config);
      case ALL -> {
        AllRoles all = new AllRoles();
        yield new Adapted(() -> all.start(config), all::close);
      }
    };
  }

  @Override
  public EmbeddedRuntime embedded() {
    return new AllRoles();
  }
}
