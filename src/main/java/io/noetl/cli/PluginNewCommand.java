package io.noetl.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin new}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Makes a folder with the source of a plug-in, its build line, manifest and fixture. The last",
      "part of the folder is the plug-in's name."
    },
    footer = {"", "Exit code: 0 made, 2 the folder exists or cannot be made."})
final class PluginNewCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");
  private static final String KIT = "/plugin-kit/";

  private final Cli cli;

  @Parameters(paramLabel = "FOLDER", description = "Such as greet or tools/greet.")
  private @Nullable Path folder;

  @Option(
      names = "--language",
      paramLabel = "LANGUAGE",
      description = "c (default), assemblyscript or rust.")
  private PluginLanguage language = PluginLanguage.c;

  PluginNewCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Path place = Options.given(folder);
    String name = String.valueOf(place.getFileName());
    if (!NAME.matcher(name).matches()) {
      throw new UserError(
          "Expected a name of lower-case letters, digits and hyphens, but got '" + name + "'");
    }
    if (Files.exists(place)) {
      throw new UserError("Expected " + place + " not to exist yet, but it does");
    }
    Map<String, String> files = language.files(name);
    files.forEach((file, from) -> write(place.resolve(file), template(from, name)));
    if (!place.resolve("build.sh").toFile().setExecutable(true)) {
      cli.err().println("build.sh could not be made executable; run it with sh");
    }
    cli.out().println(place + " is made; next: noetl plugin build " + place);
    return Exit.OK;
  }

  private static String template(String from, String name) {
    try (InputStream in = PluginNewCommand.class.getResourceAsStream(KIT + from)) {
      if (in == null) {
        throw new IllegalStateException(
            "Expected " + KIT + from + " in the jar, but it is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@NAME@", name);
    } catch (IOException e) {
      throw new IllegalStateException("Expected to read " + KIT + from, e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Path parent = file.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UserError("Expected to write " + file + ", but " + e.getMessage());
    }
  }
}
