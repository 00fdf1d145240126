package io.noetl.mode;

import io.noetl.archive.ArchiveStore;
import io.noetl.archive.FolderStore;
import io.noetl.archive.S3Store;
import io.noetl.config.ArchiveConfig;
import io.noetl.config.ArchiveS3Config;
import java.util.Optional;

/** Where archived executions are kept, by the settings. */
final class ArchiveStores {
  private ArchiveStores() {}

  /** The bucket when there is one, else the folder, else nothing. */
  static Optional<ArchiveStore> of(ArchiveConfig archive, ArchiveS3Config s3) {
    return s3.bucket().isPresent()
        ? s3.bucket()
            .map(
                bucket ->
                    new S3Store(
                        settings(s3, bucket),
                        s3.accessKey().reveal(),
                        s3.secretKey().reveal(),
                        s3.sessionToken().reveal()))
        : archive.folder().map(FolderStore::new);
  }

  private static S3Store.Settings settings(ArchiveS3Config s3, String bucket) {
    return new S3Store.Settings(
        s3.endpoint()
            .map(endpoint -> endpoint.replaceAll("/+$", ""))
            .orElse("https://s3." + s3.region() + ".amazonaws.com"),
        bucket,
        s3.prefix().map(prefix -> prefix.replaceAll("^/+|/+$", "") + "/").orElse(""),
        s3.region(),
        s3.pathStyle(),
        s3.connectTimeout(),
        s3.readTimeout(),
        s3.attempts(),
        s3.maxObject());
  }
}
