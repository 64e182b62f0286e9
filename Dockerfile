# syntax=docker/dockerfile:1
# The relay alone, without redis-server: set REDIS_URL to a Redis, as docker-compose.yml does.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Install scripts are not needed: the only important one installs Node 24, which is here already.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY src src
RUN npm run build

FROM node:24-slim
LABEL org.opencontainers.image.title="mention-relay" \
      org.opencontainers.image.description="Forwards the Facebook group mentions that Groouply finds to Slack, Discord, Teams, Telegram, Google Chat, ntfy or any webhook" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
# dist/ contains the packages.
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config/example.env config/example.env
COPY config/templates config/templates
# By default Node and the C library use twice the memory under load: docs/performance.md.
ENV MALLOC_ARENA_MAX=1
ENV NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=512"
# The relay writes into this file whether it is healthy. /dev/shm is writable even with --read-only.
ENV MENTION_RELAY_HEALTH_FILE=/dev/shm/mention-relay-health
USER node
# The program is process 1 and handles the signal itself: no shell and no npm in between.
STOPSIGNAL SIGTERM
# The file gets old if the relay hangs. Starting Node for each check would cost more than the idle relay.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD health=$(find "$MENTION_RELAY_HEALTH_FILE" -mmin -1 -exec cat {} +); \
      echo "${health:-no sign of the relay for a minute}"; \
      test "$health" = healthy
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run"]
