# The relay alone, to be used with a Redis: docker build -t mention-relay .
# With an embedded Redis:                   docker build -t mention-relay:standalone --target standalone .
# Needs BuildKit, the builder of Docker 23 and newer.

# On the builder's own processor: dist/ is the same for all.
FROM --platform=$BUILDPLATFORM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Install scripts are not needed: the only important one installs Node 24, which is here already.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY src src
RUN npm run build

FROM node:24-slim AS base
WORKDIR /app
# dist/ contains the packages.
COPY --from=build /app/dist dist
COPY package.json LICENSE scripts/container-init.sh ./
COPY config/example.env config/example.env
COPY config/templates config/templates
ENV NODE_ENV=production
# By default Node and the C library use twice the memory under load: docs/performance.md.
ENV MALLOC_ARENA_MAX=1
ENV NODE_OPTIONS="--max-semi-space-size=8 --max-old-space-size=512"
# The relay touches this file while it runs. /dev/shm is writable even with --read-only.
ENV MENTION_RELAY_HEALTH_FILE=/dev/shm/mention-relay-health
STOPSIGNAL SIGTERM
# The file gets old if the relay hangs. Starting Node for each check would cost more than the idle relay.
HEALTHCHECK --interval=30s --timeout=20s --retries=2 \
  CMD test "$(find "$MENTION_RELAY_HEALTH_FILE" -mmin -1)" || { echo hangs or did not start: see the log; exit 1; }
ENTRYPOINT ["/app/container-init.sh"]
CMD ["run"]
ARG VERSION=0.1.0 REVISION CREATED
LABEL org.opencontainers.image.title="mention-relay" \
      org.opencontainers.image.description="Forwards the Facebook group mentions that Groouply finds to Slack, Discord, Teams, Telegram, Google Chat, ntfy or any webhook" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/mention-relay/mention-relay" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"

FROM base AS standalone
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -m 700 -o 1000 -g 1000 /data
ENV DATA_DIR=/data
VOLUME /data
USER 1000:1000

# The last one is the default.
FROM base AS relay
USER 1000:1000
