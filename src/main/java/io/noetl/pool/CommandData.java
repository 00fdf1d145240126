package io.noetl.pool;

import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.DataInterruptedException;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.References;
import io.noetl.tool.artifact.ResultReader;
import io.noetl.tool.artifact.ResultReader.Found;
import io.noetl.tool.artifact.ResultReader.Refused;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Data out of line for the templates of one command: got when first touched, and kept until the
 * command ends. Confined to the command's thread.
 */
final class CommandData implements DataSource {
  private final ResultReader results;
  private final Map<String, @Nullable Object> got = new HashMap<>();

  CommandData(ResultReader results) {
    this.results = results;
  }

  @Override
  public @Nullable Object data(Map<String, @Nullable Object> reference) {
    String uri = References.uri(reference);
    if (uri == null) {
      throw new TemplateException(
          "Expected a reference to have a uri of noetl://, but it has none");
    }
    if (got.containsKey(uri)) {
      return got.get(uri);
    }
    try {
      switch (results.read(uri)) {
        case Found(Object data) -> got.put(uri, data);
        case Refused(_, String sentence) -> throw new TemplateException(sentence);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataInterruptedException(e);
    }
    return got.get(uri);
  }
}
