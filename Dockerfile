# Built in one stage and run in another: the final image has neither the sources nor the development dependencies.
# docker/pin-images.sh names the same image by its digest.
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY prisma prisma
COPY src src
COPY dashboard dashboard
COPY graphiql graphiql
COPY schema/clients schema/clients
COPY schema/operations schema/operations
RUN node scripts/prepare.mjs && npm prune --omit=dev
# Needed to build and start a clone, and more than half of the remaining size; nothing of it runs from here on.
RUN npm uninstall --no-save --omit=dev prisma esbuild vite gql.tada graphiql @graphiql/react @graphiql/plugin-doc-explorer @graphiql/plugin-history react react-dom preact @observablehq/plot @preact/signals @urql/core @urql/exchange-graphcache @urql/preact wouter-preact

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 MILEPOST_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/main.js /app/dist/main.js.map /app/dist/milepost.js /app/dist/milepost.js.map dist/
COPY --from=build /app/dist/dashboard dist/dashboard
COPY --from=build /app/dist/graphiql dist/graphiql
COPY package.json ./
COPY --chmod=0755 docker/milepost /usr/local/bin/milepost
COPY prisma/migrations prisma/migrations
COPY schema/milepost.graphql schema/milepost.graphql
COPY prisma/seed prisma/seed
# The embedded database lives here, unless DATABASE_URL names a server.
RUN mkdir --mode=0700 /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
# The first start loads the seed facts, which takes a while on a small machine.
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself without npm in between, so that the stop signal reaches the server.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=64", "dist/main.js"]
