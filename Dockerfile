# One image, every role: docker run IMAGE --mode=server (publisher, projector, system-pool, worker, all, migrate).

FROM maven:3.9-eclipse-temurin-25 AS build
# Not root: the throw-away PostgreSQL of the code generation refuses root where it cannot make a user namespace.
RUN useradd --create-home build
USER build
WORKDIR /home/build/noetl
COPY --chown=build . .
RUN mvn -q -B -ntp -Dquickly package

FROM eclipse-temurin:25-jre
# python3 runs the tool kind "python" of the roles worker and all.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home noetl \
    && mkdir /app /data \
    && chown noetl /app /data
COPY --from=build /home/build/noetl/target/noetl.jar /app/noetl.jar
COPY --from=build /home/build/noetl/docs/examples/hello.yaml /app/hello.yaml
USER 10001
WORKDIR /data
# One training run on this very JDK more than halves the start; without the cache the JVM starts all the same.
RUN java -XX:AOTCacheOutput=/app/noetl.aot -XX:+UseParallelGC -jar /app/noetl.jar run /app/hello.yaml || rm -f /app/noetl.aot
EXPOSE 8082
ENTRYPOINT ["java", "-XX:AOTCache=/app/noetl.aot", "-XX:+DisplayVMOutputToStderr", "-Xlog:disable", "-XX:MaxRAMPercentage=70", "-XX:+UseParallelGC", "-XX:GCTimeRatio=24", "-XX:MaxNewSize=192m", "-Xms64m", "-XX:-DontCompileHugeMethods", "-XX:+ExitOnOutOfMemoryError", "--sun-misc-unsafe-memory-access=allow", "-jar", "/app/noetl.jar"]
CMD ["--mode=all"]
