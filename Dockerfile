# syntax=docker/dockerfile:1
# The relay alone. There is no redis-server in it: give it a Redis with REDIS_URL, as
# docker-compose.yml does.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: the one that matters elsewhere brings a Node 24, and here it is one.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY src src
RUN npm run build

FROM node:24-slim
LABEL org.opencontainers.image.title="mention-relay" \
      org.opencontainers.image.description="Relays the Facebook group mentions that Groouply spots to Slack and HTTP webhooks" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
# The packages are in it.
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config/example.env config/example.env
# Left alone, Node and the C library take twice the memory under load: docs/performance.md.
ENV MALLOC_ARENA_MAX=1
ENV NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=512"
USER node
# The program is process 1 and handles the signal itself: no shell and no npm in between.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "dist/main.js", "status", "--healthcheck"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run"]
