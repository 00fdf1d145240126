package io.noetl.tool.shell;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.process.Executables;
import io.noetl.tool.process.ProcessGroups;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Commands that are ready to be run.
 *
 * @param shell what comes before the text of each command
 * @param commands in their order, at least one
 * @param directory where they run; null = a private one
 * @param environment all of it
 * @param limit for all of them together; null = none
 * @param capture whether the result keeps their output
 */
record ShellPlan(
    List<String> shell,
    List<String> commands,
    @Nullable Path directory,
    Map<String, String> environment,
    @Nullable Duration limit,
    boolean capture) {

  ShellPlan {
    shell = List.copyOf(shell);
    commands = List.copyOf(commands);
    environment = Map.copyOf(environment);
  }

  /**
   * @throws InvalidConfig when a field is missing or cannot be used, or there is no such shell
   */
  static ShellPlan of(ToolCall call, ShellSettings settings) {
    Fields fields = new Fields(ToolKind.SHELL, call.fields());
    Map<String, String> environment = new HashMap<>(settings.environment());
    environment.putAll(fields.texts("env"));
    return new ShellPlan(
        shell(fields, settings, environment.getOrDefault("PATH", "")),
        commands(fields),
        directory(fields),
        environment,
        shorter(call.timeout(), fields.duration("timeout_seconds", "timeout")),
        fields.flag(true, "capture"));
  }

  private static List<String> shell(Fields fields, ShellSettings settings, String path) {
    String own = fields.text("shell");
    String name = own == null || own.isBlank() ? settings.shell() : own.strip();
    Optional<Path> program = Executables.find(name, path);
    if (program.isEmpty()) {
      throw new InvalidConfig(
          "Expected the shell '"
              + name
              + "' (setting shell.program, or field 'shell' of the tool) to be a program on PATH,"
              + " but it was not found");
    }
    return ProcessGroups.leader(List.of(program.get().toString(), "-c"), path);
  }

  private static List<String> commands(Fields fields) {
    Object given = fields.first("command", "cmd", "cmds", "commands");
    if (given instanceof List<?> list) {
      List<String> commands =
          list.stream()
              .map(
                  item -> {
                    if (item == null) {
                      throw new InvalidConfig(
                          "Invalid shell config: expected field 'cmds' to be a list of texts, but"
                              + " an item is null");
                    }
                    return Fields.asText(item);
                  })
              .toList();
      if (commands.isEmpty()) {
        throw InvalidConfig.missing(ToolKind.SHELL, "command");
      }
      return commands;
    }
    return List.of(fields.requiredText("command", "cmd", "cmds", "commands"));
  }

  private static @Nullable Path directory(Fields fields) {
    String name = fields.text("cwd");
    if (name == null || name.isBlank()) {
      return null;
    }
    try {
      Path directory = Path.of(name);
      if (Files.isDirectory(directory)) {
        return directory;
      }
    } catch (InvalidPathException e) {
      // Said below, as for one that does not exist.
    }
    throw new InvalidConfig(
        "Invalid shell config: expected field 'cwd' to be a directory of this worker, but '"
            + name
            + "' is none");
  }

  private static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }
}
