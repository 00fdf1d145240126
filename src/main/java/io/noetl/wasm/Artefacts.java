package io.noetl.wasm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled modules: the latest in memory, and all of them in a folder when there is one. Safe for
 * many threads and for many processes on one folder.
 *
 * <p>A compiled module is code with the rights of this process. A file is therefore believed only
 * when its authentication code over key and content is right; any other is reported and made anew.
 * The key of an entry is the digest of the module, the engine and the metering: the code depends on
 * nothing else, and holds no state that two plug-ins could share.
 */
final class Artefacts {
  private static final Logger LOG = LoggerFactory.getLogger(Artefacts.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final int CODE_BYTES = 32;

  private final long keptBytes;
  private final @Nullable Path folder;
  private final @Nullable SecretKeySpec key;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long weight;
  private final AtomicLong rejected = new AtomicLong();

  Artefacts(CompileSettings settings) {
    this.keptBytes = settings.keptBytes();
    this.folder = settings.folder();
    String secret = settings.key();
    this.key =
        secret == null
            ? null
            : new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  Optional<byte[]> get(String name) {
    lock.lock();
    try {
      byte[] present = kept.get(name);
      if (present != null) {
        return Optional.of(present);
      }
    } finally {
      lock.unlock();
    }
    Optional<byte[]> stored = read(name);
    stored.ifPresent(bytes -> keep(name, bytes));
    return stored;
  }

  void put(String name, byte[] compiled) {
    keep(name, compiled);
    if (folder == null || key == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path whole = Files.createTempFile(folder, "new-", ".part");
      byte[] code = code(key, name, compiled, 0);
      Files.write(
          whole, ByteBuffer.allocate(CODE_BYTES + compiled.length).put(code).put(compiled).array());
      move(whole, folder.resolve(file(name)));
    } catch (IOException e) {
      // The module runs all the same; the next process compiles it once more.
      LOG.warn("Expected to keep a compiled module in {}, but {}", folder, e.toString());
    }
  }

  /** Files that were there but not believed, since the start. */
  long rejected() {
    return rejected.get();
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Optional<byte[]> read(String name) {
    if (folder == null || key == null) {
      return Optional.empty();
    }
    Path file = folder.resolve(file(name));
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("Expected to read {}, but {}", file, e.toString());
      return Optional.empty();
    }
    if (all.length >= CODE_BYTES) {
      byte[] code = Arrays.copyOf(all, CODE_BYTES);
      if (MessageDigest.isEqual(code, code(key, name, all, CODE_BYTES))) {
        return Optional.of(Arrays.copyOfRange(all, CODE_BYTES, all.length));
      }
    }
    rejected.incrementAndGet();
    LOG.error(
        "Expected {} to be signed with plugin.artefact-key, but it is not: it was altered, moved,"
            + " or another process signs with another key. It is not loaded; the module is compiled"
            + " anew",
        file);
    return Optional.empty();
  }

  private static byte[] code(SecretKeySpec key, String name, byte[] bytes, int from) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] named = name.getBytes(StandardCharsets.UTF_8);
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(named.length).array());
      mac.update(named);
      mac.update(bytes, from, bytes.length - from);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected every JDK to have " + ALGORITHM, e);
    }
  }

  private static String file(String name) {
    return PluginInspector.digest(name.getBytes(StandardCharsets.UTF_8)) + ".plugin";
  }

  private void keep(String name, byte[] compiled) {
    lock.lock();
    try {
      byte[] before = kept.put(name, compiled);
      weight += compiled.length - (before == null ? 0 : before.length);
      Iterator<byte[]> oldest = kept.values().iterator();
      while (weight > keptBytes && oldest.hasNext()) {
        weight -= oldest.next().length;
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }
}
