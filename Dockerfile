# Barnabas from this repository:  docker build -t barnabas .
# docs/deployment.md says how to run it.

FROM eclipse-temurin:17-jdk AS build
WORKDIR /src
COPY . .
# class path of broker and tools, side by side in each module's target/app
RUN ./mvnw -B -ntp -pl broker,tools -am -DskipTests package

FROM eclipse-temurin:25-jre
RUN groupadd --gid 10001 barnabas \
    && useradd --uid 10001 --gid barnabas --create-home barnabas \
    && mkdir -p /var/lib/barnabas /etc/barnabas \
    && chown barnabas:barnabas /var/lib/barnabas
COPY --from=build /src/broker/target/app /opt/barnabas/lib/broker
COPY --from=build /src/tools/target/app /opt/barnabas/lib/tools
COPY bin /opt/barnabas/bin
COPY container /opt/barnabas/container
COPY LICENSE /opt/barnabas/
ENV PATH=/opt/barnabas/bin:$PATH
USER barnabas
# class archives for this very JDK and these jars, so that brokers and tools start faster
RUN barnabas prepare
VOLUME /var/lib/barnabas
EXPOSE 9092 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/barnabas/container/entrypoint"]
